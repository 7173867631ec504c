import pytest

from lint.documents import Statement, text_of
from lint.examined import fixed, said, with_condition
from watchword.lint import Severity


@pytest.mark.parametrize(
    ("operator", "key", "value", "words"),
    [
        ("IpAddress", "aws:SourceIp", "10.0.0.256", "is no IP address"),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/33", "is no IP address"),
        ("IpAddress", "aws:SourceIp", "2001:db8::1/32", "bits behind its prefix"),
        ("NotIpAddress", "aws:SourceIp", "my-office", "is no IP address"),
        ("DateLessThan", "aws:CurrentTime", "31.01.2027", "is no date"),
        ("DateLessThan", "aws:CurrentTime", "2027-02-30T00:00:00Z", "is no date"),
        ("NumericLessThan", "s3:max-keys", "ten", "is no number"),
        ("Bool", "aws:SecureTransport", "yes", "counts as `false`"),
        ("Null", "aws:SourceVpce", "yes", "neither `true` (absent)"),
        ("ArnLike", "aws:PrincipalArn", "role/backup", "is no ARN"),
        ("StringEquals", "aws:PrincipalAccount", "1111-2222-3333", "is no account"),
        ("StringEquals", "aws:PrincipalOrgID", "ou-ab12-11111111", "not an organization"),
    ],
)
def test_a_value_that_no_request_has(operator: str, key: str, value: str, words: str) -> None:
    (finding,) = with_condition("condition-value", operator, key, value)
    assert words in finding.message
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("IpAddress", "aws:SourceIp", ["10.0.0.1/8", "010.0.0.1", "2001:db8::/32", "::1"]),
        ("DateLessThan", "aws:CurrentTime", ["2027-01-31T12:00:00Z", "2027-01-31", "1800000000"]),
        ("NumericLessThan", "s3:max-keys", ["10", "1e3", "-0.5"]),
        ("Bool", "aws:SecureTransport", ["TRUE", "false"]),
        (
            "ArnLike",
            "aws:PrincipalArn",
            ["*", "arn:aws:iam::*:*", "${aws:PrincipalArn}", "arn:*:iam::*:role/x"],
        ),
        ("StringEquals", "aws:PrincipalAccount", ["123456789012", "${aws:ResourceAccount}"]),
    ],
)
def test_a_value_that_some_request_has(operator: str, key: str, value: object) -> None:
    assert with_condition("condition-value", operator, key, value) == []


def test_a_malformed_arn_in_a_deny_denies_too_much() -> None:
    (finding,) = with_condition("condition-value", "ArnLike", "aws:PrincipalArn", "role/x", Effect="Deny")
    assert "denies every such request" in finding.message


def test_an_empty_list_of_values_matches_nothing() -> None:
    (finding,) = with_condition("condition-value", "StringEquals", "aws:PrincipalTag/team", [])
    assert "empty list" in finding.message


def test_the_place_is_that_of_the_value_among_several() -> None:
    statement: Statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.0.0"]}},
    }
    (finding,) = with_condition("condition-value", "IpAddress", "aws:SourceIp", ["10.0.0.0/8", "10.0.0"])
    line = text_of(statement).split("\n")[finding.place.line - 1]
    assert line[finding.place.column - 1 :] == '"10.0.0"'


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("aws:SecureTransprot", "aws:SecureTransport"),
        ("aws:PrincipalOrgId2", "aws:PrincipalOrgID"),
        ("aws:PrincipalTags/team", "aws:PrincipalTag/"),
        ("aws:SourceVPCID", "aws:SourceVpc"),
    ],
)
def test_a_misspelt_global_key_is_found_with_the_nearest(key: str, near: str) -> None:
    (finding,) = with_condition("condition-key", "StringEquals", key, "x")
    assert f"did you mean `{near}`?" in finding.message
    assert "never holds" in finding.message
    assert finding.severity is Severity.ERROR


