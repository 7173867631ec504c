"""The reader of policies: what it takes, and how it says what is wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.iam import Policy, PolicyKind, PolicySyntaxError, Version, compile_policy, parse_policy
from watchword.iam._json import Reader
from watchword.iam._quick import read_plain
from watchword.iam.conditions.numbers import read_number
from watchword.iam.parse import MAX_CHARACTERS, MAX_PROBLEMS

SEEDS = Path(__file__).parent.parent / "cases" / "policies"
STATEMENT = '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'


def problems(text: str, kind: PolicyKind | None = PolicyKind.IDENTITY) -> list[str]:
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(text, name="p", kind=kind)
    return [str(problem) for problem in caught.value.problems]


def problem(text: str, kind: PolicyKind | None = PolicyKind.IDENTITY) -> str:
    (only,) = problems(text, kind)
    return only


def parse(text: str, kind: PolicyKind | None = PolicyKind.IDENTITY) -> Policy:
    return parse_policy(text, name="p", kind=kind)


def with_statement(**elements: object) -> str:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **elements}
    return json.dumps({"Statement": [{key: each for key, each in statement.items() if each != "absent"}]})


@pytest.mark.parametrize(
    "path",
    sorted(path for path in SEEDS.glob("*.json") if "ManageMFA" not in path.name),
    ids=lambda path: path.stem,
)
def test_a_policy_of_the_seeds_loads_as_it_stands(path: Path) -> None:
    kind = PolicyKind.TRUST if "trust" in path.name else PolicyKind.IDENTITY
    policy = parse_policy(path.read_text(encoding="utf-8"), name=path.stem, kind=kind)
    assert policy.statements
    assert policy.version is Version.V2012


def test_the_missing_comma_of_seed_4_is_reported_where_it_is_missing() -> None:
    text = (SEEDS / "seed-4-ManageMFA.json").read_text(encoding="utf-8")
    assert problem(text) == "line 18, column 9: expected `,` or `]` before `{`"
    assert text.splitlines()[16].strip() == "}"


def test_all_problems_are_reported_at_once_and_in_order() -> None:
    text = """{
  "Version": "2012-10-18",
  "Statement": [
    {"Effect": "allow", "Action": "s3", "Resource": "bucket"},
    {"Sid": "a b", "NotAction": "s3:*", "Action": "s3:*", "Resource": "*", "Foo": 1}
    {"Effect": "Deny", "Action": [], "Resource": "*", "Condition": {"StringSame": {"aws:A": "1"}}}
  ]
}"""
    found = problems(text)
    assert [each.split(": ")[0] for each in found] == [
        "line 2, column 14",
        "line 4, column 16",
        "line 4, column 35",
        "line 4, column 53",
        "line 5, column 5",
        "line 5, column 13",
        "line 5, column 33",
        "line 5, column 76",
        "line 6, column 5",
        "line 6, column 34",
        "line 6, column 69",
    ]


def test_the_error_lists_every_problem() -> None:
    text = '{"Statement": [{}, {}, {}]}'
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text)
    shown = caught.value.diagnostics().splitlines()
    assert shown[0] == "error: `p` is not a valid policy"
    assert len(shown) == len(caught.value.problems) + 2
    assert shown[-1] == "see: docs/rooms/iam.md"


def test_statements_keep_their_place() -> None:
    policy = parse('{"Statement": [\n  ' + STATEMENT + ",\n    " + STATEMENT.replace("s3", "ec2") + "\n]}")
    places = [policy.place(each.offset) for each in policy.statements]
    assert [(place.line, place.column) for place in places] == [(2, 3), (3, 5)]
    action = policy.statements[1].actions[0]
    assert (policy.place(action.offset).line, policy.place(action.offset).column) == (3, 35)


def test_a_single_statement_needs_no_list() -> None:
    assert len(parse(f'{{"Statement": {STATEMENT}}}').statements) == 1


def test_a_missing_version_is_the_old_one() -> None:
    assert parse(f'{{"Statement": {STATEMENT}}}').version is Version.V2008


def test_booleans_and_numbers_are_values_as_written() -> None:
    text = with_statement(Condition={"Bool": {"aws:A": True}, "NumericEquals": {"aws:B": [3600, 1.50]}})
    first, second = parse(text).statements[0].conditions
    assert first.values == ("true",)
    assert second.values == ("3600", "1.5")


def test_a_repeated_key_is_reported_and_not_guessed_at() -> None:
    text = f'{{"Statement": {STATEMENT[:-1]}, "Effect": "Deny"}}}}'
    assert problem(text) == "line 1, column 70: expected `Effect` once in this object, found it again"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1, column 1: expected a policy document, found nothing"),
        ("[]", "line 1, column 1: expected a policy document: an object"),
        ("{}", "line 1, column 1: expected `Statement` in the policy"),
        ('{"Statement": []}', "line 1, column 15: expected at least one statement"),
        (
            '{"Statement": [' + STATEMENT + "]",
            "line 1, column 71: expected `}` to end what begins in line 1, found the end",
        ),
        (
            '{"Statement": [' + STATEMENT + ",]}",
            "line 1, column 71: expected another element after `,`, found `]`",
        ),
        ('{"Statement" [' + STATEMENT + "]}", "line 1, column 14: expected `:` after `Statement`"),
        ('{"Statement": [' + STATEMENT + "}}", "line 1, column 70: expected `,` or `]`, found `}`"),
        ("{\"Statement\": ['x']}", "line 1, column 16: expected double quotes around `'x'`"),
        (
            '{"Statement": NaN}',
            "line 1, column 15: expected a value, found `NaN`: text stands in double quotes",
        ),
        ('{"Statement": null}', "line 1, column 15: expected a statement: an object"),
    ],
)
def test_what_is_no_policy_is_reported_by_line_and_column(text: str, expected: str) -> None:
    assert problems(text)[0] == expected


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Effect": "absent"}, "expected `Effect` in the statement"),
        ({"Action": "absent"}, "expected `Action` or `NotAction` in the statement"),
        ({"Resource": "absent"}, "expected `Resource` or `NotResource` in the statement"),
        ({"NotAction": "s3:*"}, "expected either `Action` or `NotAction`, found both"),
        ({"NotResource": "*"}, "expected either `Resource` or `NotResource`, found both"),
        ({"Principal": "*"}, "expected no `Principal` in an identity policy"),
        ({"Action": "GetObject"}, "expected an action as `service:Name`, found `GetObject`"),
        (
            {"Action": "*:Untag*"},
            "expected an action whose service has no wildcard or other sign, found `*:Untag*`",
        ),
        ({"Action": "arn:aws:s3"}, "expected an action with one `:`, found `arn:aws:s3`"),
        ({"Action": 1}, "expected a string or a list of strings for `Action`"),
        ({"Resource": "bucket"}, 'expected an ARN or `"*"`, found `bucket`'),
        (
            {"Resource": "arn:aws:*:x"},
            "expected an ARN that names its service without wildcards, found `arn:aws:*:x`",
        ),
        ({"Resource": []}, "expected at least one value for `Resource`"),
        ({"Sid": "with space"}, "expected a Sid of letters and digits only"),
        ({"Condition": []}, "expected an object of condition operators"),
        ({"Condition": {"Bool": "true"}}, "expected an object of condition keys under `Bool`"),
        ({"Condition": {"Bool": {"aws:A": None}}}, "expected a string, a number or a boolean"),
        (
            {"Condition": {"Bool": {"A": "true"}}},
            "expected a condition key with its service, such as `aws:…`, found `A`",
        ),
        ({"Condition": {"bool": {"aws:A": "true"}}}, "expected the spelling `Bool`, found `bool`"),
        ({"Condition": {"NullIfExists": {"aws:A": "true"}}}, "there is no `NullIfExists`: expected `Null`"),
        ({"Condition": {"Equals": {"aws:A": "true"}}}, "expected a condition operator, found `Equals`"),
        (
            {"Condition": {"ForSome:Bool": {"aws:A": "true"}}},
            "expected `ForAllValues:` or `ForAnyValue:` before the operator's `:`",
        ),
    ],
)
def test_what_is_no_statement_is_reported(elements: dict[str, object], expected: str) -> None:
    assert problem(with_statement(**elements)).split(": ", 1)[1] == expected


def trust(**elements: object) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}, **elements}
    return json.dumps({"Statement": {key: each for key, each in statement.items() if each != "absent"}})


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Principal": "absent"}, "expected `Principal` in the statement"),
        ({"Resource": "*"}, "expected no `Resource` in a trust policy"),
        ({"Principal": "absent", "NotPrincipal": "*"}, "expected no `NotPrincipal` in a trust policy"),
        ({"Principal": "alice"}, 'expected `"*"` or an object such as `{"AWS": "…"}`'),
        ({"Principal": {}}, "expected at least one principal"),
        (
            {"Principal": {"Users": "*"}},
            "expected one of `AWS`, `Service`, `Federated`, `CanonicalUser`, found `Users`",
        ),
        (
            {"Principal": {"AWS": "arn:aws:iam::1:user/*"}},
            "expected a principal without wildcards: names match whole, found `arn:aws:iam::1:user/*`",
        ),
    ],
)
def test_what_is_no_trust_policy_is_reported(elements: dict[str, object], expected: str) -> None:
    assert problems(trust(**elements), PolicyKind.TRUST)[0].split(": ", 1)[1] == expected


def test_a_trust_policy_is_read_without_being_told() -> None:
    assert parse(trust(), None).statements[0].resources is None


def test_the_same_sid_twice_is_reported() -> None:
    statement = STATEMENT.replace("{", '{"Sid": "A", ', 1)
    assert "expected a Sid that no other statement has, found `A` again" in problem(
        f'{{"Statement": [{statement}, {statement}]}}'
    )


def test_characters_that_iam_does_not_take_are_reported() -> None:
    text = '{"Statement": ' + STATEMENT.replace('"*"', '"arn:aws:s3:::€"') + "}"
    assert problem(text) == "line 1, column 79: expected a character up to U+00FF, found U+20AC"
    assert parse(text, None).statements


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused_and_not_followed(opening: str) -> None:
    found = problems('{"Statement": ' + opening * 40_000)
    assert found[0].endswith("expected at most 32 levels of nesting")


def test_megabytes_are_refused_unread() -> None:
    assert problem("[" * 5_000_000) == "line 1, column 1: expected at most 262144 characters, found 5000000"


def test_a_text_may_have_262_144_characters() -> None:
    text = f'{{"Statement": {STATEMENT}}}'
    longest = text + " " * (262_144 - len(text))
    assert parse(longest).statements
    with pytest.raises(PolicySyntaxError) as caught:
        parse(longest + " ")
    assert caught.value.message == (
        "`p` is not a valid policy: line 1, column 1: expected at most 262144 characters, found 262145"
    )
    assert (caught.value.name, caught.value.more, caught.value.counted) == ("p", 0, True)


def test_half_a_surrogate_pair_is_reported() -> None:
    assert problem(with_statement(Resource="arn:aws:s3:::\ud800")).endswith(
        "expected characters, found half of a surrogate pair"
    )


def test_a_whole_surrogate_pair_is_a_character() -> None:
    text = '{"Statement": ' + STATEMENT.replace('"*"', '"arn:aws:s3:::\\ud83d\\ude00"') + "}"
    resources = parse(text).statements[0].resources
    assert resources is not None
    assert resources[0].text == "arn:aws:s3:::😀"


WHOLE = MAX_CHARACTERS - 100


@pytest.mark.parametrize(
    "text",
    [
        "[" * WHOLE,
        '{"a":' * (WHOLE // 5),
        "," * WHOLE,
        ". " * (WHOLE // 2),
        '"\n' * (WHOLE // 2),
        ":" * WHOLE,
        "/* a */" * (WHOLE // 7),
        "9" * WHOLE,
        "\n" * WHOLE,
        "NaN" * (WHOLE // 3),
        '{"Statement":[' + "{}," * (WHOLE // 3) + "{}]}",
        '{"Statement":[' + "1," * (WHOLE // 2) + "1]}",
        "{" + '"a":1,' * (WHOLE // 6) + '"a":1}',
        '{"Statement":["' + "\ud800" * WHOLE + '"]}',
        '{"Statement":["' + "€" * WHOLE + '"]}',
        '{"Statement":["' + '\\x","' * (WHOLE // 5) + '"]}',
        '{"Statement":{"Condition":{' + '"a":{},' * (WHOLE // 8) + '"b":{}}}}',
    ],
    ids=lambda text: ascii(text[:30]),
)
def test_hostile_texts_are_refused_at_once_with_one_error(text: str) -> None:
    started = time.process_time()
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text)
    assert time.process_time() - started < 10
    assert 1 <= len(caught.value.problems) <= MAX_PROBLEMS


@pytest.mark.parametrize("piece", ["*a", "?", "a?*", "${a}", "${", "*:", "?z*"])
def test_no_pattern_takes_long_to_compile(piece: str) -> None:
    patterns = ["arn:aws:s3:::" + piece * (30_000 // len(piece)) for _ in range(6)]
    started = time.process_time()
    compile_policy(parse(with_statement(Resource=patterns), None))
    assert time.process_time() - started < 10


def test_a_value_that_no_policy_can_hold_is_refused() -> None:
    long = "arn:aws:s3:::" + "a" * 32_768
    assert problem(with_statement(Resource=long)).endswith("expected at most 32768 characters, found 32781")
    condition = {"StringEquals": {"aws:A": "a" * 40_000}}
    assert problem(with_statement(Condition=condition)).endswith("at most 32768 characters, found 40000")


def test_of_many_problems_the_first_are_listed_and_the_others_counted() -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse('{"Statement": [' + ",".join(["1"] * 150) + "]}")
    assert (len(caught.value.problems), caught.value.more) == (100, 50)
    assert str(caught.value).endswith("; and 147 more")
    assert caught.value.diagnostics().splitlines()[-2] == "  and 50 more"


def test_of_very_many_problems_it_is_said_how_many_there_are_at_least() -> None:
    for text in ('{"Statement": [' + ",".join(["1"] * 5000) + "]}", "/* */" * 5000):
        with pytest.raises(PolicySyntaxError) as caught:
            parse(text)
        assert str(caught.value).endswith("; and at least 997 more")
        assert caught.value.diagnostics().splitlines()[-2] == "  and at least 900 more"


TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXTS, each, max_size=3),
    max_leaves=12,
)


@given(value=VALUES, indent=st.none() | st.integers(0, 3), ascii_only=st.booleans())
def test_the_quick_reader_reads_what_the_careful_one_reads(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    quick, careful = read_plain(text), Reader(text)
    tree = careful.read()
    assert careful.problems == []
    if quick is None:
        assert "\\u" in text
    else:
        assert quick == tree


@given(text=st.text(alphabet='{}[]",:1.e-tnul \\/*\ud800\n', max_size=12))
def test_the_quick_reader_leaves_all_that_is_wrong_to_the_careful_one(text: str) -> None:
    careful = Reader(text)
    tree = careful.read()
    quick = read_plain(text)
    assert quick is None or (careful.problems == [] and quick == tree)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', "[" * 40 + "]" * 40, '"\\ud800"', "[NaN]", "\ufeff[]"])
def test_the_quick_reader_keeps_out_of(text: str) -> None:
    assert read_plain(text) is None


def test_the_quick_reader_goes_as_deep_as_the_careful_one() -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        assert read_plain(opening * 32 + "1" + closing * 32) is not None
        assert read_plain(opening * 33 + "1" + closing * 33) is None


def test_comments_are_reported_and_read_over() -> None:
    found = problems('{ // a policy\n"Statement": /* one */ ' + STATEMENT + "}")
    assert found == [
        "line 1, column 3: expected no comment: JSON has none",
        "line 2, column 14: expected no comment: JSON has none",
    ]


@pytest.mark.parametrize("name", ["CreateAccess\u212aey", "List\u017f", "Get\x00", "Get Object", "\uff0a"])
def test_an_action_that_only_looks_like_one_is_reported(name: str) -> None:
    text = '{"Statement": ' + json.dumps({"Effect": "Allow", "Action": f"iam:{name}", "Resource": "*"}) + "}"
    with pytest.raises(PolicySyntaxError, match="an action whose name has visible ASCII signs only"):
        parse(text, None)


@pytest.mark.parametrize("type_", ["Service", "Federated", "CanonicalUser"])
def test_only_aws_principals_take_a_wildcard(type_: str) -> None:
    expected = "expected the whole name of a principal: only `AWS` takes a wildcard, found `*`"
    assert problems(trust(Principal={type_: "*"}), PolicyKind.TRUST)[0].endswith(expected)


def test_not_principal_does_not_allow() -> None:
    text = trust(Principal="absent", NotPrincipal={"AWS": "123456789012"})
    with pytest.raises(PolicySyntaxError, match="`NotPrincipal` only with `Deny`"):
        parse(text, None)


@pytest.mark.parametrize("value", ["1" * 300_000 + "x", "0" * 300_000 + ".", "." + "1" * 300_000 + "e"])
def test_no_number_takes_long_to_read(value: str) -> None:
    started = time.process_time()
    read_number(value)
    assert time.process_time() - started < 10


def control(effect: str = "Deny", version: str = "2012-10-17", **elements: object) -> str:
    statement = {"Effect": effect, "Action": "s3:*", "Resource": "*", **elements}
    return json.dumps({"Version": version, "Statement": [statement]})


def test_every_part_says_where_it_is() -> None:
    text = """{"Statement": [{
  "Effect": "Deny", "Action": "s3:*", "Resource": "*",
  "Condition": {"BoolIfExists": {"aws:A": [true, "x"]}, "StringEquals": {"aws:B": "y", "aws:C": 1}}
} ]}"""
    (statement,) = parse(text).statements
    assert text[statement.offset] == "{"
    assert text[statement.end - 1] == "}"
    assert text[statement.end :] == " ]}"
    assert text[statement.effect_at :].startswith('"Deny"')
    first, second, third = statement.conditions
    assert text[first.operator_at :].startswith('"BoolIfExists"')
    assert second.operator_at == third.operator_at == text.index('"StringEquals"')
    assert [text[at] for at in first.values_at] == ["t", '"']
    assert text[second.values_at[0] :].startswith('"y"')
    assert text[third.values_at[0] :].startswith("1}")
    assert text[second.key.offset :].startswith('"aws:B"')


@pytest.mark.parametrize(
    "elements",
    [
        {"effect": "Allow", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
        {"effect": "Allow", "Resource": "arn:aws:s3:::bucket", "Action": "s3:*Object"},
        {"effect": "Allow", "Action": "*"},
    ],
)
def test_a_service_control_policy_takes_the_whole_language(elements: dict[str, str]) -> None:
    assert parse(control(**elements), PolicyKind.SERVICE_CONTROL).statements


def test_a_service_control_policy_takes_not_action_and_not_resource_with_either_effect() -> None:
    for effect in ("Allow", "Deny"):
        statement = {"Effect": effect, "NotAction": "iam:*", "NotResource": "arn:aws:s3:::bucket"}
        text = json.dumps({"Version": "2012-10-17", "Statement": statement})
        assert parse(text, PolicyKind.SERVICE_CONTROL).statements[0].not_action


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_a_service_control_policy_names_nobody(element: str) -> None:
    found = problem(control(**{element: "*"}), PolicyKind.SERVICE_CONTROL)
    assert found.endswith(f"expected no `{element}` in a service control policy")


@pytest.mark.parametrize("kind", [PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL])
def test_the_policies_of_an_organization_have_the_later_version(kind: PolicyKind) -> None:
    principal = {"Principal": "*"} if kind is PolicyKind.RESOURCE_CONTROL else {}
    old = problem(control(version="2008-10-17", **principal), kind)
    assert '"2012-10-17"` in a ' in old
    none = json.loads(control(**principal))
    del none["Version"]
    assert problem(json.dumps(none), kind).startswith('line 1, column 1: expected `"Version": "2012-10-17"`')


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"effect": "Allow"}, 'expected `"Deny"`: only `RCPFullAWSAccess` allows'),
        (
            {"Principal": {"AWS": "*"}},
            'expected `"Principal": "*"`; name principals in a condition',
        ),
        ({"Action": "*"}, "expected an action with its service, found `*`"),
    ],
)
def test_a_resource_control_policy_denies_everybody(elements: dict[str, str], expected: str) -> None:
    found = problem(control(**{"Principal": "*", **elements}), PolicyKind.RESOURCE_CONTROL)
    assert found.endswith(expected)


def test_a_resource_control_policy_has_no_not_action_and_no_not_principal() -> None:
    statement = {"Effect": "Deny", "NotAction": "s3:*", "NotPrincipal": "*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    found = problems(text, PolicyKind.RESOURCE_CONTROL)
    assert [each.split(": ", 1)[1] for each in found] == [
        "expected no `NotAction` in a resource control policy",
        "expected no `NotPrincipal` in a resource control policy",
    ]


def test_the_resource_control_policy_that_aws_makes_is_accepted_as_it_is() -> None:
    full = {"effect": "Allow", "Principal": "*", "Action": "*"}
    assert parse(control(**full), PolicyKind.RESOURCE_CONTROL).statements
    nearly = control(**{**full, "Resource": "arn:aws:s3:::bucket"})
    assert len(problems(nearly, PolicyKind.RESOURCE_CONTROL)) == 2


@pytest.mark.parametrize("kind", [PolicyKind.RESOURCE, PolicyKind.KEY, PolicyKind.ENDPOINT])
def test_the_policy_of_a_thing_says_whom_it_is_about(kind: PolicyKind) -> None:
    assert problem(control(), kind).endswith("expected `Principal` in the statement")
    assert parse(control(Principal={"AWS": "123456789012"}, Sid="with space"), kind).statements


def test_a_repository_policy_has_no_resource() -> None:
    text = json.dumps(
        {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:GetDownloadUrlForLayer"}}
    )
    assert parse(text, PolicyKind.RESOURCE).statements[0].resources is None


@pytest.mark.parametrize("element", ["Action", "Resource"])
def test_a_statement_of_a_key_policy_without_action_or_resource_is_stored_and_has_no_effect(
    element: str,
) -> None:
    whole = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    del whole[element]
    policy = parse(json.dumps({"Statement": whole}), PolicyKind.KEY)
    (rule,) = compile_policy(policy).rules
    covers_action = "decrypt" in rule.actions.of("kms")
    covers_key = rule.resource is None or rule.resource("arn:aws:kms:eu-west-1:123456789012:key/1", {})
    assert not (covers_action and covers_key)


def test_a_key_policy_takes_the_characters_that_iam_takes() -> None:
    text = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Sid": "€"}}, ensure_ascii=False)
    assert problem(text, PolicyKind.KEY).endswith("expected a character up to U+00FF, found U+20AC")
