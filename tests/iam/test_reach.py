"""All actions at once, held against single decisions."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from random import Random
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from iam.policies import USER, Statement, allow, compiled, deny
from watchword.iam import (
    UNKNOWN,
    CompiledPolicy,
    Context,
    ContextValue,
    PolicyKind,
    PolicySet,
    Request,
    compile_policy,
    evaluate,
    parse_policy,
    principal_context,
    principal_from_arn,
)
from watchword.iam._packed import Service, Shape
from watchword.iam.reach import Masks, Reach, cover, reach
from watchword.iam.universe import Universe
from watchword.local.universe import load_universe

ALICE = principal_from_arn(USER)
KNOWN: dict[str, ContextValue] = {
    "aws:PrincipalArn": USER,
    "aws:username": "alice",
    "aws:PrincipalTag/team": (),
}
KEY = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"

IAM = Service(
    ("CreateUser", "DeleteUser", "GetUser", "ListMFADevices", "ListUsers", "PassRole"),
    (0, 0, 3, 1, 2, 4),
    (
        Shape(2, ((0, True),), ()),
        Shape(1, ((0, False),), ()),
        Shape(1, (), ()),
        Shape(0, ((0, True), (1, True)), ()),
        Shape(2, ((1, True),), ()),
    ),
    (
        ("user", "arn:${Partition}:iam::${Account}:user/${UserName}"),
        ("role", "arn:${Partition}:iam::${Account}:role/${RoleName}"),
    ),
    (),
)
S3 = Service(
    ("GetObject", "ListAllMyBuckets", "PutObject"),
    (0, 1, 0),
    (Shape(0, ((0, True),), ()), Shape(1, (), ())),
    (("object", "arn:${Partition}:s3:::${Bucket}/${Key}"),),
    (),
)
SQS = Service(
    ("ListQueues", "ReceiveMessage"),
    (1, 0),
    (Shape(0, ((0, True),), ()), Shape(1, (), ())),
    (("queue", "arn:${Partition}:sqs:${Region}:${Account}:${Queue}"),),
    (),
)
KMS = Service(
    ("Decrypt", "ListKeys"), (0, 1), (Shape(0, ((0, True),), ()), Shape(1, (), ())), (("key", KEY),), ()
)
STS = Service(("AssumeRole", "GetCallerIdentity"), (0, 0), (Shape(0, (), ()),), (), ())
SERVICES = {"iam": IAM, "s3": S3, "sqs": SQS, "kms": KMS, "sts": STS}

RESOURCES = {
    "user": [USER, "arn:aws:iam::123456789012:user/path/bob", "arn:aws:iam::123456789012:user/x:y"],
    "role": ["arn:aws:iam::123456789012:role/admin"],
    "object": ["arn:aws:s3:::data/a", "arn:aws:s3:::logs/2026/a:b", "arn:aws:s3:::data/"],
    "queue": [
        "arn:aws:sqs:eu-west-1:123456789012:jobs",
        "arn:aws:sqs:us-east-1:123456789012:data",
    ],
    "key": ["arn:aws:kms:eu-west-1:123456789012:key/1"],
}
STATES: dict[str, dict[str, str]] = {
    "absent": {},
    "false": {"aws:MultiFactorAuthPresent": "false"},
    "true": {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "600"},
}
NEW = ("iam:GetTomorrow", "tomorrow:Get")
MFA_FALSE: Statement = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}

Names: TypeAlias = set[str]


def universe() -> Universe:
    """Made inside the test that asks for it, so that its making is under test too."""
    return Universe.of("0", SERVICES)


def everything() -> Names:
    return set(universe().matching("*"))


def resources_of(action: str, everywhere: Universe) -> list[str]:
    types = everywhere.resource_types(action)
    if not everywhere.knows(action):
        return ["*", *itertools.chain.from_iterable(RESOURCES.values())]
    found = [arn for each in types for arn in RESOURCES[each.name]]
    return found if any(each.required for each in types) else [*found, "*"]


def ask(*identity: Statement, **layers: object) -> Reach:
    policies = PolicySet(identity=(compiled(*identity),), **layers)  # type: ignore[arg-type]
    return reach(policies, universe(), KNOWN)


def must(masks: Masks) -> Names:
    return set(universe().expand(masks.must))


def may(masks: Masks) -> Names:
    return set(universe().expand(masks.may))


SETTLED_ELSEWHERE = {"sts:AssumeRole", "kms:Decrypt"}


# -- exact where it can be


def test_an_administrator_may_do_everything_and_must_but_for_roles_and_keys() -> None:
    found = ask(allow())
    for masks in (found.absent, found.false, found.true):
        assert may(masks) == everything()
        assert must(masks) == everything() - SETTLED_ELSEWHERE
        assert universe().unknown(masks.may) == ("iam", "kms", "s3", "sqs", "sts", "*")
        assert universe().unknown(masks.must) == ("iam", "s3", "sqs", "*")


def test_without_a_policy_nothing_is_reached() -> None:
    nothing = Masks(must=0, may=0)
    assert reach(PolicySet(), universe(), KNOWN) == Reach(absent=nothing, false=nothing, true=nothing)


@pytest.mark.parametrize(
    ("effect", "condition", "holds"),
    [
        ("Allow", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "--M"),
        ("Allow", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, "-S-"),
        ("Allow", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, "K-M"),
        ("Allow", {"Null": {"aws:MultiFactorAuthAge": "true"}}, "KS-"),
        ("Allow", {"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "60"}}, "KS?"),
        ("Allow", {"StringEquals": {"aws:username": "alice"}}, "KSM"),
        ("Allow", {"StringEquals": {"aws:username": "bob"}}, "---"),
        ("Allow", {"StringEquals": {"aws:PrincipalTag/team": "red"}}, "---"),
        ("Allow", {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, "???"),
        ("Allow", {"StringEquals": {"aws:username": "${aws:MultiFactorAuthPresent}alice"}}, "---"),
        ("Deny", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, "--M"),
        ("Deny", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, "K-M"),
        ("Deny", {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "60"}}, "KS?"),
        ("Deny", {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, "???"),
    ],
)
def test_each_state_of_mfa_is_tried_and_other_keys_are_known_or_not(
    effect: str, condition: Statement, holds: str
) -> None:
    statement = {**allow("s3:*", Condition=condition), "Effect": effect}
    found = ask(statement, *([allow("s3:*")] if effect == "Deny" else []))
    all_of_s3 = set(universe().actions("s3"))
    for masks, expected in zip((found.absent, found.false, found.true), holds, strict=True):
        assert must(masks) == (all_of_s3 if expected not in "-?" else set())
        assert may(masks) == (all_of_s3 if expected != "-" else set())


def test_the_age_counts_where_mfa_is() -> None:
    young = {"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}
    policies = PolicySet(identity=(compiled(allow("s3:*", Condition=young)),))
    found = reach(policies, universe(), {**KNOWN, "aws:MultiFactorAuthAge": "30"})
    assert (found.absent.may, found.false.may) == (0, 0)
    assert must(found.true) == set(universe().actions("s3"))


@pytest.mark.parametrize(
    ("element", "resource", "surely", "perhaps"),
    [
        ("Resource", "arn:aws:s3:::*", {"s3:GetObject"}, {"s3:GetObject", "s3:ListAllMyBuckets"}),
        ("Resource", "arn:aws:s3:::data/*", set(), {"s3:GetObject"}),
        (
            "Resource",
            "arn:aws:iam::123456789012:user/*",
            {"iam:CreateUser"},
            {"iam:CreateUser", "iam:GetUser"},
        ),
        ("Resource", "arn:aws:iam::*:user/*", {"iam:CreateUser"}, {"iam:CreateUser"}),
        ("Resource", "arn:aws:iam::999999999999:user/*", set(), set()),
        ("Resource", "arn:aws-cn:iam::*:user/*", set(), set()),
        ("Resource", "arn:aws:iam::*:user/${aws:username}", set(), {"iam:CreateUser", "iam:ListMFADevices"}),
        ("Resource", "arn:aws:iam::*:user/", set(), {"iam:CreateUser", "iam:ListUsers"}),
        ("Resource", "arn:aws:sqs:eu-*:*:*", set(), {"sqs:ReceiveMessage"}),
        ("Resource", "arn:aws:sqs:*:*", {"sqs:ReceiveMessage"}, {"sqs:ReceiveMessage"}),
        ("Resource", "arn:aws:sqs:*", {"sqs:ReceiveMessage"}, {"sqs:ReceiveMessage"}),
        (
            "NotResource",
            "arn:aws:iam::123456789012:user/*",
            {"s3:GetObject", "iam:PassRole"},
            {"iam:GetUser", "iam:ListUsers"},
        ),
        ("NotResource", "arn:aws:s3:::data/*", {"iam:CreateUser", "iam:ListUsers"}, {"s3:GetObject"}),
        ("NotResource", "*", set(), set()),
        ("NotResource", "arn:aws:iam::*:user/${aws:username}", set(), {"iam:CreateUser", "s3:GetObject"}),
    ],
)
def test_a_resource_is_held_against_the_kinds_of_resource_that_an_action_has(
    element: str, resource: str, surely: Names, perhaps: Names
) -> None:
    found = ask({"Effect": "Allow", "Action": "*", element: resource}).absent
    assert surely <= must(found)
    assert perhaps <= may(found)
    if not surely:
        assert must(found) == set()
    if not surely and not perhaps:
        assert may(found) == set()


def test_an_action_without_a_resource_needs_a_star() -> None:
    found = ask(allow("sqs:*", Resource="arn:aws:sqs:*:*:*")).absent
    assert must(found) == may(found) == {"sqs:ReceiveMessage"}


def test_where_the_resource_of_a_list_is_contested_a_pattern_may_do() -> None:
    found = ask(allow("iam:*", Resource="arn:aws:iam::*:user/*")).absent
    assert "iam:ListUsers" in may(found) - must(found)
    assert "iam:ListUsers" in must(ask(allow("iam:*")).absent)


def test_not_action_covers_what_is_not_known_yet() -> None:
    found = ask({"Effect": "Allow", "NotAction": ["iam:*", "s3:Get*", "sqs:ListQueues"], "Resource": "*"})
    assert must(found.true) == {"s3:ListAllMyBuckets", "s3:PutObject", "sqs:ReceiveMessage"} | {
        "kms:ListKeys",
        "sts:GetCallerIdentity",
    }
    assert universe().unknown(found.true.must) == ("sqs", "*")
    assert universe().unknown(found.true.may) == ("kms", "s3", "sqs", "sts", "*")


def test_a_pattern_may_cover_what_is_not_known_yet_and_a_name_that_is_not_known_too() -> None:
    found = ask(allow(["s3:Get*", "iam:GetTomorrow", "tomorrow:Get", "sqs:ListQueues"])).true
    assert universe().unknown(found.may) == ("iam", "s3", "*")
    assert universe().unknown(found.must) == ()


@pytest.mark.parametrize("layer", ["permissions_boundary", "session", "service_control"])
def test_every_layer_has_to_allow(layer: str) -> None:
    limit = compiled(allow("s3:*"))
    given: dict[str, object] = {
        "permissions_boundary": limit,
        "session": (limit,),
        "service_control": ((compiled(allow()),), (limit,)),
    }
    found = ask(allow(), **{layer: given[layer]})
    assert must(found.true) == may(found.true) == set(universe().actions("s3"))


def test_a_session_policy_that_is_none_lets_nothing_through() -> None:
    assert ask(allow(), session=()).true.may == 0


@pytest.mark.parametrize("layer", ["permissions_boundary", "session", "service_control"])
def test_a_deny_of_any_layer_denies(layer: str) -> None:
    limit = compiled(allow(), deny("s3:*", Condition=MFA_FALSE))
    given: dict[str, object] = {
        "permissions_boundary": limit,
        "session": (limit,),
        "service_control": ((limit,),),
    }
    found = ask(allow(), **{layer: given[layer]})
    assert not may(found.absent) & set(universe().actions("s3"))
    assert must(found.true) >= set(universe().actions("s3"))


def test_the_organization_does_not_bind_a_role_that_is_linked_to_a_service() -> None:
    policies = PolicySet(identity=(compiled(allow("s3:*")),), service_control=((compiled(deny(), allow()),),))
    arn = "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    assert must(cover(policies, universe(), principal_arn=arn).reach({}).true) == set(
        universe().actions("s3")
    )
    assert cover(policies, universe(), principal_arn=USER).reach({}).true.may == 0


def named(*statements: Statement, principal: object = "*") -> CompiledPolicy:
    return compiled(*({**each, "Principal": principal} for each in statements), kind=PolicyKind.RESOURCE)


def test_the_policy_of_a_resource_may_allow_and_may_deny() -> None:
    side = named(allow("s3:GetObject"), deny("iam:*", Resource="*"))
    found = ask(allow(["iam:*", "sqs:*"]), resource=side).true
    assert may(found) == {"s3:GetObject", *universe().actions("iam"), *universe().actions("sqs")}
    assert must(found) == set(universe().actions("sqs"))


def test_a_policy_of_a_resource_is_a_keys_to_kms_and_has_to_allow_there() -> None:
    side = named(allow("s3:GetObject"))
    listing = Request(principal=ALICE, action="kms:ListKeys", resource="*", context={})
    assert not evaluate(listing, PolicySet(identity=(compiled(allow()),), resource=side)).allowed
    assert "kms:ListKeys" not in must(ask(allow(), resource=side).true)
    assert "kms:ListKeys" in must(ask(allow()).true)


def test_the_policy_of_an_endpoint_allows_surely_when_it_names_everybody() -> None:
    everybody = ask(allow(), endpoint=(named(allow("s3:*")),)).true
    assert must(everybody) == may(everybody) == set(universe().actions("s3"))
    somebody = ask(allow(), endpoint=(named(allow("s3:*"), principal={"AWS": USER}),)).true
    assert (must(somebody), may(somebody)) == (set(), set(universe().actions("s3")))


def test_without_a_principal_the_resources_of_every_account_are_meant() -> None:
    policies = PolicySet(identity=(compiled(allow("iam:CreateUser", Resource="arn:aws:iam::1*:user/*")),))
    assert cover(policies, universe()).reach({}).true.must == 0
    assert may(cover(policies, universe()).reach({}).true) == {"iam:CreateUser"}


def test_a_trust_policy_is_refused() -> None:
    trust = compiled({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}, kind=PolicyKind.TRUST)
    with pytest.raises(ValueError, match="one role"):
        reach(PolicySet(trust=trust), universe(), {})


def test_nothing_is_kept_from_one_question_to_the_next() -> None:
    condition = {"StringEquals": {"aws:username": "alice"}}
    covered = cover(PolicySet(identity=(compiled(allow("s3:*", Condition=condition)),)), universe())
    answers = [covered.reach({"aws:username": name}).true.must for name in ("alice", "bob", "alice")]
    assert answers[0] == answers[2] != answers[1] == 0


# -- and never wrong


PATTERNS = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::data/*",
        "arn:aws:s3:::*/a",
        "arn:aws:s3:::da?a/*",
        "arn:aws:iam::*:user/*",
        "arn:aws:iam::123456789012:*",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:user/${aws:RequestTag/who}",
        "arn:*:sqs:*:*:*",
        "arn:aws:sqs:eu*:123456789012:*",
        "arn:aws:sqs:*",
        "arn:aws:kms:*:*:key/*",
        "arn:aws:iam:*:*:*/*",
    ]
)
ACTIONS = st.sampled_from(
    [
        *(
            "*",
            "s3:*",
            "s3:Get*",
            "s3:*Object",
            "s3:ListAllMyBuckets",
            "iam:*",
            "iam:ListUsers",
            "iam:*User*",
        ),
        *("iam:GetTomorrow", "tomorrow:*", "sqs:*", "sqs:ReceiveMessage", "kms:*", "sts:*"),
    ]
)
CONDITIONS: st.SearchStrategy[dict[str, dict[str, str]]] = st.sampled_from(
    [
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        {"Null": {"aws:MultiFactorAuthAge": "true"}},
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "60"}},
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"StringLike": {"aws:RequestTag/who": "${aws:username}"}},
        {"Null": {"aws:RequestTag/who": "true"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}},
        {"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}},
        {"StringEquals": {"aws:username": "alice"}},
        {"StringNotEquals": {"aws:username": "alice"}},
    ]
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    action, resource = draw(st.booleans()), draw(st.booleans())
    found: Statement = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        "Action" if action else "NotAction": draw(st.lists(ACTIONS, min_size=1, max_size=3)),
        "Resource" if resource else "NotResource": draw(st.lists(PATTERNS, min_size=1, max_size=2)),
    }
    if draw(st.booleans()):
        found["Condition"] = draw(CONDITIONS)
    return found


DOCUMENTS = st.lists(statements(), min_size=1, max_size=3).map(lambda each: compiled(*each))
CONTEXTS: st.SearchStrategy[dict[str, ContextValue]] = st.fixed_dictionaries(
    {},
    optional={
        "aws:RequestedRegion": st.sampled_from(["eu-west-1", "us-east-1"]),
        "aws:RequestTag/who": st.sampled_from(["alice", "bob", "*"]),
        "aws:TagKeys": st.sampled_from([("a",), ("a", "b"), ()]),
    },
)


@st.composite
def policy_sets(draw: st.DrawFn) -> PolicySet:
    identity = draw(st.lists(DOCUMENTS, min_size=1, max_size=2))
    if draw(st.booleans()):
        identity.append(compiled(allow(), name="all"))
    return PolicySet(
        identity=tuple(identity),
        permissions_boundary=draw(st.none() | DOCUMENTS),
        session=draw(st.none() | st.lists(DOCUMENTS, max_size=1).map(tuple)),
        service_control=draw(
            st.just(())
            | st.lists(st.lists(DOCUMENTS, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple)
        ),
    )


def requests(contexts: Iterable[Context], everywhere: Universe) -> Iterable[tuple[str, str, Request]]:
    for action in (*everywhere.matching("*"), *NEW):
        for resource in resources_of(action, everywhere):
            for name, keys in STATES.items():
                for context in contexts:
                    whole = {**principal_context(ALICE), **context, **keys}
                    yield (
                        name,
                        action,
                        Request(principal=ALICE, action=action, resource=resource, context=whole),
                    )


@settings(max_examples=120, deadline=None)
@given(policies=policy_sets(), context=CONTEXTS)
def test_what_must_be_allowed_always_is_and_what_may_not_never(
    policies: PolicySet, context: dict[str, ContextValue]
) -> None:
    everywhere = universe()
    found = reach(policies, everywhere, principal_context(ALICE))
    masks = {"absent": found.absent, "false": found.false, "true": found.true}
    for state, action, request in requests([context, {}], everywhere):
        bit = everywhere.bit(action)
        decision = evaluate(request, policies)
        if masks[state].must >> bit & 1:
            assert decision.allowed, (state, request)
        if not masks[state].may >> bit & 1:
            assert not decision.allowed, (state, request)


@settings(max_examples=100, deadline=None)
@given(policies=policy_sets())
def test_what_must_be_also_may_be(policies: PolicySet) -> None:
    found = reach(policies, universe(), principal_context(ALICE))
    for masks in (found.absent, found.false, found.true):
        assert masks.must & ~masks.may == 0
        assert masks.may >> universe().size == 0


def resource_like(template: str, random: Random) -> str:
    known = {"${Partition}": "aws", "${Account}": "123456789012", "${Region}": "eu-west-1"}
    return re.sub(
        r"\$\{[^}]*\}", lambda each: known.get(each[0], random.choice(["x", "my/x", "AWS-a"])), template
    )


def test_of_the_policies_that_aws_manages_it_says_what_single_decisions_say() -> None:
    random = Random(7)  # noqa: S311  which policies are looked at is no secret
    universe = load_universe()
    managed = json.loads(aws_managed_policies_data)
    for names in (random.sample(sorted(managed), 3) for _ in range(6)):
        texts = [(name, json.dumps(managed[name]["Document"])) for name in names]
        policies = PolicySet(
            identity=tuple(compile_policy(parse_policy(text, name=name)) for name, text in texts)
        )
        found = reach(policies, universe, principal_context(ALICE))
        masks = {"absent": found.absent, "false": found.false, "true": found.true}
        perhaps = universe.expand(found.true.may)
        for action in random.sample(perhaps, min(40, len(perhaps))) + random.sample(
            universe.matching("*"), 10
        ):
            types = universe.resource_types(action)
            for resource in [resource_like(each.template, random) for each in types] or ["*"]:
                for state, keys in STATES.items():
                    context = {**principal_context(ALICE), **keys}
                    allowed = evaluate(
                        Request(principal=ALICE, action=action, resource=resource, context=context), policies
                    ).allowed
                    bit = universe.bit(action)
                    assert allowed or not masks[state].must >> bit & 1, (names, state, action, resource)
                    assert not allowed or masks[state].may >> bit & 1, (names, state, action, resource)


# -- many statements, and blocks of many conditions


TEAM = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
ALICE_ONLY = {"StringEquals": {"aws:username": "alice"}}
SOMEWHERE = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
MFA_TRUE = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def test_statements_add_up_with_and_without_conditions() -> None:
    found = ask(
        allow("s3:PutObject", Condition=TEAM),
        allow("iam:CreateUser", Condition=ALICE_ONLY),
        allow("s3:GetObject"),
        allow("sqs:ListQueues", Condition=ALICE_ONLY),
        allow("iam:PassRole", Condition=SOMEWHERE),
        allow("s3:ListAllMyBuckets"),
        allow("iam:GetUser", Condition=MFA_TRUE),
        allow("iam:DeleteUser", Condition=MFA_FALSE),
        allow("sqs:ReceiveMessage", Condition=MFA_TRUE),
    )
    at_all_times = {"iam:CreateUser", "s3:GetObject", "sqs:ListQueues", "s3:ListAllMyBuckets"}
    assert must(found.false) == at_all_times | {"iam:DeleteUser"}
    assert must(found.true) == at_all_times | {"iam:GetUser", "sqs:ReceiveMessage"}
    assert may(found.true) == must(found.true) | {"iam:PassRole"}
    assert must(found.absent) == at_all_times | {"iam:DeleteUser"}


def test_all_conditions_of_a_block_have_to_hold() -> None:
    both = {"StringEquals": {"aws:username": "alice", "aws:PrincipalTag/team": "red"}}
    assert ask(allow("s3:GetObject", Condition=both)).true.may == 0
    unknown = {"StringEquals": {"aws:username": "alice", "aws:RequestedRegion": "eu-west-1"}}
    found = ask(allow("s3:GetObject", Condition=unknown)).true
    assert (must(found), may(found)) == (set(), {"s3:GetObject"})
    holding = {"StringEquals": {"aws:username": "alice"}, "StringLike": {"aws:username": "a*"}}
    assert must(ask(allow("s3:GetObject", Condition=holding)).true) == {"s3:GetObject"}


def test_blocks_are_told_apart_by_operator_key_values_and_version() -> None:
    found = ask(
        allow("s3:GetObject", Condition={"StringEquals": {"aws:username": "alice"}}),
        allow("s3:PutObject", Condition={"StringNotEquals": {"aws:username": "alice"}}),
        allow("iam:GetUser", Condition={"StringEquals": {"aws:username": "bob"}}),
        allow("iam:CreateUser", Condition={"StringEquals": {"aws:PrincipalTag/team": "alice"}}),
    )
    assert may(found.true) == must(found.true) == {"s3:GetObject"}


def test_what_only_may_hold_of_a_resources_policy_is_never_sure() -> None:
    side = named(
        allow("s3:GetObject", Condition=ALICE_ONLY),
        allow("s3:PutObject", Condition=MFA_TRUE),
        allow("s3:ListAllMyBuckets", Condition=TEAM),
        deny("iam:GetUser", Condition=ALICE_ONLY),
        deny("iam:CreateUser", Condition=MFA_TRUE),
        deny("iam:PassRole", Condition=TEAM),
    )
    found = ask(allow("iam:*"), resource=side)
    of_iam = set(universe().actions("iam"))
    assert may(found.true) == of_iam | {"s3:GetObject", "s3:PutObject"}
    assert may(found.absent) == of_iam | {"s3:GetObject"}
    assert must(found.true) == of_iam - {"iam:GetUser", "iam:CreateUser"}
    assert must(found.absent) == of_iam - {"iam:GetUser"}


def test_a_trust_policy_is_refused_in_full_words() -> None:
    trust = compiled({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}, kind=PolicyKind.TRUST)
    with pytest.raises(ValueError, match="role") as caught:
        cover(PolicySet(trust=trust), universe())
    assert str(caught.value) == ("a trust policy is about one role: leave it out to ask about all actions")


def test_whose_arn_is_not_known_is_asked_about_in_every_account() -> None:
    policies = PolicySet(identity=(compiled(allow("iam:CreateUser", Resource="arn:aws:iam::1*:user/*")),))
    unsaid: list[Context] = [{"aws:PrincipalArn": UNKNOWN}, {}]
    for unknown in unsaid:
        masks = reach(policies, universe(), unknown).true
        assert (must(masks), may(masks)) == (set(), {"iam:CreateUser"})
    known = reach(policies, universe(), {"AWS:principalarn": USER}).true
    assert must(known) == {"iam:CreateUser"}
