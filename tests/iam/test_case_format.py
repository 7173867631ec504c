"""The format of case files: what it takes, what each field means, and how mistakes are told."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from watchword.errors import WatchwordError
from watchword.iam import UNKNOWN, CredentialKind, MfaState, Outcome, PrincipalKind
from watchword.iam._case_fields import FIELDS
from watchword.iam.cases import BrokenCase, Case, CaseFileError, Library, read_case_file, read_cases

ALICE = "arn:aws:iam::123456789012:user/alice"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:queue"
NONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
ROLE = "arn:aws:iam::123456789012:role/ops"
TRUSTED = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [TRUSTED]}
BUCKET = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "*", "Resource": "*"}],
}


def no_files(path: str) -> str:
    raise FileNotFoundError(2, "No such file", path)


def fields(**changed: object) -> dict[str, object]:
    """The fields of a case that passes; a field that is `...` is left out."""
    case: dict[str, object] = {
        "name": "a case",
        "identity_policies": [ALL],
        "principal": ALICE,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/key",
        "expect": "allowed",
    }
    return {key: value for key, value in {**case, **changed}.items() if value is not ...}


def case(**changed: object) -> Case:
    (found,) = read_cases(json.dumps([fields(**changed)]), name="c.json", read=no_files)
    return found


def problems(text: str) -> list[str]:
    entries = read_case_file(text, name="c.json", read=no_files)
    return [str(each) for entry in entries if isinstance(entry, BrokenCase) for each in entry.problems]


def problem(**changed: object) -> str:
    (only,) = problems(json.dumps([fields(**changed)]))
    return only.partition(": ")[2]


def others(found: Case) -> tuple[object, ...]:
    """All policies but the identity policies."""
    policies = found.policies
    return (
        policies.permissions_boundary,
        policies.session,
        policies.trust,
        policies.resource,
        policies.service_control,
        policies.resource_control,
        policies.endpoint,
    )


NO_OTHERS = (None, None, None, None, (), (), None)


def refused(text: str) -> CaseFileError:
    with pytest.raises(CaseFileError) as caught:
        read_case_file(text, name="c.json", read=no_files)
    return caught.value


# -- a case


def test_a_case_is_a_question_with_the_expected_answer() -> None:
    found = case(source="a page", resource_account="123456789012")
    assert found.name == "a case"
    assert found.request.principal.arn == ALICE
    assert (found.request.action, found.request.resource) == ("s3:GetObject", "arn:aws:s3:::bucket/key")
    assert found.request.resource_account == "123456789012"
    assert found.expect is Outcome.ALLOWED
    assert found.decide().outcome is Outcome.ALLOWED
    assert found.source == "a page"


def test_null_is_the_same_as_leaving_a_field_out() -> None:
    found = case(
        resource_policy=None,
        permissions_boundaries=None,
        session_policies=None,
        service_control_policies=None,
        resource_control_policies=None,
        endpoint_policies=None,
        trust_policy=None,
        credential=None,
        resource_account=None,
        context=None,
        unknown=None,
        service_rules=None,
        source=None,
        assumptions=None,
        session_of=None,
        code=None,
    )
    assert others(found) == NO_OTHERS
    assert found.request == case().request


@pytest.mark.parametrize("field", ["name", "principal", "action", "resource", "expect"])
def test_a_field_that_every_case_needs_is_missed(field: str) -> None:
    assert problem(**{field: ...}) == f"expected `{field}` in the case"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("identityPolicies", "identity_policies"),
        ("resource_policies", "resource_policy"),
        ("permission_boundary", "permissions_boundaries"),
        ("scps", None),
        ("Expect", "expect"),
        ("expected", "expect"),
        ("credentials", "credential"),
    ],
)
def test_a_field_that_there_is_not_is_reported_with_the_nearest(written: str, meant: str | None) -> None:
    near = f", perhaps `{meant}`" if meant else ""
    assert problem(**{written: []}) == f"expected a field of a case{near}, found `{written}`"


@pytest.mark.parametrize(
    "written", ["id", "topic", "description", "comment", "_comment", "$schema", "tags", "reason", "section"]
)
def test_a_field_for_people_is_not_read_and_says_so(written: str) -> None:
    found = case(**{written: ["x"]})
    assert [warning.message for warning in found.warnings] == [f"the field `{written}` is not read"]
    assert found.decide().outcome is Outcome.ALLOWED


@pytest.mark.parametrize(
    "written", ["boundary", "groups", "session", "mfa", "control_policies", "conditions", "contxt", "Action"]
)
def test_a_field_that_an_answer_could_depend_on_is_an_error(written: str) -> None:
    assert problem(**{written: []}).startswith("expected a field of a case")


def test_a_source_may_be_anything() -> None:
    assert case(source=["one page", "another"]).source is None
    assert case(source=["one page", "another"]).warnings == ()


def test_a_field_written_twice_is_reported_and_not_guessed_at() -> None:
    text = json.dumps([fields()]).replace('"expect"', '"expect": "implicitDeny", "expect"')
    (found,) = problems(text)
    assert found.endswith("expected `expect` once in this case, found it again")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_can_be_expected(outcome: Outcome) -> None:
    assert case(expect=outcome.value).expect is outcome


@pytest.mark.parametrize(
    ("written", "meant"),
    [("allow", "allowed"), ("ExplicitDeny", "explicitDeny"), ("implicit_deny", "implicitDeny")],
)
def test_another_outcome_is_reported_with_the_nearest(written: str, meant: str) -> None:
    assert problem(expect=written) == (
        f"expected another value of `expect`, perhaps `{meant}`, found `{written}`"
    )


@pytest.mark.parametrize("action", ["s3:*", "*", "s3", "s3:Get?bject", ""])
def test_an_action_is_one_action(action: str) -> None:
    assert "action" in problem(action=action)


@pytest.mark.parametrize("resource", ["bucket/key", "ARN:aws:s3:::b", 3, ["arn:aws:s3:::b"]])
def test_a_resource_is_an_arn_or_a_star(resource: object) -> None:
    assert "resource" in problem(resource=resource) or "ARN" in problem(resource=resource)


# -- policies


def test_a_single_policy_stands_for_an_array_of_one() -> None:
    found = case(
        identity_policies=ALL, permissions_boundaries=ALL, session_policies=ALL, service_control_policies=ALL
    )
    assert len(found.policies.identity) == 1
    assert found.policies.permissions_boundary is not None
    assert found.policies.session is not None
    assert [len(level) for level in found.policies.service_control] == [1]


def test_levels_are_arrays_of_policies() -> None:
    found = case(service_control_policies=[[ALL, ALL], [ALL], []])
    assert [len(level) for level in found.policies.service_control] == [2, 1, 0]
    assert problem(service_control_policies=[ALL, ALL]) == (
        "expected `service_control_policies` to hold levels, each an array of policies"
    )
    assert [len(level) for level in case(service_control_policies=[ALL]).policies.service_control] == [1]


def test_an_empty_array_is_no_policy_at_all() -> None:
    found = case(
        permissions_boundaries=[],
        session_policies=[],
        endpoint_policies=[],
        service_control_policies=[],
        resource_control_policies=[],
    )
    assert others(found) == NO_OTHERS


def test_aws_attaches_one_boundary() -> None:
    assert problem(permissions_boundaries=[ALL, NONE]) == (
        "expected one permissions boundary at most: AWS attaches one"
    )


def test_a_policy_may_be_the_text_of_one() -> None:
    found = case(identity_policies=[json.dumps(ALL, indent=2)])
    assert found.decide().outcome is Outcome.ALLOWED
    broken = problem(identity_policies=['\n{"Version": "2012-10-17",\n "Statement": 3}'])
    assert broken == "line 3 of the string: expected a statement: an object"


def test_a_policy_may_be_a_path_from_the_file_of_cases(tmp_path: Path) -> None:
    asked = []

    def read(path: str) -> str:
        asked.append(path)
        return '{\n  "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}\n}'

    text = json.dumps([fields(identity_policies=["p/all.json"]), fields(identity_policies=["p/all.json"])])
    first, second = read_cases(text, name="cases/c.json", read=read)
    assert asked == ["p/all.json"]
    assert first.policies is second.policies
    (ref,) = first.decide().statements
    file, place = first.place(ref)
    assert (file, place.line, place.column) == ("cases/p/all.json", 2, 16)
    assert str(ref).startswith("cases/p/all.json:2:16 ")


def test_a_path_that_leads_nowhere_is_reported_where_it_is_written() -> None:
    text = json.dumps([fields(identity_policies=["gone.json"]), fields(name="another")], indent=1)
    broken, sound = read_case_file(text, name="c.json", read=no_files)
    assert isinstance(broken, BrokenCase)
    assert isinstance(sound, Case)
    assert [str(each) for each in broken.problems] == [
        "c.json:5:4: expected a policy or the path of one: no such file"
    ]


def test_an_error_of_the_reader_is_told_as_it_is() -> None:
    def read(path: str) -> str:
        raise WatchwordError(f"`{path}` is a folder")

    (broken,) = read_case_file(json.dumps([fields(trust_policy="x")]), name="c.json", read=read)
    assert isinstance(broken, BrokenCase)
    assert broken.problems[0].message == "expected a policy or the path of one: `x` is a folder"


def test_what_is_wrong_in_a_policy_is_told_where_it_stands_in_the_file_of_cases() -> None:
    text = """[
  {
    "name": "x", "principal": "anonymous", "action": "a:B", "resource": "*", "expect": "allowed",
    "identity_policies": [{"Version": "2012-10-17",
      "Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}]
  }
]"""
    assert problems(text) == ['c.json:5:32: expected `"Allow"` or `"Deny"`']
    assert text.splitlines()[4][31:].startswith('"allow"')


ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
RCP = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
}


@pytest.mark.parametrize(
    ("policies", "outcome", "refusal"),
    [
        (
            {"identity_policies": [{"Statement": [{**ALLOW, "Sid": "a"}] * 2}]},
            Outcome.ALLOWED,
            "expected a Sid that no other statement has, found `a` again",
        ),
        (
            {"identity_policies": [{"Statement": [{**ALLOW, "Sid": "a b"}]}]},
            Outcome.ALLOWED,
            "expected a Sid of letters and digits only",
        ),
        (
            {"identity_policies": [{"Statement": []}]},
            Outcome.IMPLICIT_DENY,
            "expected at least one statement",
        ),
        (
            {"identity_policies": [{"Statement": [{**ALLOW, "Resource": []}]}]},
            Outcome.IMPLICIT_DENY,
            "expected at least one value for `Resource`",
        ),
        (
            {"identity_policies": [{"Statement": [{**ALLOW, "Resource": "arn:aws:*:::bucket/*"}]}]},
            Outcome.IMPLICIT_DENY,
            "expected an ARN that names its service without wildcards, found `arn:aws:*:::bucket/*`",
        ),
        (
            {"service_control_policies": [[{"Statement": [ALLOW]}]]},
            Outcome.ALLOWED,
            'expected `"Version": "2012-10-17"` in a service control policy',
        ),
        (
            {"resource_control_policies": [[RCP]]},
            Outcome.EXPLICIT_DENY,
            "expected an action with its service, found `*`",
        ),
        (
            {
                "identity_policies": [],
                "resource_policy": {"Statement": [{**ALLOW, "Principal": {"AWS": f"{ALICE[:-5]}*"}}]},
            },
            Outcome.IMPLICIT_DENY,
            f"expected a principal without wildcards: names match whole, found `{ALICE[:-5]}*`",
        ),
    ],
)
def test_what_aws_would_not_store_is_judged_where_its_meaning_is_plain(
    policies: dict[str, object], outcome: Outcome, refusal: str
) -> None:
    found = case(**policies)
    assert found.decide().outcome is outcome
    assert [each.message for each in found.warnings] == [f"AWS would not store this policy: {refusal}"]


def test_a_deny_on_a_service_with_a_wildcard_is_not_guessed_at() -> None:
    statement = {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:*:::bucket/*"}
    assert "names its service" in problem(identity_policies=[ALL, {"Statement": [statement]}])


def test_the_resource_of_a_trust_policy_is_looked_at_although_aws_takes_none() -> None:
    for resource, outcome in (("*", Outcome.ALLOWED), (f"{ROLE}x", Outcome.IMPLICIT_DENY)):
        trust = {"Statement": [{**TRUSTED, "Resource": resource}]}
        found = case(action="sts:AssumeRole", resource=ROLE, identity_policies=..., trust_policy=trust)
        assert found.decide().outcome is outcome


def test_more_refusals_than_are_counted_are_an_error() -> None:
    statements = [{**ALLOW, "Sid": "a"}] * 1_100
    assert (
        "a Sid that no other statement has"
        in problems(json.dumps([fields(identity_policies=[{"Statement": statements}])]))[0]
    )


def test_the_policy_of_a_resource_may_be_an_array_of_one() -> None:
    found = case(action="sqs:SendMessage", resource=QUEUE, identity_policies=..., resource_policy=[BUCKET])
    assert found.decide().outcome is Outcome.ALLOWED


def test_a_deciding_statement_is_found_in_the_file_of_cases() -> None:
    text = """[
  {
    "name": "x", "principal": "arn:aws:iam::123456789012:user/a", "action": "a:B", "resource": "*",
    "identity_policies": [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
      {"Statement": [
         {"Effect": "Deny", "Action": "*", "Resource": "*"}]}],
    "expect": "allowed"
  }
]"""
    (found,) = read_cases(text, name="c.json", read=no_files)
    (ref,) = found.decide().statements
    file, place = found.place(ref)
    assert (file, place.line, place.column) == ("c.json", 6, 10)
    allowing = text.replace('"Deny"', '"Allow"')
    (found,) = read_cases(allowing, name="c.json", read=no_files)
    (ref,) = found.decide().statements
    place = found.place(ref)[1]
    assert (place.line, place.column) == (4, 42)
    assert allowing.splitlines()[3][41:].startswith('{"Effect"')


def test_a_policy_may_hold_any_character_that_json_can_escape() -> None:
    text = json.dumps([fields(identity_policies=[{**ALL, "Id": "Ω😀"}])], ensure_ascii=False)
    assert read_cases(text, name="c.json", read=no_files)[0].decide().allowed


def test_the_policy_of_a_key_is_a_key_policy() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    found = case(action="kms:Decrypt", resource=key, resource_policy=BUCKET)
    assert [document.kind.value for document in found.documents.values()] == ["identity", "key"]


def test_the_policy_of_a_role_is_its_trust_policy() -> None:
    asked = {"action": "sts:AssumeRole", "resource": ROLE, "identity_policies": ...}
    for field in ("trust_policy", "resource_policy"):
        found = case(**asked, **{field: TRUST})
        assert found.policies.trust is not None
        assert found.policies.resource is None
        assert found.decide().outcome is Outcome.ALLOWED
    assert problem(**asked, trust_policy=TRUST, resource_policy=TRUST) == (
        "expected the policy of a role once, found `trust_policy` too"
    )


def test_a_trust_policy_says_nothing_about_other_calls() -> None:
    assert case(trust_policy=TRUST).policies.trust is None
    assert case(trust_policy=TRUST).decide().outcome is Outcome.ALLOWED


# -- the context


def test_a_boolean_and_a_number_mean_their_text() -> None:
    text = json.dumps([fields(context={"aws:MultiFactorAuthPresent": True, "a:list": [1, False, "x"]})])
    text = text.replace("[1,", "[1.50,")
    (found,) = read_cases(text, name="c.json", read=no_files)
    assert found.request.context == {"aws:MultiFactorAuthPresent": "true", "a:list": ("1.50", "false", "x")}


def test_without_a_credential_the_context_says_it_all() -> None:
    found = case(context={"aws:MultiFactorAuthPresent": "true", "a:absent": None})
    assert found.request.context == {"aws:MultiFactorAuthPresent": "true"}
    assert found.request.credential is None


@pytest.mark.parametrize("kind", list(CredentialKind))
def test_a_credential_fills_in_the_mfa_keys_and_no_others(kind: CredentialKind) -> None:
    found = case(credential=kind.value, context={"aws:SourceIp": "10.0.0.1"})
    assert found.request.credential is kind
    assert set(found.request.context) <= {
        "aws:SourceIp",
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
    }


def test_a_session_with_mfa_has_an_age_that_nobody_knows_unless_the_context_names_it() -> None:
    found = case(credential="session-mfa")
    assert found.request.context == {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": UNKNOWN}
    found = case(credential="session-mfa", context={"aws:multifactorauthage": 60})
    assert found.request.folded["aws:multifactorauthage"] == "60"


def test_the_context_goes_before_the_credential() -> None:
    found = case(credential="session-mfa", context={"AWS:multifactorauthpresent": "false"})
    assert found.request.folded == {"aws:multifactorauthpresent": "false"}
    found = case(credential="session-mfa", context={"aws:MultiFactorAuthPresent": None})
    assert found.request.folded == {}
    found = case(credential="access-key", unknown=["aws:MultiFactorAuthPresent"])
    assert found.request.folded["aws:multifactorauthpresent"] is UNKNOWN


def test_without_service_rules_the_credential_still_fills_in_the_mfa_keys() -> None:
    found = case(credential="session", service_rules=False)
    assert found.request.credential is None
    assert found.request.context == {"aws:MultiFactorAuthPresent": "false"}


def test_a_key_is_known_or_unknown() -> None:
    assert problem(context={"aws:SourceIp": "10.0.0.1"}, unknown=["aws:sourceip"]) == (
        "expected `aws:sourceip` in `unknown` or in `context`, found it in both"
    )
    assert case(context={"aws:SourceIp": None}, unknown=["aws:SourceIp"]).request.context == {
        "aws:SourceIp": UNKNOWN
    }


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("context", {"aws:SourceIp": {"a": 1}}, "expected a string, a number or a boolean"),
        ("context", {"aws:SourceIp": ["x", None]}, "expected a string, a number or a boolean"),
        ("context", ["aws:SourceIp"], "expected an object of condition keys in `context`"),
        ("unknown", "aws:SourceIp", "expected an array of condition keys in `unknown`"),
        ("unknown", [1], "expected a condition key in double quotes"),
        ("service_rules", "false", "expected `true` or `false` in `service_rules`"),
        (
            "credential",
            "acess_key",
            "expected another value of `credential`, perhaps `access-key`, found `acess_key`",
        ),
        ("resource_account", "alice", "expected the twelve digits of an account in double quotes"),
        (
            "identity_policies",
            3,
            "expected a policy in `identity_policies[0]`: a document, or the path of one",
        ),
        ("assumptions", [], "expected an object in `assumptions`"),
    ],
)
def test_a_value_of_another_kind_is_reported(field: str, value: object, expected: str) -> None:
    assert problem(**{field: value}) == expected


def test_a_key_without_its_service_is_reported() -> None:
    assert problem(context={"SourceIp": "10.0.0.1"}).startswith("expected a condition key with its service")


# -- who asks


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        (ALICE, PrincipalKind.USER),
        ("arn:aws:iam::123456789012:root", PrincipalKind.ROOT),
        ("arn:aws-cn:iam::123456789012:user/path/alice", PrincipalKind.USER),
        (ROLE, PrincipalKind.ROLE),
        ("arn:aws:sts::123456789012:assumed-role/ops/alice", PrincipalKind.ROLE_SESSION),
        ("arn:aws:sts::123456789012:federated-user/alice", PrincipalKind.FEDERATED_USER),
        ("arn:aws:iam::123456789012:saml-provider/idp", PrincipalKind.IDENTITY_PROVIDER),
        ("arn:aws:iam::123456789012:oidc-provider/idp.example/a", PrincipalKind.IDENTITY_PROVIDER),
        ("accounts.google.com", PrincipalKind.IDENTITY_PROVIDER),
        ("ec2.amazonaws.com", PrincipalKind.SERVICE),
        ("anonymous", PrincipalKind.ANONYMOUS),
        ("*", PrincipalKind.ANONYMOUS),
    ],
)
def test_whoever_can_ask_can_be_named(principal: str, kind: PrincipalKind) -> None:
    assert case(principal=principal).request.principal.kind is kind


@pytest.mark.parametrize("principal", ["alice", "123456789012", "arn:aws:iam::123456789012:user/*", "", 3])
def test_nobody_else_can(principal: object) -> None:
    assert "principal" in problem(principal=principal)


def test_a_provider_that_looks_like_a_service_is_one_where_it_vouches() -> None:
    found = case(
        principal="cognito-identity.amazonaws.com",
        action="sts:AssumeRoleWithWebIdentity",
        resource=ROLE,
    )
    assert found.request.principal.kind is PrincipalKind.IDENTITY_PROVIDER


def test_whose_session_it_is_can_be_told() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/ops/alice"
    with_path = "arn:aws:iam::123456789012:role/team/ops"
    assert case(principal=session).request.principal.role_arn == ROLE
    assert case(principal=session, session_of=with_path).request.principal.role_arn == with_path
    found = case(principal=session, context={"aws:PrincipalArn": with_path, "aws:userid": "AROAX:alice"})
    assert found.request.principal.role_arn == with_path
    assert found.request.principal.unique_id == "AROAX"
    federated = "arn:aws:sts::123456789012:federated-user/bob"
    assert case(principal=federated, session_of=ALICE).request.principal.user_arn == ALICE


def test_a_session_is_not_of_somebody_else() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/ops/alice"
    other = "arn:aws:iam::999999999999:role/ops"
    assert problem(principal=session, session_of=other) == (
        f"expected the ARN of the session's role, found `{other}`"
    )
    assert "only where `principal` is a session" in problem(session_of=ALICE)
    assert case(principal=session, context={"aws:PrincipalArn": other}).request.principal.role_arn == ROLE


def test_a_call_that_carries_a_code_shows_it_to_the_trust_policy() -> None:
    asked = {"action": "sts:AssumeRole", "resource": ROLE, "trust_policy": TRUST, "code": True}
    found = case(**asked, credential="access-key")
    assert found.request.folded_trust["aws:multifactorauthpresent"] == "true"
    found = case(
        **asked, credential="access-key", assumptions={"own_policy_at_assume_role_with_code": "absent"}
    )
    assert found.request.folded == {}
    assert found.request.folded_trust["aws:multifactorauthage"] == "0"
    assert "expected a `credential` beside the `code`" in problem(**asked)
    assert "only with the action `sts:AssumeRole`" in problem(code=True, credential="access-key")


def test_an_assumption_can_be_set_otherwise() -> None:
    found = case(assumptions={"role_session_from_mfa_session": True})
    assert found.assumptions.role_session_from_mfa_session is MfaState.TRUE
    assert problem(assumptions={"role_session_from_mfa_session": "maybe"}) == (
        'expected one of `"absent"`, `"false"`, `"true"`, `"unknown"` for `role_session_from_mfa_session`'
    )
    assert "perhaps `role_session_from_mfa_session`" in problem(assumptions={"role_session_from_mfa": True})


# -- files


def test_all_that_is_wrong_is_told_at_once_and_the_other_cases_remain() -> None:
    text = json.dumps([fields(action="s3", resource="b", scps=1), fields(name="sound"), 5])
    first, second, third = read_case_file(text, name="c.json", read=no_files)
    assert isinstance(first, BrokenCase)
    assert len(first.problems) == 3
    assert (first.name, first.expect) == ("a case", Outcome.ALLOWED)
    assert isinstance(second, Case)
    assert isinstance(third, BrokenCase)
    assert third.name == "case 3"
    with pytest.raises(CaseFileError) as caught:
        read_cases(text, name="c.json", read=no_files)
    assert len(caught.value.problems) == 4
    assert str(caught.value).endswith("; and 1 more")
    assert caught.value.diagnostics().count("\n  c.json:1:") == 4


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("", "c.json:1:1: expected an array of cases, found nothing", None),
        ("[]", "c.json:1:1: expected a case, found none", "a test without cases cannot fail"),
        ("{}", "c.json:1:1: expected an array of cases", None),
        ('\n{"Statement": []}', "c.json:2:1: expected an array of cases", "this is a policy"),
        ('{"expect": "allowed"}', "c.json:1:1: expected an array of cases", "put `[` and `]`"),
        ("[{}", "c.json:1:4: expected `]` to end what begins in line 1, found the end", None),
        ("[NaN]", "c.json:1:2: expected a value, found `NaN`", None),
        ('["\\ud800"]', "c.json:1:3: expected characters, found half of a surrogate pair", None),
        ("[" * 100_000, "c.json:1:1: expected fewer levels of nesting", None),
        ("[" * 5_000 + "]" * 5_000, "c.json:1:1: expected fewer levels of nesting", None),
    ],
)
def test_a_text_that_is_no_file_of_cases_is_refused(text: str, where: str, hint: str | None) -> None:
    error = refused(text)
    assert str(error.problems[0]).startswith(where)
    assert (error.hint or "").startswith(hint or "")
    assert bool(error.hint) == bool(hint)


def test_two_mistakes_of_the_json_are_told_at_once() -> None:
    error = refused('[{"name": "a" "b": 1},\n {"c" 3}]')
    assert [str(each).partition(": ")[0] for each in error.problems] == ["c.json:1:15", "c.json:2:7"]


def test_a_long_text_with_a_mistake_is_refused_soon() -> None:
    text = '[\n{"name": ' + '"' + "a" * 2_000_000 + '"},\n' + '{"a": [1, 2, 3, {}]},\n' * 100_000 + "}"
    start = time.process_time()
    (found,) = refused(text).problems
    assert time.process_time() - start < 20
    assert found.line == 100_003


def test_numbers_may_be_longer_than_python_reads() -> None:
    text = json.dumps([fields(context={"a:b": 7})]).replace("7}", "9" * 20_000 + "}")
    (found,) = read_cases(text, name="c.json", read=no_files)
    assert found.request.context == {"a:b": "9" * 20_000}


def test_what_cases_share_is_compiled_once_for_all_files() -> None:
    library = Library()
    text = json.dumps([fields(), fields(name="another", expect="implicitDeny")])
    found = [
        entry
        for name in ("a.json", "b.json")
        for entry in read_case_file(text, name=name, read=no_files, library=library)
        if isinstance(entry, Case)
    ]
    assert len({id(each.policies) for each in found}) == 1
    assert [each.place(ref)[0] for each in found for ref in each.decide().statements] == [
        "a.json",
        "a.json",
        "b.json",
        "b.json",
    ]


def test_the_same_policy_in_another_place_is_told_by_that_place() -> None:
    text = json.dumps(
        [
            fields(identity_policies=[NONE], expect="explicitDeny"),
            fields(identity_policies=[ALL, NONE], expect="explicitDeny"),
            fields(identity_policies=[ALL], permissions_boundaries=[NONE], expect="explicitDeny"),
        ],
        indent=1,
    )
    lines = text.splitlines()
    for found in read_cases(text, name="c.json", read=no_files):
        (ref,) = found.decide().statements
        line = found.place(ref)[1].line
        assert line > found.line
        assert "Deny" in lines[line]


def test_the_policies_that_aws_itself_attaches_are_taken() -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    full = {"Version": "2012-10-17", "Statement": [{"Sid": "FullAWSAccess", **allow}]}
    open_to_all = {"Version": "2012-10-17", "Statement": [{**allow, "Principal": "*"}]}
    old = {"Statement": [{**allow, "Principal": "*"}]}
    found = case(
        service_control_policies=[[full], [full], [full]],
        resource_control_policies=[[open_to_all]],
        endpoint_policies=[old],
    )
    assert found.decide().outcome is Outcome.ALLOWED


def test_the_example_in_python_of_the_page_prints_what_the_page_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = Path(__file__).parents[2] / "docs" / "policy" / "test.md"
    code, shown = re.findall(r"```(?:python|text)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    exec(code, {})  # noqa: S102 our own page
    assert capsys.readouterr().out == shown


def test_the_page_names_every_field_and_every_credential() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy" / "test.md").read_text(encoding="utf-8")
    assert [field for field in FIELDS if f"| `{field}` |" not in page] == []
    assert [kind.value for kind in CredentialKind if f"`{kind.value}`" not in page] == []
