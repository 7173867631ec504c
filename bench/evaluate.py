"""How fast the engine reads, compiles and decides.

Each speed is given beside that of a plain loop of dictionary look-ups in the same run: that ratio says
more than the number, which belongs to one machine at one moment.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

from bench.figure import Figure
from watchword.iam import (
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Decision,
    PolicyKind,
    PolicySet,
    Request,
    compile_policy,
    evaluate,
    mfa_context,
    parse_policy,
    principal_from_arn,
)

LOOKUP = "the speed of a dictionary look-up"
ROUNDS = 5
REPEATED = 50_000
DISTINCT = 10_000
USER = "arn:aws:iam::123456789012:user/alice"
SERVICES = 275
VERBS = (
    "BatchGet*",
    "Describe*",
    "Get*",
    "List*",
    "View*",
    "SearchEverything",
    "LookupEvents",
    "DownloadDefaultKeyPair",
)


def measure() -> list[Figure]:
    """Return the figures of the engine: reading and compiling, one request again and again, many requests."""
    large = _large_policy()
    policies = _policies(large)
    lookups = _lookups_per_second()
    return [
        Figure(name="read and compile a policy of 90 kB", value=1000 * _seconds_to_compile(large), unit="ms"),
        _decisions("evaluate, one request", [_request(0)] * REPEATED, policies, lookups),
        _decisions("evaluate, 10 000 distinct requests", _distinct(), policies, lookups),
    ]


def _decisions(name: str, requests: Sequence[Request], policies: PolicySet, lookups: float) -> Figure:
    def run() -> Decision | None:
        decision = None
        for request in requests:
            decision = evaluate(request, policies)
        return decision

    per_second = len(requests) / _best(run)
    return Figure(name=name, value=per_second, unit="1/s", ratio=per_second / lookups, ratio_to=LOOKUP)


def _best(run: Callable[[], object]) -> float:
    """Return the processor seconds of the quickest round: the others were disturbed."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def _lookups_per_second() -> float:
    table = {f"key-{number}": number for number in range(1000)}
    keys = list(table) * (REPEATED // 1000)

    def run() -> int:
        found = 0
        for key in keys:
            found = table[key]
        return found

    return len(keys) / _best(run)


def _seconds_to_compile(text: str) -> float:
    return _best(lambda: compile_policy(parse_policy(text, name="large")))


# -- five policies, as a user with a group or two has them


def _large_policy() -> str:
    """A policy with the shape and size of AWS's own ReadOnlyAccess: one long list of actions."""
    actions = [f"service{number}:{verb}" for number in range(SERVICES) for verb in VERBS]
    actions += ["ec2:Describe*", "ec2:Get*", "s3:Get*", "s3:List*", "iam:Get*", "iam:List*"]
    return _document({"Effect": "Allow", "Action": actions, "Resource": "*"})


def _policies(large: str) -> PolicySet:
    without_mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    own = "arn:aws:iam::*:user/${aws:username}"
    exempt = ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"]
    return PolicySet(
        identity=(
            _compiled("large", large),
            _compiled(
                "force-mfa",
                _document({"Effect": "Deny", "NotAction": exempt, "Resource": "*", "Condition": without_mfa}),
            ),
            _compiled(
                "self-service", _document({"Effect": "Allow", "Action": "iam:*MFADevice", "Resource": own})
            ),
            _compiled(
                "objects",
                _document(
                    {
                        "Effect": "Allow",
                        "Action": ["s3:GetObject", "s3:PutObject"],
                        "Resource": "arn:aws:s3:::data/*",
                    }
                ),
            ),
            _compiled(
                "region",
                _document(
                    {
                        "Effect": "Allow",
                        "Action": ["ec2:StartInstances", "ec2:StopInstances"],
                        "Resource": "arn:aws:ec2:*:*:instance/*",
                        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
                    }
                ),
            ),
        )
    )


def _document(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _compiled(name: str, text: str) -> CompiledPolicy:
    return compile_policy(parse_policy(text, name=name, kind=PolicyKind.IDENTITY))


def _request(number: int) -> Request:
    actions = (
        ("ec2:DescribeInstances", "*"),
        ("s3:GetObject", f"arn:aws:s3:::data/{number}"),
        ("iam:ListMFADevices", USER),
        (f"service{number % SERVICES}:ListThings", "*"),
        ("ec2:StopInstances", f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{number:017x}"),
        ("s3:DeleteObject", f"arn:aws:s3:::data/{number}"),
    )
    action, resource = actions[number % len(actions)]
    kind = CredentialKind.SESSION_MFA if number % 2 == 0 else CredentialKind.ACCESS_KEY
    context: dict[str, ContextValue] = {
        "aws:username": "alice",
        "aws:PrincipalArn": USER,
        "aws:SourceIp": f"10.0.{number // 256 % 256}.{number % 256}",
        "aws:RequestedRegion": "eu-west-1",
        **mfa_context(kind, age_seconds=number),
    }
    return Request(
        principal=principal_from_arn(USER), action=action, resource=resource, context=context, credential=kind
    )


def _distinct() -> list[Request]:
    return [_request(number) for number in range(DISTINCT)]
