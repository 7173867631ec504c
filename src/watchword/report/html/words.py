"""What the report calls things: names short enough for a picture, kinds of credentials, spans of time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from watchword.errors import printable
from watchword.iam import CredentialKind

_CREDENTIALS: Final = {
    CredentialKind.ROOT_KEY: "root's access key",
    CredentialKind.ACCESS_KEY: "access key",
    CredentialKind.SESSION: "session, no MFA",
    CredentialKind.SESSION_MFA: "session with MFA",
    CredentialKind.CONSOLE: "console password",
    CredentialKind.CONSOLE_MFA: "console with MFA",
    CredentialKind.LOGIN: "sign-in by `aws login`",
    CredentialKind.LOGIN_MFA: "sign-in with MFA",
    CredentialKind.ROLE_SESSION: "role session",
    CredentialKind.FEDERATED: "federated session",
    CredentialKind.SERVICE_ROLE: "role of a service",
    CredentialKind.SERVICE_LINKED_ROLE: "service-linked role",
    CredentialKind.FORWARDED: "through a service",
    CredentialKind.FORWARDED_MFA: "through a service",
    CredentialKind.SERVICE: "an AWS service",
}
_SOURCE: Final = re.compile(r"https://[a-z0-9.-]+/[\w./#?&=%~+-]*", re.ASCII)
_DAY: Final = 86400


def short_name(arn: str) -> str:
    """Return what people call a thing by: `alice`, `role deploy` as `deploy`, a bucket's name.

    What is no ARN stays as it is.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return arn
    rest = parts[5]
    if rest == "root":
        return f"root of {parts[4]}"
    if parts[2] == "sts" and rest.startswith("assumed-role/"):
        return rest.split("/")[1]
    if parts[2] in {"iam", "sts"}:
        return rest.rpartition("/")[2]
    return rest


def credential_words(kind: str) -> str:
    """Return a kind of credentials in words; one that is not known here as it is written."""
    known = kind in CredentialKind.__members__.values()
    return _CREDENTIALS[CredentialKind(kind)] if known else kind


def counted(number: int, one: str, many: str | None = None) -> Markup:
    """Return `1 user`, `2 users`, `21,874 users` for HTML."""
    word = one if number == 1 else many or f"{one}s"
    return Markup("{}&nbsp;{}").format(grouped(number), word)


def grouped(number: int) -> str:
    """Return a number with commas between its thousands."""
    return f"{number:,}"


def moment(at: datetime | None) -> str:
    """Return a time to the minute; UTC, as all are here."""
    return "not recorded" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def day(at: datetime | None) -> str:
    """Return the day of a time."""
    return "" if at is None else f"{at:%Y-%m-%d}"


def span(since: datetime | None, until: datetime | None) -> str:
    """Return how long it is from one time to another, in whole days."""
    if since is None or until is None:
        return ""
    days = int((until - since).total_seconds() // _DAY)
    return "less than a day" if days < 1 else "1 day" if days == 1 else f"{days} days"


def shown(value: object) -> object:
    """Return what may stand in the page: no sign that turns text round, hides, or commands a terminal.

    Every expression of every template passes through here; line ends stay.
    """
    if value is None:
        return ""
    if not isinstance(value, str) or hasattr(value, "__html__") or value.isprintable():
        return value
    return "\n".join(printable(line) for line in value.expandtabs(4).split("\n"))


def prose(text: str | None) -> Markup:
    """Return a sentence of ours for HTML: what stands between backticks as code, isolated."""
    parts = str(shown(text)).split("`")
    if len(parts) % 2 == 0:  # a backtick without a partner is a sign like any other
        parts = ["`".join(parts)]
    made = (
        Markup("<bdi class=code>{}</bdi>").format(broken(part)) if at % 2 else Markup("{}").format(part)
        for at, part in enumerate(parts)
    )
    return Markup("").join(made)


def broken(text: str | None) -> Markup:
    """Return a name for HTML that may break after colons and slashes and before capitals."""
    escaped = str(escape(shown(text)))
    return Markup(re.sub(r"(?<=[:/])(?=[^:/])|(?<=[a-z])(?=[A-Z])", "<wbr>", escaped))  # noqa: S704 escaped above


def set_back(text: str) -> str:
    """Return a statement cut out of a document with its further lines as far to the left as its first."""
    first, *others = text.expandtabs(4).split("\n")
    depth = min((len(line) - len(line.lstrip()) for line in others if line.strip()), default=0)
    return "\n".join([first, *(line[depth:] for line in others)])


def diff_lines(diff: str) -> Markup:
    """Return a unified diff for HTML, what goes as `del` and what comes as `ins`."""
    return Markup("\n").join(_diff_line(line) for line in diff.rstrip("\n").split("\n"))


def _diff_line(line: str) -> Markup:
    text = str(shown(line))
    if line.startswith(("--- ", "+++ ", "@@")):
        return Markup("<span class=head>{}</span>").format(text)
    if line.startswith("-"):
        return Markup("<del>{}</del>").format(text)
    return Markup("<ins>{}</ins>").format(text) if line.startswith("+") else Markup("{}").format(text)


def is_link(text: str | None) -> bool:
    """Whether a source is an address that may be clicked: plain https and nothing else."""
    return text is not None and _SOURCE.fullmatch(text) is not None
