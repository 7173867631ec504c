"""Actions that AWS is not known to have: a slip of the pen, most often, that no answer would show."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable
from typing import Final

from watchword.iam.universe import Universe
from watchword.local.universe import UniverseMissing, load_universe

_ALIKE: Final = 0.7


def unknown_action(action: str) -> str | None:
    """Return what is wrong with the name of an action; None when AWS has it, or nobody can say."""
    universe = _universe()
    if universe is None or universe.knows(action):
        return None
    service = action.partition(":")[0]
    if not universe.knows_service(service):
        near = _near(service, universe.services())
        return f"AWS is not known to have a service with the prefix `{service}`{near}"
    return f"AWS is not known to have `{action}`{_near(action, universe.actions(service))}"


@functools.lru_cache(maxsize=1)
def _universe() -> Universe | None:
    try:
        return load_universe()
    except UniverseMissing:
        return None


def _near(written: str, known: Iterable[str]) -> str:
    names = {name.lower(): name for name in known}
    found = difflib.get_close_matches(written.lower()[:100], names, n=1, cutoff=_ALIKE)
    return f" (did you mean `{names[found[0]]}`?)" if found else ""