def test_a_key_that_is_like_none_of_the_page_is_a_warning() -> None:
    (finding,) = with_condition("condition-key", "StringEquals", "aws:Moon", "full")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("operator", "outcome"),
    [
        ("StringEquals", "never holds"),
        ("StringNotEquals", "always holds"),
        ("StringEqualsIfExists", "always holds"),
        ("ForAllValues:StringEquals", "always holds"),
        ("ForAnyValue:StringNotEquals", "never holds"),
        ("Null", "never changes"),
    ],
)
def test_what_an_absent_key_makes_of_the_condition(operator: str, outcome: str) -> None:
    value = "true" if operator == "Null" else "x"
    (finding,) = with_condition("condition-key", operator, "iam:PassedToService", value)
    assert outcome in finding.message


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("iam:PassRole", "iam:PassedToService"),
        ("*", "iam:PassedToService"),
        (["s3:GetObject", "iam:PassRole"], "iam:PassedToService"),
        ("s3:GetObject", "s3:NoSuchKey"),
        ("s3:Nothing", "iam:PassedToService"),
        ("s3:GetObject", "ec2:SourceInstanceARN"),
        ("s3:GetObject", "kms:ViaService"),
        ("s3:GetObject", "token.actions.githubusercontent.com:sub"),
        ("s3:GetObject", "aws:principaltag/Team"),
        ("s3:GetObject", "AWS:SourceIP"),
        ("s3:GetObject", "aws:MultiFactorAuthPresnt"),
    ],
)
def test_a_key_that_may_be_sent_or_is_another_rules(action: object, key: str) -> None:
    assert with_condition("condition-key", "StringEquals", key, "x", Action=action) == []


def test_a_key_of_another_service_is_found() -> None:
    (finding,) = with_condition(
        "condition-key", "StringEquals", "iam:PassedToService", "ec2.amazonaws.com", Action="s3:*"
    )
    assert "not sent with calls of `s3`" in finding.message


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("IpAddress", "aws:SourceVpc", "10.0.0.0/8"),
        ("NumericEquals", "aws:PrincipalOrgID", "1"),
        ("Bool", "aws:PrincipalOrgID", "true"),
        ("DateLessThan", "aws:SourceIp", "2027-01-01"),
        ("ArnLike", "aws:username", "arn:aws:iam::*:user/x"),
    ],
)
def test_an_operator_that_cannot_compare_the_key(operator: str, key: str, value: str) -> None:
    (finding,) = with_condition("condition-operator", operator, key, value)
    assert key in finding.message


@pytest.mark.parametrize(
    ("operator", "key"),
    [
        ("StringLike", "aws:SourceIp"),
        ("NumericLessThan", "aws:EpochTime"),
        ("ArnLike", "aws:PrincipalTag/role"),
        ("ArnEquals", "aws:SourceArn"),
        ("NumericLessThan", "s3:max-keys"),
        ("Null", "aws:SourceVpc"),
    ],
)
def test_an_operator_that_may_well_compare_the_key(operator: str, key: str) -> None:
    assert with_condition("condition-operator", operator, key, "1") == []


def test_a_star_is_a_plain_sign_under_an_exact_operator() -> None:
    (finding,) = with_condition(
        "wildcard-literal", "StringEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/x"
    )
    assert "nothing is allowed" in finding.message
    assert "`StringLike` has wildcards" in finding.message
    (finding,) = with_condition("wildcard-literal", "StringNotEquals", "aws:userid", "AROAEXAMPLE:*")
    assert "leaves nobody out" in finding.message


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/x"),
        ("StringEquals", "aws:PrincipalTag/team", "*"),
        ("StringEquals", "s3:prefix", "${*}"),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/x"),
    ],
)
def test_a_star_that_is_a_wildcard_or_may_be_meant(operator: str, key: str, value: str) -> None:
    assert with_condition("wildcard-literal", operator, key, value) == []


@pytest.mark.parametrize("condition", [{}, {"Bool": {}}, {"Bool": {}, "StringEquals": {}}])
def test_an_empty_condition_is_taken_out(condition: object) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    assert len(said("condition-empty", Condition=condition)) == 1
    assert fixed(text_of({**statement, "Condition": condition})) == {
        "Version": "2012-10-17",
        "Statement": [statement],
    }


def test_the_operators_beside_an_empty_one_stay() -> None:
    condition = {"Bool": {}, "StringEquals": {"aws:PrincipalOrgID": "o-4fz7k2m9xq"}}
    result = fixed(
        text_of({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition})
    )
    assert isinstance(result, dict)
    assert result["Statement"][0]["Condition"] == {"StringEquals": condition["StringEquals"]}
