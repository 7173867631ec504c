"""What must hold whatever the policy says: no crash, places in the text, fixes that allow nothing more."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from lint.documents import universe
from lint.odd_policies import documents
from watchword.iam import (
    MfaState,
    PolicyKind,
    PolicySet,
    PolicySyntaxError,
    Request,
    compile_policy,
    evaluate,
    mfa_keys,
    parse_policy,
    principal_from_arn,
)
from watchword.lint import RULES, AttachedTo, Finding, Rule, apply, compatible, lint_text
from watchword.lint.rules import syntax

ALICE = principal_from_arn("arn:aws:iam::864213570975:user/alice")
CALLERS = [
    mfa_keys(MfaState.ABSENT),
    mfa_keys(MfaState.FALSE),
    mfa_keys(MfaState.TRUE, age_seconds=0),
    mfa_keys(MfaState.TRUE, age_seconds=100_000),
]
ASKED = [
    ("ec2:StopInstances", "arn:aws:ec2:eu-west-1:864213570975:instance/i-1"),
    ("iam:EnableMFADevice", "arn:aws:iam::864213570975:user/alice"),
    ("iam:CreateVirtualMFADevice", "arn:aws:iam::864213570975:mfa/phone"),
    ("s3:ListAllMyBuckets", "*"),
]
OTHER_KEYS: list[dict[str, str]] = [
    {},
    {"aws:SecureTransport": "true", "aws:username": "alice", "x:y": "true"},
]


ABOUT_MFA = [rule for rule in RULES if rule.ident.startswith("mfa-")]


def linted(
    text: str,
    kind: PolicyKind | None = None,
    attached_to: AttachedTo | None = None,
    rules: Sequence[Rule] = RULES,
) -> tuple[Finding, ...]:
    return lint_text(text, name="odd", kind=kind, universe=universe(), attached_to=attached_to, rules=rules)


@settings(max_examples=50, deadline=None)
@given(
    text=documents(),
    kind=st.none() | st.sampled_from(list(PolicyKind)),
    attached_to=st.none() | st.sampled_from(list(AttachedTo)),
)
def test_no_policy_makes_it_stumble_and_every_place_is_in_the_text(
    text: str, kind: PolicyKind | None, attached_to: AttachedTo | None
) -> None:
    found = linted(text, kind, attached_to)
    places = [(each.place.line, each.place.column) for each in found]
    assert places == sorted(places)
    lines = text.split("\n")
    for each in found:
        assert 1 <= each.place.column <= len(lines[each.place.line - 1]) + 1
        assert each.message


def allowed(text: str) -> set[int]:
    """Which of all requests the document allows, if it is an identity policy."""
    policies = PolicySet(identity=(compile_policy(parse_policy(text, name="odd")),))
    found = set()
    requests = itertools.product(ASKED, CALLERS, OTHER_KEYS)
    for index, ((action, resource), mfa, others) in enumerate(requests):
        request = Request(
            principal=ALICE, action=action, resource=resource, context={**mfa, **others}, credential=None
        )
        if evaluate(request, policies).allowed:
            found.add(index)
    return found


def is_identity(text: str) -> bool:
    try:
        parse_policy(text, name="odd", kind=PolicyKind.IDENTITY)
    except PolicySyntaxError:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(text=documents().filter(is_identity))
def test_a_fix_of_a_condition_on_mfa_allows_nothing_more_and_its_finding_is_gone(text: str) -> None:
    found = linted(text, rules=ABOUT_MFA)
    fixable = [each for each in found if each.fix is not None]
    before = allowed(text) if fixable else set()
    for each in fixable:
        assert each.fix is not None
        fixed = apply(text, [each.fix])
        assert allowed(fixed) <= before
        left = [(one.rule, one.place) for one in linted(fixed, rules=ABOUT_MFA)]
        assert (each.rule, each.place) not in left
    together = compatible(each.fix for each in fixable if each.fix is not None)
    assert allowed(apply(text, together)) <= before if together else True


def test_a_fix_that_would_break_the_document_is_not_offered() -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}, "BoolIfExists": {"x:y": "true"}}
    statement = {"Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*", "Condition": condition}
    found = linted(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert [each.fix for each in found if each.rule == "mfa-deny-bool"] == [None]


@pytest.fixture(scope="module")
def managed() -> dict[str, str]:
    policies = json.loads(aws_managed_policies_data)
    return {name: json.dumps(entry["Document"], indent=2) for name, entry in policies.items()}


def test_awss_own_managed_policies_have_no_findings_about_mfa_and_take_no_time(
    managed: dict[str, str],
) -> None:
    universe()
    start = time.process_time()
    wrong = [
        (name, each.rule)
        for name, text in managed.items()
        for each in linted(text, PolicyKind.IDENTITY, rules=[*ABOUT_MFA, syntax.RULE])
    ]
    assert wrong == []
    assert len(managed) > 1000
    assert time.process_time() - start < 8


def test_no_rule_stumbles_over_awss_own_managed_policies(managed: dict[str, str]) -> None:
    for text in itertools.islice(managed.values(), 0, None, 20):
        assert "syntax" not in {each.rule for each in linted(text, PolicyKind.IDENTITY)}
