"""A code that is shown, as data and as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from watchword.device.code import ShownCode
from watchword.device.which import shown_name
from watchword.fastpath.session_file import written

CODE_SCHEMA: Final = "watchword/device-code/v1"


def code_value(shown: ShownCode, now: datetime) -> dict[str, Any]:
    """Return a code as data (`watchword/device-code/v1`). It is a secret for as long as it is good."""
    return {
        "schema": CODE_SCHEMA,
        "profile": shown.profile,
        "serial_number": shown.serial_number,
        "source": shown.source,
        "code": shown.code,
        "next_code": shown.next_code,
        "shown_until": written(shown.until),
        "seconds_left": shown.seconds_left(now),
    }


def code_text(value: Mapping[str, Any]) -> str:
    """Return the code, or the two of a pair, each on a line and nothing else."""
    return "\n".join(code for code in (value["code"], value["next_code"]) if code is not None)


def code_note(value: Mapping[str, Any]) -> str:
    """Return what is said beside it: for how long it is shown, and of which device it is."""
    which = "the second one is" if value["next_code"] else "that is"
    return f"{which} the code of `{shown_name(value['serial_number'])}` for {value['seconds_left']} s more"
