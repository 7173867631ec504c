"""Conditions on MFA: each row of the table in docs/conditions.md, in an Allow and in a Deny."""

from __future__ import annotations

import pytest

from lint.documents import (
    AGE,
    PRESENT,
    WITH_MFA,
    WITHOUT_MFA,
    allow,
    deny,
    findings,
    rules_of,
    source,
    text_of,
)
from watchword.lint import Severity, apply

RIGHT_IN_AN_ALLOW = [
    {"Bool": {PRESENT: "true"}},
    {"Bool": {PRESENT: True}},
    {"Bool": {PRESENT: ["TRUE"]}},
    {"Bool": {"AWS:multifactorauthpresent": "true"}},
    {"NumericLessThan": {AGE: "3600"}},
    {"NumericLessThanEquals": {AGE: 3600}},
    {"Bool": {PRESENT: "true"}, "NumericLessThan": {AGE: "3600"}},
    {"BoolIfExists": {PRESENT: "true"}, "NumericLessThan": {AGE: "3600"}},
    {"Null": {AGE: "false"}},
    {"Bool": {PRESENT: "true", "aws:SecureTransport": "true"}},
    {"StringEquals": {"aws:PrincipalTag/mfa": "true"}},
]
RIGHT_IN_A_DENY = [
    WITHOUT_MFA,
    {"BoolIfExists": {PRESENT: False}},
    {"BoolIfExists": {PRESENT: "false", "aws:ViaAWSService": "false"}},
    {"Null": {AGE: "true"}},
    {"NumericGreaterThanIfExists": {AGE: "3600"}},
]


@pytest.mark.parametrize("condition", RIGHT_IN_AN_ALLOW, ids=str)
def test_an_allow_that_asks_for_mfa_is_right(condition: object) -> None:
    assert rules_of(findings(allow(condition))) == []


@pytest.mark.parametrize("condition", RIGHT_IN_A_DENY, ids=str)
def test_a_deny_that_refuses_both_kinds_without_mfa_is_right(condition: object) -> None:
    assert rules_of(findings(deny(condition))) == []


@pytest.mark.parametrize(
    ("condition", "rule", "lets_through"),
    [
        ({"BoolIfExists": {PRESENT: "true"}}, "mfa-allow-if-exists", "allows an access key too"),
        (
            {"NumericLessThanIfExists": {AGE: "3600"}},
            "mfa-allow-if-exists",
            "allows an access key and a session without MFA too",
        ),
        (
            {"StringEqualsIfExists": {PRESENT: "true"}},
            "mfa-allow-if-exists",
            "allows an access key too",
        ),
        (
            {"Bool": {PRESENT: "false"}},
            "mfa-allow-without-mfa",
            "allows a session without MFA, and nobody with MFA",
        ),
        (
            {"BoolIfExists": {PRESENT: "false"}},
            "mfa-allow-without-mfa",
            "allows an access key and a session without MFA, and nobody with MFA",
        ),
        (
            {"Null": {PRESENT: "false"}},
            "mfa-allow-without-mfa",
            "allows a session without MFA, as well as sessions with MFA",
        ),
        (
            {"Null": {AGE: "true"}},
            "mfa-allow-without-mfa",
            "allows an access key and a session without MFA, and nobody with MFA",
        ),
        (
            {"StringNotEquals": {PRESENT: "true"}},
            "mfa-allow-without-mfa",
            "allows an access key and a session without MFA, and nobody with MFA",
        ),
        (
            {"ForAllValues:Bool": {PRESENT: "true"}},
            "mfa-set-operator",
            "so this allows an access key",
        ),
    ],
)
def test_an_allow_that_lets_somebody_through_without_mfa(
    condition: object, rule: str, lets_through: str
) -> None:
    (finding,) = findings(allow(condition))
    assert (finding.rule, finding.severity) == (rule, Severity.ERROR)
    assert lets_through in finding.message


