"""The way: which session answers for a profile, worked out once and good as long as nothing has changed.

    watchword way 1
    profile=work                                what was asked, and the environment that counts
    HOME=/home/alice
    64768 1312 217 1764000000 … /home/alice/.aws/config           the AWS files as they were read
    64768 1313 116 1764000000 … /home/alice/.aws/credentials
                                                (an empty line)
    session=/home/alice/.cache/watchword/sessions/….session
    least_seconds=60                            less life than this is not worth answering with
    beside=64768 1399 84 … /home/alice/.cache/watchword/devices/….json
    region=eu-west-1
    set:AWS_ENDPOINT_URL=http://127.0.0.1:4566  what `exec` sets beside the session

Nothing in it is secret. Whatever is in doubt, there is no way, and the whole program works it out anew.
"""

from __future__ import annotations

import os
import time

from watchword.fastpath.place import cache_place
from watchword.fastpath.private_file import (
    BrokenSessionFile,
    UnsafeSessionFile,
    is_private_folder,
    read_private,
    replace,
)
from watchword.fastpath.surroundings import file_state, surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watchword.fastpath.surroundings import Surroundings

_HEAD = "watchword way 1"
_FOLDER = "ways"
_PRIME = 2**127 - 1
# No session lives longer than 36 hours, and so no way is of use for longer.
_LONGEST_LIFE_SECONDS = 36 * 3600
_LINE = '{"Version": 1, "AccessKeyId": "*", "SecretAccessKey": "*", "SessionToken": "*", "Expiration": "*"}'
_SHAPE = _LINE.split('"')
_VALUES = [at for at, part in enumerate(_SHAPE) if part == "*"]


class Found:
    """A session that answers for a profile now. Prints without its secrets.

    `line` is what a credential process prints; `credentials` are the key's id, its secret, the token and when
    they expire. `region` (None: nobody names one) and `settings` are what the profile says.
    """

    __slots__ = ("credentials", "line", "profile", "region", "settings")

    def __init__(
        self,
        *,
        line: str,
        credentials: tuple[str, str, str, str],
        profile: str,
        region: str | None,
        settings: Mapping[str, str],
    ) -> None:
        self.line = line
        self.credentials = credentials
        self.profile = profile
        self.region = region
        self.settings = settings

    def __repr__(self) -> str:
        return f"Found(profile={self.profile!r}, line=•••)"


def find(profile: str, environment: Mapping[str, str]) -> Found | None:
    """Return the session that answers for `profile`; None when it takes the whole program to know."""
    try:
        return _find(profile, environment)
    except (OSError, UnsafeSessionFile, BrokenSessionFile, ValueError):
        return None


def keep(
    seen: Surroundings,
    environment: Mapping[str, str],
    *,
    session: str,
    least_seconds: int,
    beside: Sequence[str],
    region: str | None,
    settings: Mapping[str, str],
) -> None:
    """Write the way: with `seen` around it, the file `session` answers.

    `seen` was taken before the AWS files were read. `beside` are further files that decided;
    `least_seconds` is the shortest life to answer with; `region` and `settings` are what the profile says.
    Never fails: without a way everything takes longer, and nothing else.
    """
    lines = [f"session={session}", f"least_seconds={least_seconds}"]
    lines += [f"beside={file_state(path, settled=False)}" for path in beside]
    lines += [f"region={region}"] if region else []
    lines += [f"set:{name}={text}" for name, text in settings.items()]
    place = cache_place(environment)
    if place is None or any("\n" in line for line in lines):
        return
    text = "\n".join([_HEAD, seen.environment, seen.files, "", *lines, ""])
    folder = f"{place}/{_FOLDER}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 pathlib is not for the fast path
        if is_private_folder(place) and is_private_folder(folder):
            _put(f"{folder}/{_name(seen)}", text)
            _sweep(folder)
    except (OSError, UnsafeSessionFile, BrokenSessionFile, ValueError):
        return


def _find(profile: str, environment: Mapping[str, str]) -> Found | None:
    seen, place = surroundings(profile, environment), cache_place(environment)
    if seen is None or place is None:
        return None
    if not all(is_private_folder(f"{place}{part}") for part in ("", f"/{_FOLDER}", "/sessions")):
        return None
    text = read_private(f"{place}/{_FOLDER}/{_name(seen)}")
    before, _, rest = text.partition("\n\n")
    if before != f"{_HEAD}\n{seen.environment}\n{seen.files}" or not rest.endswith("\n"):
        return None
    return _follow(profile, rest.split("\n")[:-1])


def _follow(profile: str, lines: list[str]) -> Found | None:
    said: dict[str, str] = {}
    settings: dict[str, str] = {}
    for line in lines:
        name, equals, text = line.partition("=")
        if not equals or (name == "beside" and text != file_state(text.split(" ", 5)[-1], settled=False)):
            return None
        if name.startswith("set:"):
            settings[name.removeprefix("set:")] = text
        else:
            said[name] = text
    line = read_private(said.get("session", "")).partition("\n")[0]
    credentials = _credentials(line)
    if credentials is None or credentials[3] < _in_seconds(int(said.get("least_seconds", ""))):
        return None
    return Found(
        line=line, credentials=credentials, profile=profile, region=said.get("region"), settings=settings
    )


def _credentials(line: str) -> tuple[str, str, str, str] | None:
    """Take apart the first line of a session file, which has one shape only; None for any other.

    It is what `json` writes of plain text, so between quotes there is exactly what was meant.
    """
    parts = line.split('"')
    if "\\" in line or not line.isascii() or len(parts) != len(_SHAPE):
        return None
    access_key_id, secret_access_key, session_token, expiration = (parts[at] for at in _VALUES)
    if not (access_key_id and secret_access_key and session_token):
        return None
    moment = expiration.translate(str.maketrans("123456789", "000000000"))
    shape = ["*" if at in _VALUES else part for at, part in enumerate(parts)]
    if shape != _SHAPE or moment != "0000-00-00T00:00:00Z":
        return None
    return access_key_id, secret_access_key, session_token, expiration


def _in_seconds(seconds: int) -> str:
    """Return the moment in so many seconds, as AWS writes it: such texts stand in the order of time."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def _name(seen: Surroundings) -> str:
    """Return a file name for what does not change. Two of the same name do no harm: all of it is compared."""
    return f"{int.from_bytes(seen.environment.encode(), 'big') % _PRIME:032x}.way"


def _put(path: str, text: str) -> None:
    try:
        if read_private(path) == text:
            return
    except FileNotFoundError:
        pass
    replace(path, text)


def _sweep(folder: str) -> None:
    """Remove what was not written anew for longer than any session lives."""
    oldest = time.time() - _LONGEST_LIFE_SECONDS
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.stat(follow_symlinks=False).st_mtime < oldest:
                os.unlink(entry.path)  # noqa: PTH108 pathlib is not for the fast path
