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
_PROVIDER = f"arn:aws:iam::{HERE}:saml-provider/idp"
_LINKED = f"arn:aws:iam::{HERE}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
_CANONICAL = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
# Who has policies of their own.
_OWNERS = {"user", "root", "role", "linked", "federated"}
_CALLERS = [
    *[_USER] * 4,
    f"arn:aws:iam::{HERE}:user/bob",
    *[_SESSION] * 3,
    f"arn:aws:sts::{HERE}:assumed-role/ops/friday",
    f"arn:aws:iam::{HERE}:role/team/ops",
    _LINKED,
    _ROOT,
    _FEDERATED,
    _FEDERATED,
    _SERVICE,
    _PROVIDER,
    "anonymous",
]
_NAMES = [
    _USER,
    _USER,
    _ROOT,
    HERE,
    f"arn:aws:iam::{HERE}:role/ops",
    f"arn:aws:iam::{HERE}:role/team/ops",
    _SESSION,
    _FEDERATED,
    f"arn:aws:iam::{THERE}:root",
    f"arn:aws:iam::{HERE}:user/alic",
    "AIDAALICEALICEALICE1",
    "AROAOPSOPSOPSOPSOPS1",
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
        "login",
        "login-mfa",
    ],
    "root": [None, "root-key", "console", "console-mfa"],
    "role": [None, "role-session", "service-role"],
    "linked": [None, "service-linked-role"],
    "federated": ["federated"],
    "service": [None, "service"],
    "provider": [None],
    "public": [None],
}


def cases() -> st.SearchStrategy[JsonObject]:
    """Give whole cases, without what they expect."""
    return st.binary(min_size=700, max_size=700).map(lambda data: case(Choices(data)))


def case(choices: Choices) -> JsonObject:
    """Choose one case."""
    principal = choices.one_of(_CALLERS)
    kind = _kind(principal)
    # An identity provider's users ask for nothing but roles.
    scene = choices.one_of([scene for scene in SCENES if scene.trust or kind != "provider"])
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
    if credential == "access-key" and chosen["action"] == "sts:AssumeRole" and choices.once_in(3):
        chosen["code"] = True
    _say_whose_session(choices, kind, chosen)
    if kind in _OWNERS:
        chosen["identity_policies"] = [
            _policy(choices, scene, broad=choices.once_in(2)) for _ in range(choices.one_of([1, 1, 2, 2, 0]))
        ]
    _limit(choices, scene, kind, chosen)
    _add_resource_side(choices, scene, chosen)
    return chosen


def _kind(principal: str) -> str:
    known = {
        _ROOT: "root",
        _SERVICE: "service",
        _PROVIDER: "provider",
        _LINKED: "linked",
        "anonymous": "public",
    }
    if principal in known:
        return known[principal]
    resource = principal.split(":")[5]
    return {"user": "user", "federated-user": "federated"}.get(resource.split("/")[0], "role")


def _say_whose_session(choices: Choices, kind: str, chosen: JsonObject) -> None:
    if kind == "federated" and not choices.once_in(3):
        chosen["session_of"] = _USER
    if ":assumed-role/" in chosen["principal"] and choices.once_in(3):
        chosen["session_of"] = f"arn:aws:iam::{HERE}:role/{choices.one_of(['', 'team/'])}ops"
    if kind in {"user", "role"} and choices.once_in(4):
        ident = "AIDAALICEALICEALICE1" if kind == "user" else "AROAOPSOPSOPSOPSOPS1:monday"
        chosen["context"]["aws:userid"] = ident
    if kind in {"user", "root", "role", "linked"} and not choices.once_in(3):
        # A context that contradicts the principal is left out.
        chosen["context"]["aws:PrincipalArn"] = _principal_arn(choices, chosen)


def _principal_arn(choices: Choices, chosen: JsonObject) -> str:
    principal: str = chosen["principal"]
    if ":assumed-role/" not in principal:
        return principal
    said: str | None = chosen.get("session_of")
    return said or f"arn:aws:iam::{HERE}:role/{choices.one_of(['', 'team/'])}ops"


def _limit(choices: Choices, scene: Scene, kind: str, chosen: JsonObject) -> None:
    if kind in {"user", "role", "federated"} and choices.once_in(3):
        chosen["permissions_boundaries"] = [_policy(choices, scene, broad=choices.once_in(2))]
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
        chosen["endpoint_policies"] = [
            _policy(choices, scene, broad=True, principal="everyone or the account")
            for _ in range(1 + choices.number(2))
        ]