@pytest.mark.parametrize(
    ("condition", "rule", "misses"),
    [
        ({"Bool": {PRESENT: "false"}}, "mfa-deny-bool", "does not deny an access key"),
        ({"StringEquals": {PRESENT: "false"}}, "mfa-deny-bool", "does not deny an access key"),
        (
            {"Bool": {PRESENT: "false"}, "StringEquals": {"aws:PrincipalTag/x": "y"}},
            "mfa-deny-bool",
            "does not deny an access key",
        ),
        ({"Null": {PRESENT: "true"}}, "mfa-deny-null", "not the session without MFA"),
        (
            {"NumericGreaterThan": {AGE: "3600"}},
            "mfa-deny-age",
            "does not deny an access key and a session without MFA",
        ),
        (
            {"NumericGreaterThanEquals": {AGE: "3600"}},
            "mfa-deny-age",
            "does not deny an access key and a session without MFA",
        ),
        ({"Bool": {PRESENT: "true"}}, "mfa-deny-misses", "denies those who used MFA and nobody who did not"),
        ({"BoolIfExists": {PRESENT: "true"}}, "mfa-deny-misses", "does not deny a session without MFA"),
        ({"Null": {PRESENT: "false"}}, "mfa-deny-misses", "does not deny an access key"),
        ({"Null": {AGE: "false"}}, "mfa-deny-misses", "denies those who used MFA"),
        (
            {"Null": {PRESENT: "true"}, "Bool": {PRESENT: "false"}},
            "mfa-deny-misses",
            "together match no request",
        ),
        (
            {"NumericLessThan": {AGE: "3600"}},
            "mfa-deny-age",
            "does not deny an access key and a session without MFA",
        ),
        ({"ForAnyValue:Bool": {PRESENT: "false"}}, "mfa-set-operator", "does not deny an access key"),
    ],
)
def test_a_deny_that_misses_somebody_without_mfa(condition: object, rule: str, misses: str) -> None:
    (finding,) = findings(deny(condition))
    assert (finding.rule, finding.severity) == (rule, Severity.ERROR)
    assert misses in finding.message


@pytest.mark.parametrize(
    ("effect", "condition", "places"),
    [
        ("Deny", {"Bool": {PRESENT: "false"}}, ['"Bool"']),
        ("Deny", {"Null": {PRESENT: "true"}}, [f'"{PRESENT}"']),
        ("Allow", {"BoolIfExists": {PRESENT: "true"}}, ['"BoolIfExists"']),
        ("Allow", {"Bool": {PRESENT: "yes"}}, ['"yes"']),
        ("Allow", {"Bool": {"aws:MFAPresent": "true"}}, ['"aws:MFAPresent"']),
        ("Allow", {"NumericLessThan": {AGE: 12}}, ["12"]),
    ],
)
def test_a_finding_points_at_the_word_to_change(effect: str, condition: object, places: list[str]) -> None:
    statement = {**allow(condition), "Effect": effect}
    text = text_of(statement)
    assert [source(each, text) for each in findings(statement)] == places


# -- two statements together


def test_two_denies_that_together_refuse_both_kinds_are_right() -> None:
    assert rules_of(findings(deny({"Bool": {PRESENT: "false"}}), deny({"Null": {PRESENT: "true"}}))) == []
    old = deny({"NumericGreaterThan": {AGE: "3600"}})
    assert rules_of(findings(old, deny(WITHOUT_MFA, ["ec2:Stop*", "ec2:Start*"]))) == []
    assert rules_of(findings(deny({"Bool": {PRESENT: "false"}}), deny())) == []


