"""What the sandbox does to a request besides moto: signature, caller, operation, decision, log.

Measured without HTTP, in this process: the time that an answer takes, less the part of it inside moto.
It stands beside the comparison of the two servers, in which the faster HTTP server hides part of it.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench.figure import Figure
from watchword.sandbox.answer import Sandbox
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.process import ACCOUNT, new_root_key
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.render import WireResponse
from watchword.sandbox.wire.request import WireRequest

_HOST = "127.0.0.1:4566"
_ROUNDS = 400
_FEW = 20
_PROMISE_MS = 1.0
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "iam:Get*", "Resource": "arn:aws:iam::*:user/${aws:username}"},
        {
            "Effect": "Deny",
            "NotAction": "iam:GetUser",
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
    ],
}


def measure(*, small: bool = False) -> list[Figure]:
    """Return what the checks of a user's IAM call take, and its ratio to the time inside moto."""
    root = new_root_key(ACCOUNT)
    with tempfile.TemporaryDirectory() as folder:
        log = DecisionLog(Path(folder) / "decisions.jsonl")
        sandbox = Sandbox(account=ACCOUNT, root_key=root, host=_HOST, clock=SandboxClock(), log=log)
        sandbox.load()
        request = _request_of_a_user(sandbox, Credentials(root.access_key_id, root.secret_access_key))
        checks, inside = _timed(sandbox, request, _FEW if small else _ROUNDS)
    return [
        Figure(
            name="the sandbox's own work on a request, p50",
            value=1000 * statistics.median(checks),
            unit="ms",
            ratio=statistics.median(checks) / statistics.median(inside),
            ratio_to="the time inside moto",
            promise="under 1 ms",
            kept=1000 * statistics.median(checks) < _PROMISE_MS,
        ),
        Figure(
            name="the sandbox's own work on a request, p95",
            value=1000 * statistics.quantiles(checks, n=100)[94],
            unit="ms",
        ),
    ]


def _timed(sandbox: Sandbox, request: WireRequest, rounds: int) -> tuple[list[float], list[float]]:
    """Answer again and again; return the seconds outside moto and those inside."""
    inside: list[float] = []
    run = sandbox.moto.run

    def timed(
        request: WireRequest, operation: Operation, *, access_key_id: str, account: str
    ) -> WireResponse:
        begin = time.perf_counter()
        response = run(request, operation, access_key_id=access_key_id, account=account)
        inside.append(time.perf_counter() - begin)
        return response

    sandbox.moto.run = timed  # type: ignore[method-assign]
    whole: list[float] = []
    for _ in range(rounds):
        begin = time.perf_counter()
        _succeed(sandbox, request)
        whole.append(time.perf_counter() - begin)
    return [all_ - part for all_, part in zip(whole, inside, strict=True)], inside


def _request_of_a_user(sandbox: Sandbox, root: Credentials) -> WireRequest:
    document = json.dumps(POLICY)
    _succeed(sandbox, _signed(root, {"Action": "CreateUser", "UserName": "alice"}))
    put = {"Action": "PutUserPolicy", "UserName": "alice", "PolicyName": "own", "PolicyDocument": document}
    _succeed(sandbox, _signed(root, put))
    made = _succeed(sandbox, _signed(root, {"Action": "CreateAccessKey", "UserName": "alice"}))
    key = Credentials(_between(made, "AccessKeyId"), _between(made, "SecretAccessKey"))
    request = _signed(key, {"Action": "GetUser", "UserName": "alice"})
    for _ in range(20):
        _succeed(sandbox, request)
    return request


def _succeed(sandbox: Sandbox, request: WireRequest) -> str:
    response = sandbox.answer(request)
    if response.status != 200:
        raise RuntimeError(f"the answer is {response.status}")
    return response.body.decode()


def _signed(credentials: Credentials, form: dict[str, str]) -> WireRequest:
    body = urlencode({**form, "Version": "2010-05-08"}).encode()
    made = AWSRequest(method="POST", url=f"http://{_HOST}/", data=body)
    made.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    SigV4Auth(credentials, "iam", "us-east-1").add_auth(made)
    headers = [*((name, str(value)) for name, value in made.headers.items()), ("Host", _HOST)]
    return WireRequest.of_target("POST", "/", headers, body)


def _between(text: str, element: str) -> str:
    return text.partition(f"<{element}>")[2].partition(f"</{element}>")[0]
