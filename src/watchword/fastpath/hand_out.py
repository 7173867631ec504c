"""A session as environment variables, for programs that know nothing of watchword, and the way back.

Source: "Environment variables to configure the AWS CLI", AWS CLI User Guide; AWS_CREDENTIAL_EXPIRATION
is read by the SDK for Python.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# AWS_SECURITY_TOKEN is the token's old name, and the next two are the key's: some programs read them first.
_SHADOWING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
)
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
)
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
PROFILE = "WATCHWORD_PROFILE"
SET_BY_US = "WATCHWORD_SET"
_BEFORE = "WATCHWORD_AWS_PROFILE"
# `serve` may put files that say nothing in the place of the user's AWS files; where those are is kept here.
HIDDEN_FILES = {
    "AWS_CONFIG_FILE": "WATCHWORD_AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE": "WATCHWORD_AWS_SHARED_CREDENTIALS_FILE",
}


class Variables:
    """What to set and what to unset, in this order: first unset. Prints without the values.

    A plain class: the import of `dataclasses` alone costs more than all that `exec` may add.
    """

    __slots__ = ("set", "unset")

    def __init__(self, *, unset: tuple[str, ...], set: Mapping[str, str]) -> None:  # noqa: A002 what it is
        self.unset = unset
        self.set = set

    def __repr__(self) -> str:
        return f"Variables(unset={self.unset!r}, set=•••)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Variables) and (self.unset, self.set) == (other.unset, other.set)

    __hash__ = None  # type: ignore[assignment]

    def applied_to(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment with them."""
        kept = {name: text for name, text in environment.items() if name not in self.unset}
        return kept | dict(self.set)


def set_by_us(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that a session brought into `environment` and nobody has changed since."""
    text = environment.get(SET_BY_US)
    if text is None:
        return {}
    import json  # rarely needed, and dear

    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(settings, dict):
        return {}
    return {name: text for name, text in settings.items() if environment.get(name) == text}


def users_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that say where the user's own AWS files are, whatever hides them."""
    ours = set_by_us(environment)
    kept = {name: environment.get(place if name in ours else name) for name, place in HIDDEN_FILES.items()}
    return {name: path for name, path in kept.items() if path is not None}


def variables_of(
    credentials: tuple[str, str, str, str],
    *,
    profile: str,
    region: str | None,
    settings: Mapping[str, str],
    environment: Mapping[str, str],
) -> Variables:
    """Return the variables that put a session in the place of the profile.

    `credentials` are the key's id, its secret, the session token, and when they expire, as AWS writes it.
    `region` and `settings` (endpoints, as variables) are what the profile says.
    `environment` is the one that was inherited. What it says of the region goes before the profile, as in
    AWS's own programs, unless an earlier session said it: what is set beside the credentials is listed in
    WATCHWORD_SET, so that it can be told from the user's own settings.
    """
    ours = set_by_us(environment)
    theirs = environment.keys() - ours.keys()
    brought = {name: region for name in _REGIONS if region and name not in theirs} | dict(settings)
    found = dict(zip(_CREDENTIALS, credentials, strict=True)) | brought
    found |= {PROFILE: profile, SET_BY_US: _as_json(brought)}
    before = environment.get("AWS_PROFILE") or environment.get(_BEFORE)
    if before:
        found[_BEFORE] = before
    files = {name: path for name, path in users_files(environment).items() if name in ours}
    places = [place for place in HIDDEN_FILES.values() if place in environment]
    return Variables(
        unset=(*_SHADOWING, *sorted(ours.keys() - brought.keys()), *places), set={**files, **found}
    )


def variables_after_logout(environment: Mapping[str, str]) -> Variables:
    """Return what gives a shell back what it had before it took the session; nothing when it took none."""
    if PROFILE not in environment:
        return Variables(unset=(), set={})
    ours = set_by_us(environment)
    names = [*_CREDENTIALS, *ours, PROFILE, SET_BY_US, _BEFORE, *HIDDEN_FILES.values()]
    found = {name: path for name, path in users_files(environment).items() if name in ours}
    before = environment.get(_BEFORE)
    if before and "AWS_PROFILE" not in environment:
        found["AWS_PROFILE"] = before
    return Variables(unset=tuple(name for name in names if name in environment), set=found)


def _as_json(settings: Mapping[str, str]) -> str:
    import json  # as above

    return json.dumps(settings, separators=(",", ":"))
