"""All that decides what a profile means: the environment that counts, and the AWS files as they are now.

Where both are equal, a profile means the same: the same key, device, roles, endpoints and region.
"""

from __future__ import annotations

import os
import time

from watchword.fastpath.hand_out import set_by_us, users_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# The profile is named beside them; the profile that the environment names is then of no account.
_NAMES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
# What is secret is not written down. A profile's own key is signed with, whatever credentials stand here.
_SECRET = ("ACCESS_KEY", "SECRET", "TOKEN", "AWS_CREDENTIAL_EXPIRATION")
_FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
# A file that was changed a moment ago may be changed again with no trace in its times: the clock of a file
# system ticks in up to two seconds (FAT). Source: "FILETIME", Windows API, "File Times".
_TICK_NANOSECONDS = 2_000_000_000


class Surroundings:
    """`environment` is what does not change between two runs in one shell, `files` what an editor changes."""

    __slots__ = ("environment", "files")

    def __init__(self, *, environment: str, files: str) -> None:
        self.environment = environment
        self.files = files


def surroundings(profile: str, environment: Mapping[str, str]) -> Surroundings | None:
    """Return what decides now what `profile` means; None when that cannot be said quickly and with certainty.

    That is: without a home, with paths that depend on the folder or on further variables, and right after
    one of the files was changed.
    """
    home = environment.get("HOME", "")
    if not home.startswith("/"):
        return None
    lines = [f"profile={profile}", f"HOME={home}"]
    ours = set_by_us(environment)
    counting = sorted(name for name in environment if _counts(name) and name not in ours)
    lines += [f"{name}={environment[name]}" for name in counting]
    theirs = users_files(environment)
    files = [file_state(theirs.get(name) or f"{home}/.aws/{default}") for name, default in _FILES.items()]
    if any(file is None for file in files) or any("\n" in line for line in lines):
        return None
    return Surroundings(environment="\n".join(lines), files="\n".join(map(str, files)))


def file_state(path: str, *, settled: bool = True) -> str | None:
    """Return a line that says which file is at `path` and when it was changed; that it is absent, too.

    None when nobody can be sure: the path is not absolute or holds variables, the file cannot be reached, or
    (if `settled` is asked) it was changed within the last tick of a file system's clock.
    """
    if not path.startswith("/") or "$" in path or "\n" in path:
        return None
    try:
        state = os.stat(path)  # noqa: PTH116 pathlib is not for the fast path
    except (FileNotFoundError, NotADirectoryError):
        return f"- - - - - {path}"
    except OSError:
        return None
    changed = max(state.st_mtime_ns, state.st_ctime_ns)
    if settled and time.time_ns() - changed < _TICK_NANOSECONDS:
        return None
    return f"{state.st_dev} {state.st_ino} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {path}"


def _counts(name: str) -> bool:
    return name.startswith("AWS_") and name not in _NAMES and not any(part in name for part in _SECRET)