@pytest.mark.parametrize(
    "other",
    [
        deny(WITHOUT_MFA, "ec2:StartInstances"),
        deny(WITHOUT_MFA, Resource="arn:aws:ec2:*:*:instance/i-1"),
        deny({**WITHOUT_MFA, "StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        deny({"NumericGreaterThanIfExists": {AGE: "3600"}}, "s3:*"),
        allow(WITHOUT_MFA),
    ],
    ids=["other actions", "other resources", "one more condition", "another service", "an Allow"],
)
def test_a_second_statement_that_covers_less_does_not_help(other: dict[str, object]) -> None:
    assert "mfa-deny-bool" in rules_of(findings(deny({"Bool": {PRESENT: "false"}}), other))


def test_a_notaction_is_covered_by_one_that_exempts_no_more() -> None:
    misses = {
        "Effect": "Deny",
        "NotAction": ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "iam:ListMFADevices"],
        "Resource": "*",
        "Condition": {"Bool": {PRESENT: "false"}},
    }
    narrower = {**misses, "NotAction": ["iam:EnableMFADevice"], "Condition": {"Null": {PRESENT: "true"}}}
    wider = {**misses, "NotAction": ["iam:*"], "Condition": {"Null": {PRESENT: "true"}}}
    assert "mfa-deny-bool" not in rules_of(findings(misses, narrower))
    assert "mfa-deny-bool" in rules_of(findings(misses, wider))


def test_an_allow_with_mfa_is_pointless_beside_one_without() -> None:
    asked = allow(WITH_MFA, ["ec2:StopInstances", "ec2:StartInstances"])
    (finding,) = findings(allow(None, "ec2:*", Sid="All"), asked)
    assert (finding.rule, finding.severity) == ("mfa-allow-redundant", Severity.WARNING)
    assert "`All`" in finding.message


@pytest.mark.parametrize(
    "other",
    [
        allow(None, "ec2:StopInstances"),
        allow(WITH_MFA, "ec2:*"),
        allow(None, "ec2:*", Resource="arn:aws:ec2:*:*:instance/i-1"),
        allow({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "ec2:*"),
        deny(None, "ec2:*"),
    ],
    ids=["one of two actions", "with MFA too", "one resource", "from one network", "a Deny"],
)
def test_an_allow_with_mfa_keeps_its_point_beside_less(other: dict[str, object]) -> None:
    asked = allow(WITH_MFA, ["ec2:StopInstances", "ec2:StartInstances"])
    assert "mfa-allow-redundant" not in rules_of(findings(other, asked))


# -- keys, values, operators


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("aws:MultiFactorAuthPresents", PRESENT),
        ("aws:MFAPresent", PRESENT),
        ("aws:MultifactorPresent", PRESENT),
        ("aws:MutliFactorAuthPresent", PRESENT),
        ("aws:MultiFactorAuthenticationPresent", PRESENT),
        ("sts:MultiFactorAuthPresent", PRESENT),
        ("aws:MultiFactorAuthentificationAge", AGE),
        ("aws:mfa-age", AGE),
    ],
)
def test_a_misspelt_key_is_found_with_the_one_that_was_meant(key: str, meant: str) -> None:
    (finding,) = [each for each in findings(deny({"Bool": {key: "false"}})) if each.rule == "mfa-key"]
    assert "it denies nobody" in finding.message
    assert finding.message.endswith(f"the key is `{meant}`")


@pytest.mark.parametrize(
    "key",
    [
        "aws:PrincipalTag/mfa",
        "aws:RequestTag/MultiFactorAuthPresent",
        "aws:FederatedProvider",
        "aws:TokenIssueTime",
        "login.example.com:mfa",
        "saml:aud",
        "iam:PassedToService",
    ],
)
def test_other_keys_are_not_taken_for_misspelt_ones(key: str) -> None:
    assert "mfa-key" not in rules_of(findings(allow({"StringEquals": {key: "true"}})))


