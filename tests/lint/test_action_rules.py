import json

import pytest

from lint.documents import text_of, universe
from lint.examined import fixed, look, said
from watchword.lint import Severity
from watchword.lint.members import members, without


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("iam:GetRoles", "did you mean `iam:GetRole` or `iam:ListRoles`?"),
        ("s3:ListObjects", "no action `s3:ListObjects`"),
        ("s4:GetObject", "no service has the prefix `s4`"),
        ("ec2:Descrbe*", "did you mean `ec2:Describ*`?"),
        ("iam:*Nothing*OfThat", "no action matches"),
    ],
)
def test_an_action_that_does_not_exist_is_found_with_what_is_like_it(action: str, words: str) -> None:
    (finding,) = said("action-unknown", Action=[action, "iam:GetRole"])
    assert words in finding.message
    assert finding.message.endswith("allow nothing by it")
    assert finding.severity is Severity.WARNING
    assert finding.fix is None


@pytest.mark.parametrize("action", ["*", "*:*", "iam:*", "IAM:getrole", "iam:Get?ole", "sts:AssumeRole"])
def test_an_action_that_exists_is_not_found(action: str) -> None:
    assert said("action-unknown", Action=action) == []


def test_an_unknown_action_in_a_deny_and_in_an_exception_does_nothing_there() -> None:
    (finding,) = said("action-unknown", Effect="Deny", Action="iam:GetRoles")
    assert finding.message.endswith("deny nothing by it")
    (finding,) = said("action-unknown", Effect="Deny", Action=None, NotAction="iam:GetRoles")
    assert finding.message.endswith("except nothing by it")


def test_the_spelling_of_aws_is_written_and_nothing_else_changes() -> None:
    text = text_of({"Effect": "Allow", "Action": ["EC2:describeregions", "ec2:Start*"], "Resource": "*"})
    assert look("p", text).fixed(look) == (text.replace("EC2:describeregions", "ec2:DescribeRegions"), 1)


def test_repeated_actions_are_taken_out_until_none_is_left() -> None:
    actions = ["s3:GetObject", "s3:getobject", "ec2:DescribeRegions", "EC2:describe*", "ec2:Describe*"]
    result = fixed(text_of({"Effect": "Allow", "Action": actions, "Resource": "*"}))
    assert isinstance(result, dict)
    assert result["Statement"][0]["Action"] == ["s3:GetObject", "EC2:describe*"]


@pytest.mark.parametrize(
    ("actions", "left"),
    [
        (["*:*", "s3:*", "*"], ["*:*"]),
        (["*", "*:*"], ["*"]),
        (["s3:**", "s3:*"], ["s3:**"]),
        (["s3:Get*Object", "s3:Get**Object", "s3:GetBlueObject"], ["s3:Get*Object"]),
    ],
)
def test_of_two_spellings_of_everything_one_stays(actions: list[str], left: list[str]) -> None:
    result = fixed(text_of({"Effect": "Deny", "Action": actions, "Resource": "*"}))
    assert isinstance(result, dict)
    assert result["Statement"][0]["Action"] == left


@pytest.mark.parametrize(
    "actions",
    [
        ["s3:Get?bject", "s3:Get*bject"],
        ["s3:GetObject", "s3-object-lambda:*"],
        ["s3:Get*", "s3:List*"],
        ["s3:GetObject"],
    ],
)
def test_an_entry_that_adds_something_is_not_called_repeated(actions: list[str]) -> None:
    found = said("action-repeated", Action=actions)
    assert [each.message for each in found if "`s3:Get*bject` is" in each.message] == []
    if "s3:Get?bject" not in actions:
        assert found == []


def test_a_wide_pattern_covers_all_beside_it() -> None:
    found = said("action-repeated", Action=["*", "s3:GetObject", "iam:*"])
    assert [each.message for each in found] == [
        "`s3:GetObject` is covered by `*` in this list",
        "`iam:*` is covered by `*` in this list",
    ]


@pytest.mark.parametrize("text", ['[ "a" ,\n"b", "c" ]', '["a","b","c"]', '[\n  "a",\n  "b",\n  "c"\n]'])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_an_item_is_taken_out_with_its_comma(text: str, index: int) -> None:
    edit = without(members(text, 0), index)
    assert edit is not None
    rest = text[: edit.offset] + text[edit.end :]
    assert json.loads(rest) == [each for at, each in enumerate("abc") if at != index]


def test_the_only_item_stays() -> None:
    assert without(members('["a"]', 0), 0) is None


def test_members_are_found_whatever_stands_between_them() -> None:
    text = '{"a" : {"x}": [1, 2]},\r\n\t"b\\"c":"]", "d":[]}'
    found = members(text, 0)
    assert [(each.name, text[each.value_at : each.end]) for each in found] == [
        ("a", '{"x}": [1, 2]}'),
        ('b"c', '"]"'),
        ("d", "[]"),
    ]
    assert members("{ }", 0) == members("[\n]", 0) == ()


def test_a_name_of_the_universe_is_asked_in_any_case() -> None:
    assert universe().canonical("IAM:GETROLE") == "iam:GetRole"
