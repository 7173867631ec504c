import pytest

from lint.documents import universe
from lint.examined import said
from watchword.lint import AttachedTo
from watchword.lint.document import examine

OLD = '{%s"Statement": {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/%s"}}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (OLD % ("", "${aws:username}"), "there is no `Version`"),
        (OLD % ('"Version": "2008-10-17", ', "${aws:username}"), "the version is 2008-10-17"),
    ],
)
def test_a_variable_is_plain_text_in_the_old_version(text: str, words: str) -> None:
    (finding,) = examine(text, name="p", universe=universe()).findings
    assert (finding.rule, words in finding.message) == ("variable-version", True)


def test_the_old_version_without_a_variable_is_left_alone() -> None:
    assert examine(OLD % ("", "alice"), name="p", universe=universe()).findings == ()


def test_variables_in_conditions_count_under_string_and_arn_operators() -> None:
    text = (
        '{"Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": '
        '{"StringLike": {"s3:prefix": "${aws:username}/*"}}}}'
    )
    (finding,) = examine(text, name="p", universe=universe()).findings
    assert finding.rule == "variable-version"


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("arn:aws:s3:::b/${aws:usrname}/*", "did you mean `${aws:username}`?"),
        ("arn:aws:s3:::b/${username}/*", "did you mean `${aws:username}`?"),
        ("arn:aws:s3:::b/${aws.username}/*", "did you mean `${aws:username}`?"),
        ("arn:aws:s3:::b/${AWS::AccountId}/*", "CloudFormation's"),
        ("arn:aws:s3:::b/${aws:TagKeys}/*", "has several values"),
        ("arn:aws:s3:::b/${aws:username/*", "no closing `}`"),
        ("arn:aws:s3:::b/${Account}/*", "is no key"),
    ],
)
def test_a_variable_without_a_value(resource: str, words: str) -> None:
    (finding,) = said("variable-unknown", Resource=resource)
    assert words in finding.message


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3:::b/${AWS:UserId}/*",
        "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/*",
        "arn:aws:s3:::b/${s3:prefix}/*",
        "arn:aws:s3:::b/${saml:sub}/*",
        "arn:aws:s3:::b/${*}${?}${$}",
    ],
)
def test_a_variable_that_may_have_a_value(resource: str) -> None:
    assert said("variable-unknown", Resource=resource) == []


def test_a_principal_takes_no_variable() -> None:
    (finding,) = said(
        "variable-unknown",
        Principal={"AWS": "arn:aws:iam::123456789012:user/${aws:username}"},
    )
    assert "a principal is named whole" in finding.message


@pytest.mark.parametrize(
    ("attached_to", "resource", "count"),
    [
        (AttachedTo.ROLE, "arn:aws:s3:::b/${aws:username}/*", 1),
        (AttachedTo.ROLE, "arn:aws:s3:::b/${aws:userName, 'x'}/*", 0),
        (AttachedTo.ROLE, "arn:aws:s3:::b/${aws:userid}/*", 0),
        (AttachedTo.USER, "arn:aws:s3:::b/${aws:username}/*", 0),
        (None, "arn:aws:s3:::b/${aws:username}/*", 0),
    ],
)
def test_a_role_has_no_username(attached_to: AttachedTo | None, resource: str, count: int) -> None:
    assert len(said("variable-username-role", attached_to=attached_to, Resource=resource)) == count