def test_a_misspelt_key_with_if_exists_asks_nobody() -> None:
    (finding,) = [
        each
        for each in findings(allow({"BoolIfExists": {"aws:MFAPresent": "true"}}))
        if each.rule == "mfa-key"
    ]
    assert "it allows everybody, with MFA or without" in finding.message


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"Bool": {PRESENT: "yes"}}, "it allows a session without MFA, and nobody else"),
        ({"Bool": {PRESENT: "true "}}, "it allows a session without MFA, and nobody else"),
        ({"Bool": {PRESENT: 1}}, "it allows a session without MFA, and nobody else"),
        ({"Bool": {PRESENT: ["true", "false"]}}, "one of the two always matches"),
        ({"BoolIfExists": {PRESENT: ["true", "false"]}}, "it allows everybody, with MFA or without"),
        ({"StringEquals": {PRESENT: "True"}}, "it allows nobody"),
        ({"Bool": {PRESENT: []}}, "a list without values"),
        ({"NumericLessThan": {AGE: "1h"}}, "a whole number of seconds"),
        ({"Null": {PRESENT: "no"}}, "counts as false"),
    ],
)
def test_a_value_that_the_key_never_has(condition: object, says: str) -> None:
    (finding,) = findings(allow(condition))
    assert (finding.rule, finding.severity) == ("mfa-value", Severity.ERROR)
    assert says in finding.message


@pytest.mark.parametrize(
    "condition",
    [{"Bool": {PRESENT: "TRUE"}}, {"NumericLessThan": {AGE: 3600.0}}, {"Bool": {PRESENT: "${aws:x}"}}],
    ids=str,
)
def test_other_spellings_of_right_values_are_right(condition: object) -> None:
    assert "mfa-value" not in rules_of(findings(allow(condition)))


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {AGE: "true"}},
        {"StringEquals": {AGE: "3600"}},
        {"StringLike": {AGE: "*"}},
        {"DateLessThan": {AGE: "3600"}},
        {"NumericEquals": {PRESENT: "1"}},
        {"ArnLike": {PRESENT: "arn:aws:iam::*:mfa/x"}},
    ],
    ids=str,
)
def test_an_operator_of_another_type_is_an_error(condition: object) -> None:
    (finding,) = findings(allow(condition))
    assert (finding.rule, finding.severity) == ("mfa-operator", Severity.ERROR)


@pytest.mark.parametrize(
    ("statement", "usual"),
    [
        (deny({"StringNotEquals": {PRESENT: "true"}}), "BoolIfExists aws:MultiFactorAuthPresent false"),
        (deny({"StringEqualsIfExists": {PRESENT: "false"}}), "BoolIfExists aws:MultiFactorAuthPresent false"),
        (allow({"StringEquals": {PRESENT: "true"}}), "Bool aws:MultiFactorAuthPresent true"),
    ],
    ids=["negated", "if exists", "allow"],
)
def test_text_operators_that_work_are_a_note(statement: dict[str, object], usual: str) -> None:
    (finding,) = findings(statement)
    assert (finding.rule, finding.severity) == ("mfa-operator", Severity.NOTE)
    assert f"`{usual}`" in finding.message


@pytest.mark.parametrize(
    ("condition", "severity"),
    [
        ({"ForAnyValue:Bool": {PRESENT: "true"}}, Severity.WARNING),
        ({"ForAllValues:Bool": {PRESENT: "true"}}, Severity.ERROR),
        ({"ForAllValues:Null": {PRESENT: "false"}}, Severity.ERROR),
    ],
    ids=str,
)
def test_a_set_operator_in_an_allow(condition: object, severity: Severity) -> None:
    (finding,) = findings(allow(condition))
    assert (finding.rule, finding.severity) == ("mfa-set-operator", severity)


@pytest.mark.parametrize(
    ("limit", "says"),
    [(12, "an hour is 3600"), ("59", "an hour is 3600"), (129600, "36 hours"), ("3600000", "36 hours")],
)
def test_a_limit_that_is_none_or_not_in_seconds_is_a_note(limit: object, says: str) -> None:
    (finding,) = findings(allow({"NumericLessThan": {AGE: limit}}))
    assert (finding.rule, finding.severity) == ("mfa-age-limit", Severity.NOTE)
    assert says in finding.message


