"""The line behind `credential_process =` that stands for a profile: written, and recognised.

It names this interpreter and a script of this installation by their paths. `-I` and `-S` leave out
what costs most of a start (`site` and its `.pth` files) and what the folder or the environment of the caller
could slip in.
"""

from __future__ import annotations

import os
import shlex
import sys

_SCRIPT = os.path.join("watchword", "fastpath", "process.py")  # noqa: PTH118 text, as it is written
_COMMAND = "credential-process"
_PROFILE_OPTION = "--profile"
_WITHOUT_SITE = ["-I", "-S"]


class UnwritableLine(ValueError):
    """The profile's name, or a path of this installation, cannot stand in the value of an INI file."""


def process_line(profile: str) -> str:
    """Return the command that answers for `profile`, quoted as both `shlex` and `sh -c` read it.

    The SDK for Python splits the line itself, others hand it to `sh -c`. Raises `UnwritableLine` when the
    name or a path of this installation cannot stand in an INI file's value.
    Source: "Sourcing credentials with an external process", AWS SDKs and Tools Reference Guide.
    """
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 pathlib is not for the fast path
    script = os.path.join(here, os.path.basename(_SCRIPT))  # noqa: PTH118, PTH119 as above
    words = [sys.executable or "", *_WITHOUT_SITE, script, profile]
    if not all(word and word.isprintable() for word in words):
        raise UnwritableLine(
            "the profile's name, or a path of this installation, is empty or holds a sign that cannot be seen"
        )
    return " ".join(map(shlex.quote, words))


def profile_of_line(text: str) -> str | None:
    """Return the profile that a `credential_process` line of ours stands for; None when it is not ours.

    Ours are the lines of `process_line`, of any installation, and `watchword credential-process PROFILE`
    as people write it. A line with further options means something else than the profile, and is not taken.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    if len(words) == len(_WITHOUT_SITE) + 3 and words[1:-2] == _WITHOUT_SITE:
        script, profile = words[-2:]
        return profile if profile and f"{os.sep}{script}".endswith(f"{os.sep}{_SCRIPT}") else None
    if len(words) > 2 and os.path.basename(words[0]) == "watchword" and words[1] == _COMMAND:  # noqa: PTH119
        return _only_profile(words[2:])
    return None


def _only_profile(words: list[str]) -> str | None:
    match words:
        case [word] if word.startswith(f"{_PROFILE_OPTION}="):
            return word.partition("=")[2] or None
        case [word] if not word.startswith("-"):
            return word or None
        case [option, name] if option == _PROFILE_OPTION:
            return name or None
        case _:
            return None
