"""A profile that asks watchword for its credentials, each time that a program needs some."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watchword.errors import UsageError
from watchword.fastpath.line import UnwritableLine, process_line, profile_of_line
from watchword.local.aws_files import AwsFile, config_path, config_section, edit
from watchword.session.profile_files import (
    PROCESS,
    SEE,
    InTheWay,
    ProfileFiles,
    ProfileKind,
    read_profile_files,
)
from watchword.session.profile_settings import with_settings_of, without_copied

DEFAULT: Final = "default"
_ROLE: Final = "-role"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProfile:
    """A profile that shall stand for `source`, or for a role that is assumed from it."""

    profile: str
    source: str
    role_arn: str | None = None

    @property
    def role_profile(self) -> str:
        """Return the profile that says which role: in the same one, it would go before the line."""
        return f"{self.profile}{_ROLE}"

    @property
    def line(self) -> str:
        """Return what stands behind `credential_process`; raise `UsageError` for a name that cannot."""
        try:
            return process_line(self.source if self.role_arn is None else self.role_profile)
        except UnwritableLine as error:
            raise UsageError(str(error), hint="give the profile another name", see=SEE) from None

    def sections(self, config: AwsFile) -> Mapping[str, Mapping[str, str]]:
        """Return what a config file says of it: settings by section."""
        profiles = [self.profile] if self.role_arn is None else [self.profile, self.role_profile]
        names = [config_section(config, profile) for profile in profiles]
        return {name: config.section(name) for name in names}


def config_with(new: NewProfile, files: ProfileFiles) -> AwsFile:
    """Return the config file with the profile in it; nothing is written.

    Raises `InTheWay` when something else stands there, `UsageError` when it would stand for itself.
    """
    _refuse_a_circle(new, files)
    _refuse_if_in_the_way(new, files)
    section = config_section(files.config, new.profile)
    file = files.config.set(section, {PROCESS: new.line})
    file = with_settings_of(file, section, files.settings(new.source))
    if new.role_arn is None:
        return file
    role = {"role_arn": new.role_arn, "source_profile": new.source}
    return file.set(config_section(file, new.role_profile), role)


def add_profile(new: NewProfile, environment: Mapping[str, str]) -> bool:
    """Write the profile into the config file; return whether anything changed.

    Raises as `config_with`, and `UnreadableAwsFile`, `NotRewritten`.
    """

    def change(config: AwsFile) -> AwsFile:
        credentials = read_profile_files(environment).credentials
        return config_with(new, ProfileFiles(config=config, credentials=credentials))

    return edit(config_path(environment), change)


def default_source(files: ProfileFiles) -> str | None:
    """Return the profile that `[default]` stands for; None when it is something of its own."""
    return profile_of_line(files.settings(DEFAULT).get(PROCESS, ""))


def reset_default(environment: Mapping[str, str]) -> bool:
    """Take out of `[default]` what stands for another profile; return whether there was any of it."""

    def change(file: AwsFile) -> AwsFile:
        section = config_section(file, DEFAULT)
        if profile_of_line(file.get(section, PROCESS) or "") is None:
            return file
        file = without_copied(file, section).unset(section, [PROCESS])
        return file if file.section(section) else file.remove_section(section)

    return edit(config_path(environment), change)


def _refuse_a_circle(new: NewProfile, files: ProfileFiles) -> None:
    name: str | None = new.source
    seen: set[str] = set()
    while name and name not in seen:
        if name == new.profile:
            raise UsageError(
                f"profile `{new.profile}` cannot stand for itself",
                hint="give the new profile a name of its own, and the one with the key behind `--from`",
                see=SEE,
            )
        seen.add(name)
        settings = files.settings(name)
        name = profile_of_line(settings.get(PROCESS, "")) or settings.get("source_profile")


def _refuse_if_in_the_way(new: NewProfile, files: ProfileFiles) -> None:
    reason = _in_the_way(files.kind(new.profile))
    if reason is not None:
        raise InTheWay(f"profile `{new.profile}` {reason}", hint=_way_round(new), see=SEE)
    of_role = files.settings(new.role_profile)
    if new.role_arn is not None and of_role and of_role.get("source_profile") != new.source:
        raise InTheWay(
            f"there is a profile `{new.role_profile}` already, where the role would be written",
            hint="take another name for the new profile",
            see=SEE,
        )


def _in_the_way(kind: ProfileKind) -> str | None:
    match kind:
        case ProfileKind.NONE | ProfileKind.WATCHWORD:
            return None
        case ProfileKind.KEY:
            return "holds a key, which would go before watchword's line, and works without MFA"
        case ProfileKind.SESSION | ProfileKind.OTHER_SESSION:
            return "holds a session, which would go before watchword's line"
        case ProfileKind.ROLE | ProfileKind.WEB_IDENTITY:
            return "assumes a role itself, which would go before watchword's line"
        case ProfileKind.IDENTITY_CENTER | ProfileKind.AWS_LOGIN:
            return "signs in elsewhere, which would go before watchword's line"
        case ProfileKind.OTHER_PROCESS:
            return "gets its credentials from another program already"


def _way_round(new: NewProfile) -> str:
    if new.profile == DEFAULT:
        return f"it stays as it is; `export AWS_PROFILE={shlex.quote(new.source)}` does it for one shell"
    return "take another name for the new profile"
