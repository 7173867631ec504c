"""What this process inherited from a shell that took a session earlier, or from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from watchword.fastpath.hand_out import HIDDEN_FILES, PROFILE, SET_BY_US, set_by_us, users_files


def forget_settings_of_a_session(environment: MutableMapping[str, str]) -> None:
    """Take those settings out of `environment`: another profile has a region and endpoints of its own."""
    files = users_files(environment)
    for name in set_by_us(environment):
        del environment[name]
    for name in (SET_BY_US, *HIDDEN_FILES.values()):
        environment.pop(name, None)
    environment.update(files)


def ignored_credentials(environment: Mapping[str, str]) -> str | None:
    """Return a sentence about credentials in environment variables that are not used; None if there are none.

    A session that watchword put there itself is not worth a word.
    """
    if PROFILE in environment:
        return None
    if environment.get("AWS_SESSION_TOKEN"):
        return "the session in AWS_SESSION_TOKEN is not used: no session can be made from a session"
    if environment.get("AWS_ACCESS_KEY_ID"):
        return "the key in AWS_ACCESS_KEY_ID is not used: watchword signs in with the key of a profile"
    return None
