"""What the cases of tests/cases cannot say of the layers: how a trace shows them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iam.policies import USER, Statement, allow, compiled, deny, request
from watchword.iam import (
    UNKNOWN,
    Assumptions,
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Decision,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    Request,
    evaluate,
    policy_set,
    principal_from_arn,
)
from watchword.iam._rcp_services import RCP_SERVICES

ACCOUNT = "123456789012"
OTHER = "999999999999"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/alice"
SERVICE_LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
BUCKET = "arn:aws:s3:::bucket"
ALL = compiled(allow())


def naming(who: object, *, effect: str = "Allow", action: str = "*", name: str = "named") -> CompiledPolicy:
    statement = {"Effect": effect, "Principal": who, "Action": action, "Resource": "*"}
    return compiled(statement, name=name)


def every_layer() -> PolicySet:
    return PolicySet(
        identity=(ALL,),
        permissions_boundary=ALL,
        session=(ALL,),
        resource=naming({"AWS": ROLE}),
        service_control=((ALL,), (ALL,)),
        resource_control=((naming("*", effect="Deny", action="s3:Put*"),), ()),
        endpoint=(naming("*"),),
    )


def shape(decision: Decision) -> list[tuple[Layer, int | None, Outcome]]:
    return [(trace.layer, trace.level, trace.outcome) for trace in decision.trace]


# -- the trace


def test_a_trace_shows_every_layer_in_the_order_in_which_aws_looks_at_them() -> None:
    decision = evaluate(request(principal=SESSION), every_layer())
    assert decision.outcome is Outcome.ALLOWED
    assert shape(decision) == [
        (Layer.RESOURCE_CONTROL, 0, Outcome.ALLOWED),
        (Layer.RESOURCE_CONTROL, 1, Outcome.ALLOWED),
        (Layer.SERVICE_CONTROL, 0, Outcome.ALLOWED),
        (Layer.SERVICE_CONTROL, 1, Outcome.ALLOWED),
        (Layer.ENDPOINT, 0, Outcome.ALLOWED),
        (Layer.RESOURCE, None, Outcome.ALLOWED),
        (Layer.IDENTITY, None, Outcome.ALLOWED),
        (Layer.BOUNDARY, None, Outcome.ALLOWED),
        (Layer.SESSION, None, Outcome.ALLOWED),
    ]


def test_a_deny_is_shown_at_its_level() -> None:
    decision = evaluate(request("s3:PutObject", principal=SESSION), every_layer())
    assert (decision.outcome, decision.layer) == (Outcome.EXPLICIT_DENY, Layer.RESOURCE_CONTROL)
    assert shape(decision)[0] == (Layer.RESOURCE_CONTROL, 0, Outcome.EXPLICIT_DENY)


def notes(asked: Request, policies: PolicySet) -> dict[Layer, str | None]:
    return {trace.layer: trace.note for trace in evaluate(asked, policies).trace}


def test_a_trace_says_why_given_policies_have_no_say() -> None:
    policies = PolicySet(
        identity=(ALL,),
        service_control=((compiled(deny()),),),
        resource_control=((naming("*", effect="Deny"),),),
    )
    uncovered = notes(request("ec2:StopInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"), policies)
    assert "do not cover `ec2`" in str(uncovered[Layer.RESOURCE_CONTROL])
    without_resource = notes(request("s3:ListAllMyBuckets", "*"), policies)
    assert "this one has none" in str(without_resource[Layer.RESOURCE_CONTROL])
    linked = notes(request(principal=SERVICE_LINKED), policies)
    assert linked[Layer.RESOURCE_CONTROL] == "RCPs do not bind service-linked roles"
    assert linked[Layer.SERVICE_CONTROL] == "SCPs do not bind service-linked roles"
    grant = notes(request("kms:RetireGrant", KEY), policies)
    assert grant[Layer.RESOURCE_CONTROL] == "RCPs do not cover kms:RetireGrant"
    anonymous = notes(request(principal="anonymous"), policies)
    assert "users and roles" in str(anonymous[Layer.SERVICE_CONTROL])


def test_a_trace_says_what_must_allow_beside_a_resource_policy() -> None:
    bounded = PolicySet(permissions_boundary=ALL, session=(ALL,), resource=naming({"AWS": ROLE}))
    assert notes(request(principal=SESSION), bounded)[Layer.RESOURCE] == (
        "the caller's permissions boundary and session policies must allow too"
    )
    delegating = PolicySet(resource=naming({"AWS": ACCOUNT}))
    assert notes(request("kms:Decrypt", KEY), delegating)[Layer.KEY] == (
        "the caller's identity policies must allow too"
    )
    direct = PolicySet(resource=naming({"AWS": USER}))
    assert notes(request(), direct)[Layer.RESOURCE] is None


def test_a_trace_says_that_a_needed_policy_is_not_given() -> None:
    assert notes(request("kms:Decrypt", KEY), PolicySet())[Layer.KEY] == (
        "the key policy is not given, and must allow"
    )
    assert notes(request("sts:AssumeRole", ROLE), PolicySet())[Layer.TRUST] == (
        "the trust policy is not given, and must allow"
    )
    elsewhere = f"arn:aws:sqs:eu-west-1:{OTHER}:queue"
    assert notes(request("sqs:SendMessage", elsewhere), PolicySet())[Layer.RESOURCE] == (
        "the resource is another account's, and no policy of it is given"
    )
    assert "nothing else could let this caller in" in str(
        notes(request(principal="sns.amazonaws.com"), PolicySet())[Layer.RESOURCE]
    )


def test_a_role_that_assumes_itself_is_told_that_it_must_be_trusted() -> None:
    policies = PolicySet(identity=(ALL,), trust=naming({"AWS": USER}))
    decision = evaluate(request("sts:AssumeRole", ROLE, principal=SESSION), policies)
    assert (decision.outcome, decision.layer) == (Outcome.IMPLICIT_DENY, Layer.TRUST)
    assert "assumes itself" in str(decision.trace[-1].note)


def test_a_trace_says_what_root_is_allowed_by_itself() -> None:
    by_itself = notes(request(principal=ROOT), PolicySet())[Layer.ROOT]
    own_side = notes(request("kms:Decrypt", KEY, principal=ROOT), PolicySet())[Layer.ROOT]
    assert "is allowed by itself" in str(by_itself)
    assert "on its own side" in str(own_side)


# -- which statement, which layer


def test_the_statement_that_let_the_caller_in_is_named() -> None:
    by_resource = PolicySet(identity=(compiled(allow("ec2:*")),), resource=naming({"AWS": USER}))
    decision = evaluate(request(), by_resource)
    assert (decision.layer, decision.statements[0].policy) == (Layer.RESOURCE, "named")
    both = PolicySet(identity=(ALL,), resource=naming({"AWS": USER}))
    assert evaluate(request(), both).layer is Layer.IDENTITY


@pytest.mark.parametrize(
    ("policies", "layer"),
    [
        (PolicySet(identity=(ALL,), service_control=((ALL,), ())), Layer.SERVICE_CONTROL),
        (PolicySet(identity=(ALL,), endpoint=(naming({"AWS": ROLE}),)), Layer.ENDPOINT),
        (PolicySet(resource=naming({"AWS": ROLE})), Layer.IDENTITY),
        (
            PolicySet(resource=naming("*"), permissions_boundary=compiled(allow("ec2:*"))),
            Layer.BOUNDARY,
        ),
    ],
)
def test_the_layer_that_was_silent_is_named(policies: PolicySet, layer: Layer) -> None:
    decision = evaluate(request(), policies)
    assert (decision.outcome, decision.layer) == (Outcome.IMPLICIT_DENY, layer)


def test_in_another_account_the_callers_side_is_named_before_the_resources() -> None:
    asked = Request(
        principal=principal_from_arn(USER), action="s3:GetObject", resource=BUCKET, resource_account=OTHER
    )
    assert evaluate(asked, PolicySet()).layer is Layer.IDENTITY
    assert evaluate(asked, PolicySet(identity=(ALL,))).layer is Layer.RESOURCE
    assert evaluate(asked, PolicySet(identity=(ALL,), resource=naming("*"))).layer is Layer.RESOURCE


# -- what is not known


def outcome(asked: Request, policies: PolicySet) -> tuple[Outcome, tuple[str, ...]]:
    decision = evaluate(asked, policies)
    return decision.outcome, decision.missing


def test_without_the_keys_policy_only_a_certain_denial_is_certain() -> None:
    asked = request("kms:Decrypt", KEY)
    assert outcome(asked, PolicySet(identity=(ALL,))) == (Outcome.UNDETERMINED, ("key policy",))
    assert outcome(asked, PolicySet()) == (Outcome.UNDETERMINED, ("key policy",))
    assert outcome(asked, PolicySet(identity=(compiled(deny()),)))[0] is Outcome.EXPLICIT_DENY
    assert outcome(asked, PolicySet(service_control=((),)))[0] is Outcome.IMPLICIT_DENY
    of_another = request("kms:Decrypt", KEY.replace(ACCOUNT, OTHER))
    assert outcome(of_another, PolicySet())[0] is Outcome.IMPLICIT_DENY
    assert outcome(of_another, PolicySet(identity=(ALL,)))[0] is Outcome.UNDETERMINED


def test_kms_actions_without_a_key_need_no_key_policy() -> None:
    assert evaluate(request("kms:ListKeys", "*"), PolicySet(identity=(ALL,))).allowed
    alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/one"
    assert evaluate(request("kms:CreateAlias", alias), PolicySet(identity=(ALL,))).allowed


def test_what_is_missing_is_named_beside_the_keys_that_are_not_known() -> None:
    doubtful = deny(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})
    asked = request("sts:AssumeRole", ROLE, context={"aws:SourceVpc": UNKNOWN})
    assert outcome(asked, PolicySet(identity=(ALL, compiled(doubtful)))) == (
        Outcome.UNDETERMINED,
        ("aws:SourceVpc", "trust policy"),
    )


@pytest.mark.parametrize(
    ("limited", "expected"),
    [
        (True, (Outcome.IMPLICIT_DENY, ())),
        (False, (Outcome.ALLOWED, ())),
        (UNKNOWN, (Outcome.UNDETERMINED, ("session_with_mfa_is_limited",))),
    ],
)
def test_whether_a_session_with_mfa_is_limited_in_sts_can_be_assumed_either_way(
    limited: object, expected: tuple[Outcome, tuple[str, ...]]
) -> None:
    asked = Request(
        principal=principal_from_arn(USER),
        action="sts:DecodeAuthorizationMessage",
        resource="*",
        credential=CredentialKind.SESSION_MFA,
        assumptions=Assumptions(session_with_mfa_is_limited=limited),  # type: ignore[arg-type]
    )
    assert outcome(asked, PolicySet(identity=(ALL,))) == expected
    assert outcome(asked, PolicySet())[0] is Outcome.IMPLICIT_DENY
    assert outcome(asked, PolicySet(identity=(compiled(deny()),)))[0] in {
        Outcome.EXPLICIT_DENY,
        Outcome.IMPLICIT_DENY,
    }


def test_a_contested_service_rule_is_shown_as_contested() -> None:
    asked = Request(
        principal=principal_from_arn(USER),
        action="sts:DecodeAuthorizationMessage",
        resource="*",
        credential=CredentialKind.SESSION_MFA,
        assumptions=Assumptions(session_with_mfa_is_limited=UNKNOWN),
    )
    first = evaluate(asked, PolicySet(identity=(ALL,))).trace[0]
    assert (first.layer, first.outcome) == (Layer.SERVICE, Outcome.UNDETERMINED)
    assert "session_with_mfa_is_limited" in str(first.note)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_an_account_in_an_endpoint_policy_is_clear_only_where_there_are_no_gateways(effect: str) -> None:
    about: Statement = {"Effect": effect, "Principal": {"AWS": ACCOUNT}, "Action": "*", "Resource": "*"}
    passing: Statement = {**about, "Effect": "Allow"} if effect == "Allow" else {**allow(), "Principal": "*"}
    policies = PolicySet(identity=(ALL,), endpoint=(compiled(about, passing),))
    clear = Outcome.ALLOWED if effect == "Allow" else Outcome.EXPLICIT_DENY
    decision = evaluate(request("s3:GetObject"), policies)
    assert decision.outcome is Outcome.UNDETERMINED
    assert "kind of the VPC endpoint" in decision.missing[0]
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
    assert evaluate(request("sqs:SendMessage", queue), policies).outcome is clear
    assert evaluate(request("s3:GetObject", principal=ROOT), policies).outcome is clear


# -- root, service-linked roles


def test_root_of_the_owner_can_put_a_buckets_policy_right() -> None:
    policies = PolicySet(resource=naming("*", effect="Deny"))

    def asked(action: str, credential: CredentialKind | None = CredentialKind.ROOT_KEY) -> Outcome:
        return evaluate(request(action, BUCKET, principal=ROOT, credential=credential), policies).outcome

    assert asked("s3:PutBucketPolicy") is Outcome.ALLOWED
    assert asked("s3:GetObject") is Outcome.EXPLICIT_DENY
    assert asked("s3:PutBucketPolicy", None) is Outcome.EXPLICIT_DENY
    assert "put its policy right" in str(
        notes(
            request("s3:PutBucketPolicy", BUCKET, principal=ROOT, credential=CredentialKind.ROOT_KEY),
            policies,
        )[Layer.RESOURCE]
    )


def test_the_policy_of_an_assume_root_session_binds_root() -> None:
    task = PolicySet(session=(compiled(allow("s3:DeleteBucketPolicy")),))
    assert evaluate(request("s3:DeleteBucketPolicy", BUCKET, principal=ROOT), task).allowed
    decision = evaluate(request("s3:DeleteBucket", BUCKET, principal=ROOT), task)
    assert (decision.outcome, decision.layer) == (Outcome.IMPLICIT_DENY, Layer.SESSION)


def test_a_credential_says_that_a_session_is_of_a_service_linked_role() -> None:
    policies = PolicySet(identity=(ALL,), service_control=((compiled(deny()),),))
    linked = CredentialKind.SERVICE_LINKED_ROLE
    assert evaluate(request(principal=SESSION, credential=linked), policies).allowed
    assert not evaluate(request(principal=SESSION), policies).allowed


# -- the set


def test_policies_stand_where_they_can() -> None:
    somebody = naming("*")
    misplaced: list[tuple[Callable[[], PolicySet], str]] = [
        (lambda: PolicySet(identity=(somebody,)), "names principals"),
        (lambda: PolicySet(permissions_boundary=somebody), "names principals"),
        (lambda: PolicySet(session=(somebody,)), "names principals"),
        (lambda: PolicySet(service_control=((), (somebody,))), "names principals"),
        (lambda: PolicySet(trust=ALL), "it is no trust policy"),
        (lambda: PolicySet(resource=ALL), "it is no resource policy"),
        (lambda: PolicySet(endpoint=(ALL,)), "it is no endpoint policy"),
        (lambda: PolicySet(resource_control=((ALL,),)), "it is no resource control policy"),
    ]
    for make, complaint in misplaced:
        with pytest.raises(ValueError, match=complaint):
            make()


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", "12345678901x"])
def test_an_account_has_twelve_digits(account: str) -> None:
    with pytest.raises(ValueError, match="twelve digits are expected"):
        Request(principal=principal_from_arn(USER), action="s3:Get", resource="*", resource_account=account)


def test_what_is_arranged_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_set, "_MOST_PLANS", 3)
    policies = PolicySet(identity=(compiled(allow("svc:*")),))
    for at in range(20):
        assert evaluate(request(f"svc:Do{at}"), policies).allowed
        assert not evaluate(request(f"other:Do{at}"), policies).allowed
        assert len(policies.plans) <= 3


def test_callers_of_one_set_do_not_get_each_others_answers() -> None:
    policies = PolicySet(
        identity=(ALL,), resource=naming({"AWS": USER}), service_control=((compiled(allow("ec2:*")),),)
    )
    assert not evaluate(request(principal=USER), policies).allowed
    assert evaluate(request(principal=SERVICE_LINKED), policies).allowed
    assert not evaluate(request(principal="anonymous"), policies).allowed
    assert not evaluate(request(principal=USER), policies).allowed


def test_the_services_of_rcps_are_prefixes_of_actions() -> None:
    assert {"s3", "sts", "kms", "sqs", "secretsmanager"} <= RCP_SERVICES
    assert all(service == service.lower() and ":" not in service for service in RCP_SERVICES)


def test_a_resource_policy_of_the_kind_key_is_read_as_the_keys() -> None:
    statement: Statement = {**allow("kms:*"), "Principal": {"AWS": USER}}
    policies = PolicySet(resource=compiled(statement, kind=PolicyKind.KEY))
    decision = evaluate(request("kms:Decrypt", KEY), policies)
    assert (decision.outcome, decision.layer) == (Outcome.ALLOWED, Layer.KEY)


def test_a_deny_of_a_keys_policy_is_of_the_layer_key_alone() -> None:
    policies = PolicySet(identity=(ALL,), resource=naming("*", effect="Deny"))
    decision = evaluate(request("kms:Decrypt", KEY), policies)
    assert (decision.outcome, decision.layer) == (Outcome.EXPLICIT_DENY, Layer.KEY)
    assert [trace.layer for trace in decision.trace] == [Layer.IDENTITY, Layer.KEY]


def test_rcps_do_not_keep_a_service_from_its_service_linked_role() -> None:
    service = "x.amazonaws.com"
    policies = PolicySet(
        trust=naming({"Service": service}), resource_control=((naming("*", effect="Deny"),),)
    )
    assert evaluate(request("sts:AssumeRole", SERVICE_LINKED, principal=service), policies).allowed
    decision = evaluate(request("sts:AssumeRole", ROLE, principal=service), policies)
    assert decision.outcome is Outcome.EXPLICIT_DENY


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity"])
def test_what_goes_with_assuming_a_role_needs_its_trust_policy_too(action: str) -> None:
    policies = PolicySet(identity=(ALL,))
    assert outcome(request(action, ROLE), policies) == (Outcome.UNDETERMINED, ("trust policy",))
    federated = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    assert evaluate(request(action, federated), policies).allowed


def if_equal(key: str) -> dict[str, object]:
    return {"StringEquals": {key: "x"}}


OPEN: dict[str, ContextValue] = {"aws:A": UNKNOWN, "aws:B": UNKNOWN}


def test_the_callers_own_way_stays_open_where_the_resource_policy_names_another() -> None:
    policies = PolicySet(
        identity=(compiled(allow(Condition=if_equal("aws:A"))),), resource=naming({"AWS": ROLE})
    )
    assert outcome(request(context=OPEN), policies) == (Outcome.UNDETERMINED, ("aws:A",))


@pytest.mark.parametrize(
    "policies",
    [
        PolicySet(
            identity=(compiled(allow(Resource="arn:aws:s3:::${aws:A}/key", Condition=if_equal("aws:B"))),)
        ),
        PolicySet(
            identity=(compiled(allow(Condition=if_equal("aws:A"))),),
            permissions_boundary=compiled(allow(Condition=if_equal("aws:B"))),
        ),
        PolicySet(
            identity=(compiled(allow(), deny(Condition=if_equal("aws:A"))),),
            resource=compiled({**deny(Condition=if_equal("aws:B")), "Principal": "*"}),
        ),
    ],
    ids=["resource and condition", "two layers", "two Denies"],
)
def test_all_that_is_missing_is_named(policies: PolicySet) -> None:
    assert outcome(request(context=OPEN), policies) == (Outcome.UNDETERMINED, ("aws:A", "aws:B"))


def test_a_certain_deny_of_the_resource_settles_what_an_own_deny_leaves_open() -> None:
    policies = PolicySet(
        identity=(compiled(allow(), deny(Condition=if_equal("aws:A"))),),
        resource=naming("*", effect="Deny"),
    )
    decision = evaluate(request(context=OPEN), policies)
    assert (decision.outcome, decision.layer) == (Outcome.EXPLICIT_DENY, Layer.RESOURCE)