@pytest.mark.parametrize("limit", [60, "900", 3600, "43200", 129599])
def test_a_limit_of_a_minute_up_to_a_session_is_right(limit: object) -> None:
    assert findings(allow({"NumericLessThan": {AGE: limit}})) == ()


def test_an_age_to_the_second_is_a_note() -> None:
    (finding,) = findings(allow({"NumericEquals": {AGE: "3600"}}))
    assert finding.rule == "mfa-age-limit"
    assert "one exact second" in finding.message


# -- fixes


@pytest.mark.parametrize(
    ("statement", "fixed"),
    [
        (deny({"Bool": {PRESENT: "false"}}), {"BoolIfExists": {PRESENT: "false"}}),
        (
            deny({"Bool": {PRESENT: "false", "aws:ViaAWSService": "false"}}),
            {"BoolIfExists": {PRESENT: "false", "aws:ViaAWSService": "false"}},
        ),
        (deny({"Null": {PRESENT: "true"}}), {"Null": {AGE: "true"}}),
        (deny({"NumericGreaterThan": {AGE: 3600}}), {"NumericGreaterThanIfExists": {AGE: 3600}}),
        (allow({"BoolIfExists": {PRESENT: "true"}}), {"Bool": {PRESENT: "true"}}),
        (allow({"NumericLessThanIfExists": {AGE: 3600}}), {"NumericLessThan": {AGE: 3600}}),
        (allow({"ForAllValues:Bool": {PRESENT: "true"}}), {"Bool": {PRESENT: "true"}}),
        (allow({"ForAnyValue:Bool": {PRESENT: "true"}}), {"Bool": {PRESENT: "true"}}),
        (deny({"ForAnyValue:Bool": {PRESENT: "false"}}), {"BoolIfExists": {PRESENT: "false"}}),
        (deny({"ForAllValues:Bool": {PRESENT: "false"}}), {"BoolIfExists": {PRESENT: "false"}}),
        (deny({"Bool": {"aws:MFAPresent": "false"}}), {"Bool": {PRESENT: "false"}}),
        (allow({"BoolIfExists": {"aws:MFAPresent": "true"}}), {"BoolIfExists": {PRESENT: "true"}}),
        (deny({"Bool": {PRESENT: " false"}}), {"Bool": {PRESENT: "false"}}),
    ],
    ids=str,
)
def test_a_fix_changes_the_condition_and_nothing_else(statement: dict[str, object], fixed: object) -> None:
    (finding,) = findings(statement)
    assert finding.fix is not None
    assert apply(text_of(statement), [finding.fix]) == text_of({**statement, "Condition": fixed})


@pytest.mark.parametrize(
    "statement",
    [
        deny({"Bool": {PRESENT: "false", "s3:x-amz-y": "false"}}),
        deny({"Bool": {PRESENT: "false"}, "BoolIfExists": {"s3:x-amz-y": "false"}}),
        allow({"Bool": {"aws:MFAPresent": "true"}}),
        deny({"BoolIfExists": {"aws:MFAPresent": "false"}}),
        allow({"Bool": {PRESENT: "true "}}),
        allow({"Bool": {PRESENT: "yes"}}),
        allow({"Null": {PRESENT: "false"}}),
        deny({"Bool": {PRESENT: "true"}}),
    ],
    ids=[
        "another key under the operator",
        "the operator's name is taken",
        "a dead Allow would live",
        "a total Deny would shrink",
        "a wrong Allow would work",
        "nobody knows what was meant",
        "no known form",
        "the wrong way round",
    ],
)
def test_no_fix_where_it_could_allow_more_or_is_a_guess(statement: dict[str, object]) -> None:
    assert [each.fix for each in findings(statement) if each.rule.startswith("mfa-")] == [None]
