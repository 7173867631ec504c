from __future__ import annotations

import json

import pytest

from iam.policies import USER, allow, compiled, deny
from watchword.iam import (
    UNKNOWN,
    Assumptions,
    Call,
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Known,
    MfaState,
    Outcome,
    PolicySet,
    Request,
    ask,
    credential_context,
    evaluate,
    keys_read,
    kinds_of,
    parse_policy,
    principal_from_arn,
    signer,
    usual_kind,
)
from watchword.iam.asking import accounts_named, all_keys_read

ROLE = "arn:aws:iam::123456789012:role/team/dev"
KEYS = {
    "StringEquals": {"aws:PrincipalTag/Team": "${aws:RequestTag/Team, 'none'}", "aws:username": "alice"},
    "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    "Null": {"aws:TokenIssueTime": "true"},
    "Bool": {"aws:ViaAWSService": "false"},
}
POLICIES = PolicySet(identity=(compiled(allow(Condition=KEYS)),))


def asked(
    kind: CredentialKind | None = CredentialKind.ACCESS_KEY,
    *,
    principal: str = USER,
    known: Known | None = None,
) -> Request:
    who = principal_from_arn(principal)
    call = Call(action="s3:GetObject", resource="*")
    return ask(call, (kind and signer(who, kind)) or who, kind, POLICIES, known=known or Known()).request


def said(request: Request, key: str) -> ContextValue | None:
    return request.folded.get(key.lower())


def test_what_policies_read_and_nobody_said_is_unknown() -> None:
    request = asked()
    for key in ("aws:PrincipalTag/Team", "aws:RequestTag/Team", "aws:SourceIp"):
        assert said(request, key) is UNKNOWN
    assert said(request, "aws:RequestedRegion") is None


def test_what_follows_from_the_credential_is_known() -> None:
    assert said(asked(), "aws:TokenIssueTime") is None
    assert said(asked(CredentialKind.SESSION), "aws:TokenIssueTime") is UNKNOWN
    assert said(asked(), "aws:ViaAWSService") == "false"
    assert said(asked(CredentialKind.FORWARDED), "aws:ViaAWSService") == "true"
    assert said(asked(), "aws:MultiFactorAuthPresent") is None
    assert said(asked(CredentialKind.SESSION), "aws:MultiFactorAuthPresent") == "false"
    assert said(asked(CredentialKind.SESSION_MFA), "aws:MultiFactorAuthAge") is UNKNOWN


def test_what_follows_from_the_principal_is_known() -> None:
    assert said(asked(), "aws:username") == "alice"
    session = asked(CredentialKind.ROLE_SESSION, principal=ROLE)
    assert said(session, "aws:username") is None
    assert said(session, "aws:PrincipalArn") == ROLE


def test_what_is_said_goes_before_what_follows_in_any_spelling() -> None:
    known = Known(
        context={"AWS:multifactorauthpresent": "true", "aws:sourceip": "203.0.113.1"},
        absent=frozenset({"AWS:USERNAME", "aws:principaltag/team"}),
    )
    request = asked(CredentialKind.SESSION, known=known)
    assert said(request, "aws:MultiFactorAuthPresent") == "true"
    assert said(request, "aws:SourceIp") == "203.0.113.1"
    assert said(request, "aws:username") is None
    assert said(request, "aws:PrincipalTag/Team") is None


def test_without_a_credential_the_service_rules_are_silent_and_mfa_is_unknown_where_it_is_read() -> None:
    policies = PolicySet(
        resource=compiled(
            {
                **allow("s3:GetObject", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
                "Principal": "*",
            }
        )
    )
    call = Call(action="s3:GetObject", resource="arn:aws:s3:::b/k")
    question = ask(call, principal_from_arn("anonymous"), None, policies)
    assert question.request.credential is None
    decision = evaluate(question.request, policies)
    assert (decision.outcome, decision.missing) == (Outcome.UNDETERMINED, ("aws:MultiFactorAuthPresent",))


def test_a_policy_reads_the_keys_of_conditions_and_of_variables_once_each() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {**allow(Condition=KEYS), "Resource": "arn:aws:s3:::home/${aws:UserName}/*"},
            deny(Condition={"NumericLessThan": {"s3:max-keys": "10"}, "Bool": {"AWS:viaawsservice": "true"}}),
        ],
    }
    assert keys_read(parse_policy(json.dumps(document), name="p")) == (
        "aws:UserName",
        "aws:PrincipalTag/Team",
        "aws:RequestTag/Team",
        "aws:SourceIp",
        "aws:TokenIssueTime",
        "aws:ViaAWSService",
        "s3:max-keys",
    )
    old = document | {"Version": "2008-10-17"}
    assert "aws:RequestTag/Team" not in keys_read(parse_policy(json.dumps(old), name="p"))


@pytest.mark.parametrize("kind", CredentialKind)
def test_a_principal_signs_with_the_kinds_that_it_can_have(kind: CredentialKind) -> None:
    for arn in (USER, ROLE, "arn:aws:iam::123456789012:root", "s3.amazonaws.com", "anonymous"):
        principal = principal_from_arn(arn)
        who = signer(principal, kind)
        if kind in kinds_of(principal):
            assert who is not None
            assert kind in kinds_of(who)
        elif (arn, kind) == (USER, CredentialKind.FEDERATED):
            assert who is not None
            assert (who.arn, who.user_arn) == ("arn:aws:sts::123456789012:federated-user/alice", USER)
        else:
            assert who is None