def _add_resource_side(choices: Choices, scene: Scene, chosen: JsonObject) -> None:
    if scene.trust and not choices.once_in(10):
        chosen["trust_policy"] = _policy(choices, scene, principal="someone")
    if scene.resource_policy and not choices.once_in(5):
        chosen["resource_policy"] = _policy(choices, scene, principal="someone")
    for field in ("trust_policy", "resource_policy"):
        if field in chosen and choices.once_in(2):
            _point(choices, chosen, field)
    if choices.once_in(6):
        chosen["resource_control_policies"] = [
            [
                {
                    "Version": "2012-10-17",
                    "Statement": _statement(choices, scene, principal="everyone", control=True),
                }
            ]
        ]


def _point(choices: Choices, chosen: JsonObject, field: str) -> None:
    """Add a statement that is about this very caller: how it is named decides what limits it."""
    principal: str = chosen["principal"]
    behind: str = chosen.get("session_of") or f"arn:aws:iam::{HERE}:role/ops"
    pointed: list[JsonObject] = [
        {"Effect": "Allow", "Principal": {"AWS": behind}},
        {"Effect": "Allow", "Principal": {"AWS": HERE}},
        {
            "Effect": "Allow",
            "Principal": "*",
            "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}},
        },
        {"Effect": "Allow", "Principal": "*"},
    ]
    if principal.startswith("arn:") and principal != _PROVIDER:
        pointed.append({"Effect": "Allow", "Principal": {"AWS": principal}})
        if field == "resource_policy":
            whole = [HERE, behind, principal]
            pointed.append({"Effect": "Deny", "NotPrincipal": {"AWS": whole}})
            pointed.append({"Effect": "Deny", "NotPrincipal": {"AWS": choices.some_of(whole, 2, 3)}})
    statement = {**choices.one_of(pointed), "Action": "*" if field == "resource_policy" else "sts:*"}
    if field == "resource_policy":
        statement["Resource"] = "*"
    others = chosen[field]["Statement"]
    chosen[field]["Statement"] = [*(others if isinstance(others, list) else [others]), statement]


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
    statement: JsonObject = {"Effect": "Deny" if control or choices.once_in(6) else "Allow"}
    if principal == "everyone":
        statement["Principal"] = "*"
    elif principal == "everyone or the account":
        account = {"AWS": choices.one_of([HERE, _ROOT, THERE])}
        statement["Principal"] = account if choices.once_in(4) else "*"
    elif principal == "someone":
        statement |= _principals(choices, scene, denies=statement["Effect"] == "Deny")
    patterns = scene.control_patterns if control else scene.action_patterns
    element = "NotAction" if not control and choices.once_in(8) else "Action"  # RCPs have no NotAction
    statement[element] = _single_or_list(choices, choices.some_of(patterns, 1, 2))
    if not (scene.trust and principal == "someone"):  # a trust policy has no Resource
        element = "NotResource" if choices.once_in(8) else "Resource"
        statement[element] = _single_or_list(choices, choices.some_of(scene.resource_patterns, 1, 2))
    condition = condition_block(choices)
    if _names_everyone(statement) and choices.once_in(2):
        condition = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}}
    return statement if condition is None else {**statement, "Condition": condition}


def _names_everyone(statement: JsonObject) -> bool:
    return statement["Effect"] == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"})


def _principals(choices: Choices, scene: Scene, *, denies: bool) -> JsonObject:
    # Trust policies take no NotPrincipal; elsewhere it goes with Deny alone.
    if denies and not scene.trust and choices.once_in(2):
        return {"NotPrincipal": _spared(choices, scene)}
    way = choices.number(10)
    if way == 9:
        return {"Principal": {"Federated": [_PROVIDER, "cognito-identity.amazonaws.com"]}}
    if way == 8 and scene.account_open:
        # Only S3 knows canonical users.
        return {"Principal": _CANONICAL}
    if way == 7:
        return {"Principal": "*"}
    if way == 6:
        return {"Principal": {"AWS": "*"}}
    if way == 5:
        return {"Principal": {"Service": [_SERVICE, "lambda.amazonaws.com"], "AWS": choices.one_of(_NAMES)}}
    return {"Principal": {"AWS": _single_or_list(choices, choices.some_of(_NAMES, 1, 3))}}


def _spared(choices: Choices, scene: Scene) -> str | JsonObject:
    way = choices.number(8)
    if way == 7:
        return "*" if choices.once_in(2) else {"AWS": "*"}
    # All that AWS wants to see listed, now and then.
    whole = [HERE, _USER, _SESSION, f"arn:aws:iam::{HERE}:role/ops"] if way > 3 else []
    spared: JsonObject = {"AWS": whole or choices.some_of(_NAMES, 1, 4)}
    return {**spared, **_CANONICAL} if way == 3 and scene.account_open else spared


def _single_or_list(choices: Choices, values: list[str]) -> str | list[str]:
    """Write a list of one as AWS lets people write it, now and then."""
    return values[0] if len(values) == 1 and choices.once_in(2) else values
