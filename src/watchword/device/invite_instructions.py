"""What a person is told to do: a text of their own, in which nothing is secret."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import re
from pathlib import Path
from typing import Final

from watchword.aws import Identity
from watchword.aws.password import console_address
from watchword.device.invite_person import Finding, Password, Person, Standing, Way
from watchword.errors import printable
from watchword.local.rewrite import Care, rewrite_bytes

SEE: Final = "docs/devices/invite.md"
_CARE: Final = Care(
    hint="make the folder writable, or name another: `--out FOLDER`", see=SEE, make=True, private=True
)
_LONGEST: Final = 80
_MARK: Final = "<!-- watchword {digest}: this line tells whether somebody has changed the text above -->\n"
_MARKED: Final = re.compile(rb"(?s)(.*)<!-- watchword ([0-9a-f]{16}):[^\n]*-->\n?")
_APPS: Final = "any that scans QR codes, such as Aegis, 2FAS, Google Authenticator or Microsoft Authenticator"

_TEXT: Final = """\
# A second factor for `{user_name}`

{name}Your user in AWS account {account} needs an MFA device: an app on your phone that shows a new code every
half minute. It takes a minute to set up.

{steps}

Something does not work, or your phone is lost later? Ask {contact}.

The QR code is a secret, like the codes and your key: nobody needs to see them, and nobody
will ask you for them.

"""


class Written(enum.StrEnum):
    """What became of a file of instructions."""

    NEW = "new"
    UNCHANGED = "unchanged"
    REWRITTEN = "rewritten"
    EDITED = "edited"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Who invites: the account that signs, and whom to ask (None: the administrator)."""

    identity: Identity
    contact: str | None = None


def file_name(user_name: str) -> str:
    """Return the name of a user's file.

    A first sign that would hide the file or begin an option is written as a number, such as `%2E`. No user's
    name has a `%`, so that no two users share a file.
    """
    first = user_name[0]
    safe = first if first.isalnum() or first == "_" else f"%{ord(first):02X}"
    return f"{safe}{user_name[1:]}.md"


def instructions(person: Person, finding: Finding, host: Host) -> str:
    """Return the text for a person, as Markdown: which app, which commands, whom to ask."""
    name = _plain(person.full_name) if person.full_name else None
    steps = (
        _in_console(person, finding, host)
        if finding.way is Way.CONSOLE
        else _in_terminal(person, finding, host)
    )
    numbered = [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
    contact = _plain(host.contact) if host.contact else "your administrator"
    text = _TEXT.format(
        user_name=person.user_name,
        account=host.identity.account,
        name=f"For {name}.\n\n" if name else "",
        steps="\n".join(numbered),
        contact=contact,
    )
    return text + _MARK.format(digest=_digest(text.encode()))


def put(path: Path, text: str) -> Written:
    """Write instructions, mode 0600, unless somebody has changed what is there; raise `NotRewritten`."""
    written = Written.NEW

    def change(before: bytes) -> bytes:
        nonlocal written
        if before and not _is_ours(before):
            written = Written.EDITED
            return before
        after = text.encode()
        written = Written.NEW if not before else Written.UNCHANGED if before == after else Written.REWRITTEN
        return after

    rewrite_bytes(path, change, _CARE)
    return written


def _in_terminal(person: Person, finding: Finding, host: Host) -> tuple[str, ...]:
    profile = person.user_name
    no_key = "" if finding.active_keys else " You need an access key for that; if you have none, ask."
    prepared = (
        f"Install an authenticator app on your phone: {_APPS}.",
        "`watchword --version` in a terminal tells whether watchword is on this computer; if it is not, ask.",
        (
            "Your access key belongs into a profile on this computer. `aws configure list-profiles` shows"
            " those that there are; if yours is not among them:"
            f" `aws configure --profile {profile}`.{no_key} If it has another name, type that one below."
        ),
    )
    scan = "Scan it with the app, and type the code that the app shows, then the one after it."
    again = f"From then on, `watchword login {profile}` and one code sign you in."
    then = "Then it asks for your first password, and for the new one that you choose."
    if finding.password is Password.MUST_CHANGE:
        return (
            *prepared,
            f"`watchword device first-sign-in {profile}` shows a QR code. {scan} {then}",
            again,
            f"The AWS console{_at(host)} takes the new password, and a code.",
        )
    return (*prepared, f"`watchword device enroll {profile}` shows a QR code. {scan}", again)


def _in_console(person: Person, finding: Finding, host: Host) -> tuple[str, ...]:
    with_key = (
        " with your security key. You keep it; the command line cannot use it, hence the app"
        if finding.standing is Standing.FIDO_ONLY
        else ""
    )
    changes = " It asks for a new password first." if finding.password is Password.MUST_CHANGE else ""
    device = f"{person.user_name}{'-2' if finding.devices else ''}"
    return (
        f"Install an authenticator app on your phone: {_APPS}.",
        f"Sign in to the AWS console{_at(host)} as `{person.user_name}`{with_key}.{changes}",
        "Choose your name at the top right, then *Security credentials*, then *Assign MFA device*.",
        (
            f"Name the device `{device}`, choose *Authenticator app*, scan the QR code, and type the code"
            " that the app shows, then the one after it."
        ),
        "Sign out, and in again: from now on you are asked for a code.",
    )


def _at(host: Host) -> str:
    """Return where one signs in; nothing for a partition whose page is not known."""
    address = console_address(host.identity.account, host.identity.partition)
    return f" ({address})" if address else ""


def _is_ours(content: bytes) -> bool:
    found = _MARKED.fullmatch(content)
    return found is not None and _digest(found.group(1)).encode() == found.group(2)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]


def _plain(text: str) -> str:
    """Return what a list or an option says as one short line that means nothing in Markdown."""
    line = printable(" ".join(text.split()))[:_LONGEST]
    return re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", line)
