"""What the person at the keyboard knows and types: keys from the screen, codes from the phone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from watchword.tour.stage import Stage, StageError

USER = "testuser"
ADMINISTRATOR = "admin"
_PHONE = "watchword sandbox phone --user {} --output json"


def note_key(stage: Stage, output: str) -> None:
    """Remember the key that `aws iam create-access-key` printed."""
    found = re.search(r"\{.*\}", output, re.DOTALL)
    key = json.loads(found.group())["AccessKey"] if found else {}
    stage.notes["access key id"] = key.get("AccessKeyId", "")
    stage.notes["secret access key"] = key.get("SecretAccessKey", "")


def note_environment(stage: Stage, output: str) -> None:
    """Keep what `eval` has set, for all that is typed later; `output` is one `NAME=value` a line."""
    pairs = (line.partition("=") for line in output.splitlines())
    stage.environment.update({name: value for name, found, value in pairs if found})


def from_notes(name: str) -> Callable[[Stage], str]:
    """Return what types the note of that name."""
    return lambda stage: stage.notes[name]


def literally(text: str) -> Callable[[Stage], str]:
    """Return what types `text`."""
    return lambda _stage: text


def code(stage: Stage) -> str:
    """Look at the phone: the code that it shows now, remembered as the last one typed."""
    shown = _look(stage)
    stage.notes["next code"] = shown["next"]
    return _keep(stage, shown["code"])


def next_code(stage: Stage) -> str:
    """The code that follows the one looked up last; a second look might come one code too late."""
    return _spend(stage, stage.notes["next code"])


def unused_code(stage: Stage) -> str:
    """The code that the phone shows, or the one after it where that one has opened a session already."""
    shown = _look(stage)
    spent = stage.notes["spent"].split()
    return _spend(stage, shown["next" if shown["code"] in spent else "code"])


def administrators_code(stage: Stage) -> str:
    """The code that the administrator's phone shows: nothing was opened with one of its codes before."""
    return _keep(stage, _look(stage, ADMINISTRATOR)["code"])


def last_code(stage: Stage) -> str:
    """Type the code that was typed last once more."""
    return stage.notes["code"]


def wrong_code(stage: Stage) -> str:
    """Mistype: a code that is none of those that the phone shows now or next."""
    shown = _look(stage)
    return next(f"{guess:06d}" for guess in range(111_111, 999_999) if f"{guess:06d}" not in shown.values())


def _look(stage: Stage, user: str = USER) -> dict[str, str]:
    output, exit_code = stage.type(_PHONE.format(user))
    if exit_code != 0:
        raise StageError(f"the phone did not answer: {output.strip()}")
    device = json.loads(output)["devices"][0]
    shown = {"code": str(device["code"]), "next": str(device["next_code"])}
    stage.secrets.update(shown.values())
    return shown


def _spend(stage: Stage, digits: str) -> str:
    """Remember a code that opens a session: enrolling spends the second of its two, and not the first."""
    stage.notes["spent"] = f"{stage.notes.get('spent', '')} {digits}"
    return _keep(stage, digits)


def _keep(stage: Stage, digits: str) -> str:
    stage.notes["code"] = digits
    return digits