def test_the_usual_kind_is_one_that_the_principal_can_have() -> None:
    for arn in (USER, ROLE, "arn:aws:iam::123456789012:root", "s3.amazonaws.com"):
        principal = principal_from_arn(arn)
        assert usual_kind(principal) in kinds_of(principal)
    assert usual_kind(principal_from_arn("anonymous")) is None


def test_only_a_call_on_somebodys_behalf_may_name_the_services_it_came_through() -> None:
    assert "aws:CalledVia" not in credential_context(CredentialKind.SESSION)
    assert credential_context(CredentialKind.FORWARDED)["aws:CalledVia"] is UNKNOWN


def test_the_accounts_are_those_that_arns_name_in_full() -> None:
    resources = ["arn:aws:iam::111122223333:user/*", "arn:aws:iam::*:role/x", "arn:aws:s3:::b", "*"]
    policies = PolicySet(identity=(compiled({**allow(), "Resource": resources}),))
    assert accounts_named(policies) == ("111122223333",)


# -- the question as a whole


def test_a_question_carries_what_was_called_with_what_and_against_which_policies() -> None:
    call = Call(action="s3:GetObject", resource="arn:aws:s3:::b/k", resource_account="210987654321")
    assumptions = Assumptions(federated_session=MfaState.TRUE)
    principal = principal_from_arn(USER)
    found = ask(call, principal, CredentialKind.SESSION, POLICIES, assumptions=assumptions)
    assert found.policies is POLICIES
    assert found.signed_with is CredentialKind.SESSION
    request = found.request
    assert (request.principal, request.action) == (principal, "s3:GetObject")
    assert (request.resource, request.resource_account) == ("arn:aws:s3:::b/k", "210987654321")
    assert request.credential is CredentialKind.SESSION
    assert request.trust_context is None
    assert request.assumptions is assumptions


def test_without_the_rules_of_the_services_the_request_names_no_credential_and_the_question_does() -> None:
    call = Call(action="s3:GetObject", resource="*")
    found = ask(call, principal_from_arn(USER), CredentialKind.SESSION_MFA, POLICIES, service_rules=False)
    assert found.request.credential is None
    assert found.signed_with is CredentialKind.SESSION_MFA
    assert said(found.request, "aws:MultiFactorAuthPresent") == "true"


def test_a_code_in_the_call_is_seen_by_both_sides_as_the_assumptions_have_it() -> None:
    call = Call(action="sts:AssumeRole", resource=ROLE, with_code=True)
    principal = principal_from_arn(USER)
    request = ask(call, principal, CredentialKind.ACCESS_KEY, POLICIES).request
    for side in (request.folded, request.folded_trust):
        assert side["aws:multifactorauthpresent"] == "true"
        assert side["aws:multifactorauthage"] == "0"
        assert side["aws:username"] == "alice"
    apart = Assumptions(own_policy_at_assume_role_with_code=MfaState.ABSENT)
    request = ask(call, principal, CredentialKind.ACCESS_KEY, POLICIES, assumptions=apart).request
    assert "aws:multifactorauthpresent" not in request.folded
    assert request.folded_trust["aws:multifactorauthage"] == "0"
    nobody = ask(call, principal_from_arn("anonymous"), None, POLICIES).request
    assert nobody.trust_context is None


def test_the_keys_of_the_credential_follow_from_the_assumptions() -> None:
    call = Call(action="s3:GetObject", resource="*")
    for state, value in ((MfaState.TRUE, "true"), (MfaState.FALSE, "false"), (MfaState.UNKNOWN, UNKNOWN)):
        request = ask(
            call,
            principal_from_arn(USER),
            CredentialKind.CONSOLE_MFA,
            POLICIES,
            assumptions=Assumptions(console_with_mfa=state),
        ).request
        assert said(request, "aws:MultiFactorAuthPresent") == value


def test_the_policies_of_every_layer_are_read() -> None:
    def reading(key: str, **rest: object) -> CompiledPolicy:
        return compiled({**allow(Condition={"StringEquals": {key: "1"}}), **rest})

    anyone = {"Principal": "*"}
    policies = PolicySet(
        identity=(reading("a:identity"), reading("A:Identity")),
        session=(reading("a:session"),),
        endpoint=(reading("a:endpoint", **anyone),),
        service_control=((reading("a:scp0"),), (reading("a:scp1"),)),
        resource_control=((reading("a:rcp", **anyone),),),
        permissions_boundary=reading("a:boundary"),
        trust=reading("a:trust", **anyone),
        resource=reading("a:resource", **anyone),
    )
    assert all_keys_read(policies) == (
        "a:identity",
        "a:session",
        "a:endpoint",
        "a:scp0",
        "a:scp1",
        "a:rcp",
        "a:boundary",
        "a:trust",
        "a:resource",
    )


def test_a_variable_after_a_wildcard_is_read_too() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {**allow(), "Resource": ["arn:aws:s3:::*${aws:a}?", "arn:aws:s3:::x${*}${aws:b}"]},
    }
    assert keys_read(parse_policy(json.dumps(document), name="p")) == ("aws:a", "aws:b")
