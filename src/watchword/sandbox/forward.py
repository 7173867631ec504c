"""Forwarded calls: what a service calls on behalf of whoever called it.

Source: IAM User Guide, access_forward_access_sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.gate import Gate
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.forwarded import forwarded
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import identify
from watchword.sandbox.wire.outgoing import request_of, result_of
from watchword.sandbox.wire.render import WireResponse


class Recorded(Protocol):
    """Hears of every finished call of a service: what came of it is a result or an AwsError."""

    def __call__(self, call: Call, outcome: Mapping[str, Any] | AwsError) -> None: ...


def _unheard(call: Call, outcome: Mapping[str, Any] | AwsError) -> None:
    pass


class Forward:
    """Makes the calls of services. Thread-safe.

    `run` takes an identified call through everything that a client's own call goes through, and returns the
    answer. `host` is where the sandbox is reached. `recorded` may be set by whoever keeps a trail.
    """

    def __init__(self, *, gate: Gate, run: Callable[[Call], WireResponse], host: str) -> None:
        self._gate = gate
        self._run = run
        self._host = host
        self.recorded: Recorded = _unheard

    def call(
        self,
        caller: Caller,
        *,
        via: str | None,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        region: str,
        request_id: str,
        runs: bool,
    ) -> dict[str, Any]:
        """Make a call on behalf of `caller`, and return its result by botocore's names.

        `via` is the principal of the service that calls (`cloudformation.amazonaws.com`), or None when it
        calls as `caller` itself, as with the session of a service role. `service`, `operation` and `params`
        are botocore's. Without `runs` it is only authorised, and the result is empty.
        Raises AwsError, with the service's text when it was refused there or failed.
        """
        made = self.made(
            caller,
            via=via,
            service=service,
            operation=operation,
            params=params,
            region=region,
            request_id=request_id,
        )
        try:
            result = self._finished(made, runs=runs)
        except AwsError as error:
            self.recorded(made, error)
            raise
        self.recorded(made, result)
        return result

    def made(
        self,
        caller: Caller,
        *,
        via: str | None,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        region: str,
        request_id: str,
    ) -> Call:
        """Return the call that `call` would make, for `Gate.policies` and `Gate.asks`."""
        request = request_of(service, operation, params, region=region, host=self._host)
        return Call(
            operation=identify(request),
            request=request,
            caller=caller if via is None else forwarded(caller, via),
            request_id=request_id,
        )

    def _finished(self, made: Call, *, runs: bool) -> dict[str, Any]:
        if runs:
            return result_of(made.operation, self._run(made))
        if not self._gate.service_rule(made):
            self._gate.policies(made)
        return {}
