"""A local AWS in which codes, sessions and policies are real.

Everything here is loaded when it is first asked for: the sandbox's own commands need little of it.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from watchword.sandbox.decisions import Decisions
    from watchword.sandbox.key import Key
    from watchword.sandbox.local_aws import AddedAccount, LocalAws, NobodyOfThatName
    from watchword.sandbox.log import LogRecord
    from watchword.sandbox.occupied import SandboxInUse
    from watchword.sandbox.pocket_phone import NoDevice, PocketPhone
    from watchword.sandbox.running import sandbox
    from watchword.sandbox.scenario.errors import ScenarioInvalid, ScenarioProblem, ScenarioRefused
    from watchword.sandbox.scenario.made import Made, MadeAccount, MadeDevice, MadeUser
    from watchword.sandbox.turns import StillAnswering

__all__ = [
    "AddedAccount",
    "Decisions",
    "Key",
    "LocalAws",
    "LogRecord",
    "Made",
    "MadeAccount",
    "MadeDevice",
    "MadeUser",
    "NoDevice",
    "NobodyOfThatName",
    "PocketPhone",
    "SandboxInUse",
    "ScenarioInvalid",
    "ScenarioProblem",
    "ScenarioRefused",
    "StillAnswering",
    "sandbox",
]

_PLACES = {
    "decisions": ("Decisions",),
    "key": ("Key",),
    "local_aws": ("AddedAccount", "LocalAws", "NobodyOfThatName"),
    "log": ("LogRecord",),
    "occupied": ("SandboxInUse",),
    "pocket_phone": ("NoDevice", "PocketPhone"),
    "running": ("sandbox",),
    "scenario.errors": ("ScenarioInvalid", "ScenarioProblem", "ScenarioRefused"),
    "scenario.made": ("Made", "MadeAccount", "MadeDevice", "MadeUser"),
    "turns": ("StillAnswering",),
}
_HOMES = {name: place for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> object:
    place = _HOMES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{place}"), name)
