"""Random cases, of few names and values, so that policies and requests meet often.

What the facts leave open is not made here; each such place says so in a comment.
"""

from collections.abc import Sequence

from hypothesis import strategies as st

from reference.choices import Choices
from reference.condition_choices import condition_block, context_keys
from reference.reading import JsonObject
from reference.scenes import HERE, SCENES, THERE, Scene

_VERSIONS = ["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None]
_USER = f"arn:aws:iam::{HERE}:user/alice"
_ROOT = f"arn:aws:iam::{HERE}:root"
_SESSION = f"arn:aws:sts::{HERE}:assumed-role/ops/monday"
_FEDERATED = f"arn:aws:sts::{HERE}:federated-user/guest"
_SERVICE = "ec2.amazonaws.com"
_CALLERS = [
    *[_USER] * 4,
    f"arn:aws:iam::{HERE}:user/bob",
    *[_SESSION] * 3,
    f"arn:aws:sts::{HERE}:assumed-role/ops/friday",
    f"arn:aws:iam::{HERE}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    _ROOT,
    _FEDERATED,
    _SERVICE,
    "anonymous",
]
_NAMES = [
    _USER,
    _USER,
    _ROOT,
    HERE,
    f"arn:aws:iam::{HERE}:role/ops",
    _SESSION,
    _FEDERATED,
    f"arn:aws:iam::{THERE}:root",
    f"arn:aws:iam::{HERE}:user/alic",
]
_CREDENTIALS: dict[str, list[str | None]] = {
    "user": [
        None,
        None,
        "access-key",
        "session",
        "session-mfa",
        "console",
        "console-mfa",
        "forwarded",
        "forwarded-mfa",
    ],
    "root": [None, "root-key"],
    "role": [None, "role-session", "service-role"],
    "federated": ["federated"],
    "other": [None],
}


def cases() -> st.SearchStrategy[JsonObject]:
    """Give whole cases, without what they expect."""
    return st.binary(min_size=700, max_size=700).map(lambda data: case(Choices(data)))


def case(choices: Choices) -> JsonObject:
    """Choose one case."""
    principal = choices.one_of(_CALLERS)
    kind = _kind(principal)
    scene = choices.one_of(SCENES)
    credential = choices.one_of(_CREDENTIALS[kind])
    chosen: JsonObject = {
        "principal": principal,
        "action": choices.one_of(scene.actions),
        "resource": choices.one_of(scene.resources),
        **context_keys(choices, credential),
    }
    if credential is not None:
        chosen["credential"] = credential
        if choices.once_in(4):
            chosen["service_rules"] = False
    if scene.account_open and choices.once_in(3):
        chosen["resource_account"] = choices.one_of([HERE, THERE])
    # Services and the public have no policies of their own.
    if kind != "other":
        chosen["identity_policies"] = [_policy(choices, scene) for _ in range(choices.number(3))]
    _limit(choices, scene, kind, chosen)
    _add_resource_side(choices, scene, chosen)
    return chosen


def _kind(principal: str) -> str:
    if not principal.startswith("arn:"):
        return "other"
    if principal.endswith(":root"):
        return "root"
    resource = principal.split(":")[5]
    return {"user": "user", "federated-user": "federated"}.get(resource.split("/")[0], "role")


def _limit(choices: Choices, scene: Scene, kind: str, chosen: JsonObject) -> None:
    if kind in {"user", "role", "federated"} and choices.once_in(4):
        chosen["permissions_boundaries"] = [_policy(choices, scene, broad=True)]
    if kind in {"role", "federated"} and choices.once_in(2 if kind == "federated" else 4):
        chosen["session_policies"] = [
            _policy(choices, scene, broad=True) for _ in range(1 + choices.number(2))
        ]
    if choices.once_in(4):
        chosen["service_control_policies"] = [
            [
                _policy(choices, scene, broad=True, versions=_VERSIONS[:1])
                for _ in range(1 + choices.number(2))
            ]
            for _ in range(1 + choices.number(3))
        ]
    if choices.once_in(5):
        chosen["endpoint_policies"] = [_policy(choices, scene, broad=True, principal="everyone")]


def _add_resource_side(choices: Choices, scene: Scene, chosen: JsonObject) -> None:
    if scene.trust and not choices.once_in(10):
        chosen["trust_policy"] = _policy(choices, scene, principal="someone")
    if scene.resource_policy and not choices.once_in(3):
        chosen["resource_policy"] = _policy(choices, scene, principal="someone")
    if choices.once_in(6):
        chosen["resource_control_policies"] = [
            [
                {
                    "Version": "2012-10-17",
                    "Statement": _statement(choices, scene, principal="everyone", control=True),
                }
            ]
        ]


def _policy(
    choices: Choices,
    scene: Scene,
    *,
    broad: bool = False,
    principal: str | None = None,
    versions: Sequence[str | None] = _VERSIONS,
) -> JsonObject:
    version = choices.one_of(versions)
    statements = [_statement(choices, scene, principal=principal) for _ in range(1 + choices.number(3))]
    if broad and not choices.once_in(4):
        everything: JsonObject = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        statements.append(everything if principal is None else {**everything, "Principal": "*"})
    document: JsonObject = {} if version is None else {"Version": version}
    return {**document, "Statement": statements[0] if len(statements) == 1 else statements}


def _statement(choices: Choices, scene: Scene, *, principal: str | None, control: bool = False) -> JsonObject:
    statement: JsonObject = {"Effect": "Deny" if control or choices.once_in(4) else "Allow"}
    if principal == "everyone":
        statement["Principal"] = "*"
    elif principal == "someone":
        statement |= _principals(choices, denies=statement["Effect"] == "Deny", trust=scene.trust)
    patterns = scene.control_patterns if control else scene.action_patterns
    element = "NotAction" if not control and choices.once_in(8) else "Action"  # RCPs have no NotAction
    statement[element] = _single_or_list(choices, choices.some_of(patterns, 1, 2))
    if not (scene.trust and principal == "someone"):  # a trust policy has no Resource
        element = "NotResource" if choices.once_in(8) else "Resource"
        statement[element] = _single_or_list(choices, choices.some_of(scene.resource_patterns, 1, 2))
    condition = condition_block(choices)
    return statement if condition is None else {**statement, "Condition": condition}


def _principals(choices: Choices, *, denies: bool, trust: bool) -> JsonObject:
    # Trust policies take no NotPrincipal; elsewhere it goes with Deny alone.
    if denies and not trust and choices.once_in(3):
        return {"NotPrincipal": {"AWS": choices.some_of(_NAMES, 1, 4)}}
    way = choices.number(8)
    if way == 7:
        return {"Principal": "*"}
    if way == 6:
        return {"Principal": {"AWS": "*"}}
    if way == 5:
        return {"Principal": {"Service": [_SERVICE, "lambda.amazonaws.com"], "AWS": choices.one_of(_NAMES)}}
    return {"Principal": {"AWS": _single_or_list(choices, choices.some_of(_NAMES, 1, 3))}}


def _single_or_list(choices: Choices, values: list[str]) -> str | list[str]:
    """Write a list of one as AWS lets people write it, now and then."""
    return values[0] if len(values) == 1 and choices.once_in(2) else values
