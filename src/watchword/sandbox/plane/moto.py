"""The one door to moto: one already-authorised request, run in this process.

moto's own dispatcher, its `/moto-api`, its instance metadata and its auth mode are never reached: each
request goes straight to the Flask application of the service that was identified and authorised.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from watchword.sandbox.plane.environ import environ_of
from watchword.sandbox.plane.moto_operations import moto_has
from watchword.sandbox.plane.moto_put_right import (
    find_keys,
    find_log_groups,
    keep_queue_policies,
    leave_key_policies_alone,
    put_right,
)
from watchword.sandbox.plane.sns_deliveries import deliver_what_is_authorised
from watchword.sandbox.process_log import note, places_of
from watchword.sandbox.wire.catalog import all_services
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.render import WireResponse
from watchword.sandbox.wire.request import WireRequest

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# botocore's name of a service, where moto's name of its backend is another.
_BACKEND_NAMES = {"dynamodbstreams": "dynamodbstreams"}
# What Flask, and not a service, answers where moto has no such address.
_NOT_FOUND = 404
_OF_FLASK = b"<!doctype html>"
_FAILED = 500
# moto's services are not made for threads: one call at a time is in each, but for a receiver, which waits
# there for what a sender brings.
_WAIT_THERE = frozenset({("sqs", "ReceiveMessage")})
# Not services: doors into moto itself.
_FORBIDDEN = frozenset({"moto_api", "moto_proxy", "instance_metadata", "core"})
# What moto says of the transport is ours to say.
_DROPPED_HEADERS = frozenset(
    {"server", "date", "content-length", "connection", "transfer-encoding", "access-control-allow-origin"}
)


@dataclass(frozen=True, slots=True)
class _Service:
    """A service of moto, and whose turn it is there."""

    application: WsgiApplication
    turn: threading.RLock = field(default_factory=threading.RLock)

    def call(self, operation: Operation, environ: dict[str, Any]) -> WireResponse:
        waits = (operation.service, operation.name) in _WAIT_THERE
        with contextlib.nullcontext() if waits else self.turn:
            return _call(self.application, environ)


class Moto:
    """moto's services in this process. Thread-safe.

    `host` is where the sandbox listens (`127.0.0.1:4566`): moto writes it into the URLs that it hands out.
    Importing moto takes about a second; `load` does it ahead of the first request, in a thread of its own.
    """

    def __init__(self, *, host: str, started_at: datetime | None = None) -> None:
        self._host = host
        self.iam_lock = threading.RLock()
        self.started_at = started_at or datetime.now(UTC)
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._is_loaded = False
        self._services: dict[str, _Service] = {}

    def load(self) -> None:
        """Import moto and open IAM, the service that every request needs; the second time does nothing.

        Whoever uses moto calls it first, and waits: two threads that import parts of moto at once, which
        import each other, may find one half made.
        """
        if self._is_loaded:
            return
        with self._loading:
            if not self._is_loaded:
                self._service("iam")
                put_right()
                deliver_what_is_authorised()
                self._is_loaded = True

    def forget(self) -> None:
        """Forget everything that was made in this process: moto's resources are one set for all.

        moto's own reset makes each of its backends anew before it drops them, which takes longer the more of
        them were used. Here they are dropped, and only those that have something to close are told.
        """
        from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
        from moto.core.model_instances import reset_model_data

        with backend_lock:
            in_use = vars(BackendDict)["_instances"]  # moto has no other list of what is in use
            for service in in_use:
                for _account, _region, backend in service.iter_backends():
                    if type(backend).reset is not BaseBackend.reset:
                        backend.reset()
                service.clear()
                getattr(service, "master_accounts", {}).clear()  # who is in whose organization
            in_use.clear()
        reset_model_data()

    def run(
        self, request: WireRequest, operation: Operation, *, access_key_id: str, account: str
    ) -> WireResponse:
        """Run one operation that has been authorised, in that account, and return what moto answers.

        Raises SandboxRefusal when moto does not have the service or the operation, or fails at it.
        """
        if operation.service == "s3" and not moto_has("s3", operation.name):
            raise _unsupported(operation.service, operation.name)
        service = self._service(operation.service)
        environ = environ_of(
            request, operation, access_key_id=access_key_id, account=account, host=self._host
        )
        try:
            response = service.call(operation, environ)
        except AwsError:
            raise  # ours, of what moto has asked us
        except NotImplementedError as error:
            raise _unsupported(operation.service, operation.name) from error
        except Exception as error:
            # moto takes much for granted that AWS checks: whatever it trips over, it is no fault of AWS.
            note(f"moto failed at {operation.service}:{operation.name}: {places_of(error)}")
            raise _failed(operation, type(error).__name__) from error
        of_flask = response.body.startswith(_OF_FLASK)
        if response.status == _NOT_FOUND and of_flask:
            raise _unsupported(operation.service, operation.name)
        if response.status >= _FAILED or (of_flask and operation.service != "s3"):
            raise _failed(operation, str(response.status))
        return response

    def _service(self, service: str) -> _Service:
        with self._lock:
            if service not in self._services:
                self._services[service] = _Service(_create(service))
            return self._services[service]


def services() -> frozenset[str]:
    """Return botocore's names of the services that moto has, as far as it calls them the same."""
    from moto.backends import list_of_moto_modules

    return frozenset({*list_of_moto_modules(), "lambda"} - _FORBIDDEN) & all_services()


@functools.cache
def _create(service: str) -> WsgiApplication:
    """Return moto's application of a service. It holds nothing: one is enough for a process."""
    from moto.backends import list_of_moto_modules
    from moto.moto_server.werkzeug_app import create_backend_app

    name = _BACKEND_NAMES.get(service, service)
    if name in _FORBIDDEN or name not in {*list_of_moto_modules(), "lambda"}:
        raise _unsupported(service, None)
    if name == "kms":
        leave_key_policies_alone()
        find_keys()
    if name == "sqs":
        keep_queue_policies()
    if name == "logs":
        find_log_groups()
    application: WsgiApplication = create_backend_app(name)  # type: ignore[arg-type] # it is one of them
    return application


def _call(application: WsgiApplication, environ: dict[str, Any]) -> WireResponse:
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _info: object = None) -> None:
        head[:] = [status, headers]

    result = application(environ, start_response)
    try:
        body = b"".join(result)
    finally:
        close = getattr(result, "close", None)
        if close:
            close()
    status, headers = head
    kept = tuple((name, value) for name, value in headers if name.lower() not in _DROPPED_HEADERS)
    if environ["REQUEST_METHOD"] == "HEAD":
        kept += tuple(pair for pair in headers if pair[0].lower() == "content-length")
    return WireResponse(status=int(status.split(" ", 1)[0]), headers=kept, body=body)


def _unsupported(service: str, operation: str | None) -> SandboxRefusal:
    what = f"{service}:{operation}" if operation else f"the service `{service}`"
    return SandboxRefusal(f"the sandbox does not have {what}")


def _failed(operation: Operation, how: str) -> SandboxRefusal:
    return SandboxRefusal(
        f"{operation.service}:{operation.name} failed in moto ({how}), as may be with parameters that AWS "
        "refuses"
    )
