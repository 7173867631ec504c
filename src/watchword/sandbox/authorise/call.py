"""One request on its way to a decision."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.sandbox.authorise.required import prefix_of
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.request import WireRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One identified and signed request on its way through the sandbox."""

    operation: Operation
    request: WireRequest
    caller: Caller
    request_id: str

    @property
    def action(self) -> str:
        """The operation written as an action, which is not always the action that is decided."""
        return f"{prefix_of(self.operation)}:{self.operation.name}"
