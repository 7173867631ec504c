"""What AWS would not store although its meaning is plain: an error, or a remark when nobody stores it."""

from __future__ import annotations

import json

import pytest

from watchword.iam import Policy, PolicyKind, PolicySyntaxError, parse_policy

ALICE = "arn:aws:iam::123456789012:user/alice"


def statement(**elements: object) -> dict[str, object]:
    whole = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **elements}
    return {name: each for name, each in whole.items() if each is not ...}


def document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, ensure_ascii=False)


def refusals(
    text: str, kind: PolicyKind | None = PolicyKind.IDENTITY
) -> tuple[Policy, list[tuple[str, str]]]:
    """Return the policy and, for every refusal, the text from its place on and what is said of it."""
    policy = parse_policy(text, name="p", kind=kind, stored=False)
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(text, name="p", kind=kind)
    said = [(policy.place(offset).column, message) for offset, message in policy.refusals]
    assert said == [(problem.column, problem.message) for problem in caught.value.problems]
    return policy, [(text[column - 1 :], message) for column, message in said]


def refused(text: str, kind: PolicyKind | None, *expected: tuple[str, str]) -> Policy:
    policy, found = refusals(text, kind)
    assert [message for _, message in found] == [f"expected {message}" for _, message in expected]
    for (rest, _), (beginning, _) in zip(found, expected, strict=True):
        assert rest.startswith(beginning)
    return policy


def test_a_policy_that_aws_stores_has_no_refusals() -> None:
    assert parse_policy(document(statement()), name="p", stored=False).refusals == ()


def test_sids_and_characters() -> None:
    refused(
        document(statement(Sid="a b")),
        PolicyKind.IDENTITY,
        ('"a b"', "a Sid of letters and digits only"),
    )
    refused(
        document(statement(Sid="A"), statement(Sid="A")),
        None,
        ('"A"}]', "a Sid that no other statement has, found `A` again"),
    )
    refused(
        document(statement(Principal="*", Sid="€")),
        PolicyKind.KEY,
        ('€"', "a character up to U+00FF, found U+20AC"),
    )


def test_lists_of_nothing() -> None:
    refused(document(), None, ("[]", "at least one statement"))
    refused(
        document(statement(Action=[], Resource=[], Principal={})),
        PolicyKind.RESOURCE,
        ("[],", "at least one value for `Action`"),
        ("[],", "at least one value for `Resource`"),
        ("{}", "at least one principal"),
    )


def test_names_with_wildcards_name_nobody() -> None:
    policy = refused(
        document(statement(Principal={"AWS": [f"{ALICE}*", ALICE], "Service": "s3.*"})),
        PolicyKind.RESOURCE,
        (f'"{ALICE}*"', f"a principal without wildcards: names match whole, found `{ALICE}*`"),
        ('"s3.*"', "the whole name of a principal: only `AWS` takes a wildcard, found `s3.*`"),
    )
    assert len(policy.statements[0].principals or ()) == 3


def test_an_allow_without_the_service_of_its_resource_allows_nothing() -> None:
    wild = "an ARN that names its service without wildcards"
    policy = refused(
        document(statement(Resource=["arn:aws:*:x", "arn:aws:s3:::b", "arn:aws::y"])),
        PolicyKind.IDENTITY,
        ('"arn:aws:*:x"', f"{wild}, found `arn:aws:*:x`"),
        ('"arn:aws::y"', f"{wild}, found `arn:aws::y`"),
    )
    assert [str(each) for each in policy.statements[0].resources or ()] == ["arn:aws:s3:::b"]


@pytest.mark.parametrize(
    "elements",
    [
        {"Effect": "Deny", "Resource": "arn:aws:*:x"},
        {"Resource": ..., "NotResource": "arn:aws:*:x"},
        {"Effect": "Deny", "Resource": ..., "NotResource": "arn:aws:*:x"},
    ],
)
def test_nobody_knows_what_else_such_a_resource_would_do(elements: dict[str, object]) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(document(statement(**elements)), name="p", stored=False)
    (only,) = caught.value.problems
    expected = "expected an ARN that names its service without wildcards, found `arn:aws:*:x`"
    assert only.message == expected


def test_a_trust_policy_with_a_resource() -> None:
    refused(
        document(statement(Principal={"AWS": ALICE}, Action="sts:AssumeRole", Resource="*")),
        PolicyKind.TRUST,
        ('"*"', "no `Resource` in a trust policy"),
    )


def test_the_versions_of_an_organization() -> None:
    old = json.dumps({"Version": "2008-10-17", "Statement": statement()})
    name = "a service control policy"
    refused(old, PolicyKind.SERVICE_CONTROL, ('"2008-10-17"', f'`"2012-10-17"` in {name}'))
    none = json.dumps({"Statement": statement()})
    refused(none, PolicyKind.SERVICE_CONTROL, ("{", f'`"Version": "2012-10-17"` in {name}'))


def test_a_resource_control_policy_that_is_none() -> None:
    refused(
        document(statement(Action="*", Principal={"AWS": ALICE}), statement(Effect="Deny", Principal="*")),
        PolicyKind.RESOURCE_CONTROL,
        ('"Allow"', '`"Deny"`: only `RCPFullAWSAccess` allows'),
        ('"*", "Resource"', "an action with its service, found `*`"),
        (f'"{ALICE}"', '`"Principal": "*"`; name principals in a condition'),
    )
    refused(
        document(statement(Effect="Deny", Action=..., NotAction="s3:*", Principal="*")),
        PolicyKind.RESOURCE_CONTROL,
        ('"s3:*"', "no `NotAction` in a resource control policy"),
    )


def test_an_error_beside_refusals_is_an_error_alone() -> None:
    text = document(statement(Sid="a b", Action="s3"))
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(text, name="p", kind=PolicyKind.IDENTITY, stored=False)
    assert [each.message for each in caught.value.problems] == [
        "expected an action as `service:Name`, found `s3`"
    ]
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(text, name="p", kind=PolicyKind.IDENTITY)
    assert len(caught.value.problems) == 2


def test_errors_and_refusals_are_counted_together() -> None:
    for each, counted in ((499, True), (500, False)):
        text = document(*(statement(Sid=f"a {at}", Action="s3") for at in range(each)))
        with pytest.raises(PolicySyntaxError) as caught:
            parse_policy(text, name="p", kind=PolicyKind.IDENTITY)
        assert caught.value.counted is counted
