"""The `mfa_serial` of a profile: the line for other tools, shown first, written if that is wanted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from watchword.errors import WatchwordError
from watchword.local.aws_files import AwsFile, NotRewritten, config_section, edit
from watchword.local.terminal import Terminal
from watchword.session import Entrance
from watchword.session.profile_files import KEY_ID, ProfileFiles, places, read_profile_files

MFA_SERIAL: Final = "mfa_serial"
# Source: aws-mfa's README: the profile with the key is `NAME-long-term`, and its device `aws_mfa_device`.
_AWS_MFA_DEVICE: Final = "aws_mfa_device"
_LONG_TERM: Final = "-long-term"
_SOURCE: Final = "source_profile"
_SEE: Final = "docs/getting-in/files.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A setting of a profile that gets in with the same key, and names another device. It is not changed."""

    profile: str
    setting: str
    serial_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A line of an AWS file that was offered, and what became of it.

    `section` is without brackets; `replaces` is the serial number that stood there. `needed` is false when
    the line stood there already, or no file can be read. `why_not` is why it was not written; None when it
    was, or nobody wanted it.
    """

    file: Path
    section: str
    line: str
    replaces: str | None
    needed: bool
    written: bool
    why_not: str | None
    elsewhere: tuple[Elsewhere, ...]


def offer_mfa_serial(
    entrance: Entrance, serial_number: str, *, terminal: Terminal | None, yes: bool
) -> Offered:
    """Offer to write `serial_number` as `mfa_serial` into the profile with the key of `entrance`.

    The line, its place and what it replaces are shown on `terminal`, and it is written when the answer is
    yes; with `yes` without asking. Without a terminal nobody is asked, and nothing is shown. It goes where
    the profile has one already, else into the config file; every other byte of the file stays.
    A file that cannot be read or written is no error, but `why_not`.
    Raises `KeyboardInterrupt` when the question is left that way, and then nothing is written.
    """
    profile = entrance.profile.name
    try:
        offer = _offer(profile, serial_number, os.environ)
    except WatchwordError as error:
        offer = _nowhere(profile, serial_number, error.message)
    if terminal is not None:
        for text in shown(offer):
            terminal.say(text)
    if not offer.needed:
        return offer
    if not yes and (terminal is None or not _agreed(terminal)):
        return offer
    try:
        _write(offer, serial_number)
    except WatchwordError as error:
        return replace(offer, why_not=error.message)
    return replace(offer, written=True)


def shown(offer: Offered) -> tuple[str, ...]:
    """Return the change as lines to read: where, what goes and what comes. Nothing when there is none."""
    if not offer.needed:
        return () if offer.why_not is None else (f"`{offer.line}` was not written: {offer.why_not}",)
    goes = () if offer.replaces is None else (f"- {MFA_SERIAL} = {offer.replaces}",)
    return (f"for other tools, in {offer.file} under [{offer.section}]:", *goes, f"+ {offer.line}")


def _agreed(terminal: Terminal) -> bool:
    try:
        return terminal.confirm("write this line?")
    except KeyboardInterrupt:
        terminal.say("the line was not written; the device is enabled all the same")
        raise


def _offer(profile: str, serial_number: str, environment: Mapping[str, str]) -> Offered:
    files = read_profile_files(environment)
    config, credentials = places(environment)
    # What stands in the credentials file goes before. Source: `Session.full_config` of botocore.session.
    in_credentials = files.credentials.get(profile, MFA_SERIAL) is not None
    section = profile if in_credentials else config_section(files.config, profile)
    before = (files.credentials if in_credentials else files.config).get(section, MFA_SERIAL)
    return Offered(
        file=credentials if in_credentials else config,
        section=section,
        line=f"{MFA_SERIAL} = {serial_number}",
        replaces=None if before == serial_number else before,
        needed=before != serial_number,
        written=False,
        why_not=None,
        elsewhere=_elsewhere(files, profile, serial_number),
    )


def _nowhere(profile: str, serial_number: str, why_not: str) -> Offered:
    return Offered(
        file=Path("~/.aws/config"),
        section="default" if profile == "default" else f"profile {profile}",
        line=f"{MFA_SERIAL} = {serial_number}",
        replaces=None,
        needed=False,
        written=False,
        why_not=why_not,
        elsewhere=(),
    )


def _write(offer: Offered, serial_number: str) -> None:
    def change(file: AwsFile) -> AwsFile:
        # What was shown is what was agreed to.
        if file.get(offer.section, MFA_SERIAL) not in {offer.replaces, serial_number}:
            raise NotRewritten(
                f"`{offer.file}` was not changed: another program has written a `{MFA_SERIAL}` meanwhile",
                see=_SEE,
            )
        return file.set(offer.section, {MFA_SERIAL: serial_number})

    edit(offer.file, change)


def _elsewhere(files: ProfileFiles, profile: str, serial_number: str) -> tuple[Elsewhere, ...]:
    return tuple(
        Elsewhere(profile=name, setting=setting, serial_number=named)
        for name in files.names()
        if _gets_in_with(files, name, profile)
        for setting in (MFA_SERIAL, _AWS_MFA_DEVICE)
        if (named := files.settings(name).get(setting)) not in {None, serial_number}
        and named is not None
        and (name, setting) != (profile, MFA_SERIAL)
    )


def _gets_in_with(files: ProfileFiles, name: str, profile: str) -> bool:
    """Return whether a profile begins with the key of `profile`, itself or by its `source_profile`."""
    key_id = files.settings(profile).get(KEY_ID)
    seen: set[str] = set()
    current: str | None = name
    while current and current not in seen:
        seen.add(current)
        settings = files.settings(current)
        if current == profile or f"{current}{_LONG_TERM}" == profile:
            return True
        if key_id is not None and settings.get(KEY_ID) == key_id:
            return True
        current = settings.get(_SOURCE)
    return False
