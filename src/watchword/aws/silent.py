"""No log of our own calls: the SDK's debug log would hold the code that is sent and the session that is got.

The commands never turn that log on; a program that uses this library may.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
from collections.abc import Iterator
from typing import Final

_LIBRARIES: Final = ("botocore", "urllib3")
_silent: contextvars.ContextVar[bool] = contextvars.ContextVar("silent", default=False)


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Let the SDK log nothing that this thread does within the `with`."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _LIBRARIES:
            logging.getLogger(name).addFilter(_may_be_logged)
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def _may_be_logged(_record: logging.LogRecord) -> bool:
    return not _silent.get()
