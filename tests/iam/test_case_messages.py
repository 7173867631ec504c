"""How a mistake in a file of cases is told, word for word."""

from __future__ import annotations

import json

import pytest

from watchword.errors import WatchwordError
from watchword.iam.cases import BrokenCase, Case, CaseFileError, read_case_file, read_cases

ALICE = "arn:aws:iam::123456789012:user/alice"
ALL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SOUND = {
    "name": "a case",
    "identity_policies": [ALL],
    "principal": ALICE,
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::bucket/key",
    "expect": "allowed",
}


def no_files(path: str) -> str:
    raise FileNotFoundError(2, "No such file", path)


def refused(text: str) -> CaseFileError:
    with pytest.raises(CaseFileError) as caught:
        read_cases(text, name="tests/c.json", read=no_files)
    return caught.value


def broken(**changed: object) -> BrokenCase:
    text = json.dumps([{key: value for key, value in {**SOUND, **changed}.items() if value is not ...}])
    (found,) = read_case_file(text, name="c.json", read=no_files)
    assert isinstance(found, BrokenCase)
    return found


def messages(**changed: object) -> list[str]:
    return [problem.message for problem in broken(**changed).problems]


# -- the error of a file


def test_a_file_without_cases_says_why_what_to_do_and_where_to_read_on() -> None:
    error = refused(" []")
    assert error.name == "tests/c.json"
    assert (error.hint, error.see) == ("a test without cases cannot fail", "docs/policy/test.md")
    assert str(error) == (
        "`tests/c.json` is not a file of cases: tests/c.json:1:2: expected a case, found none"
    )
    assert error.diagnostics() == (
        "error: `tests/c.json` is not a file of cases\n"
        "  tests/c.json:1:2: expected a case, found none\n"
        "hint: a test without cases cannot fail\n"
        "see: docs/policy/test.md"
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('{"Statement": []}', "this is a policy; a case names it in `identity_policies`, by its path"),
        ('{"expect": "allowed"}', "put `[` and `]` around the case"),
        ('{"name": "x"}', None),
        ('"Statement"', None),
        ('"expect"', None),
        ("3", None),
    ],
)
def test_what_is_no_array_is_told_with_what_it_seems_to_be(text: str, hint: str | None) -> None:
    error = refused(text)
    assert (error.name, error.hint) == ("tests/c.json", hint)
    assert str(error) == (
        "`tests/c.json` is not a file of cases: tests/c.json:1:1: expected an array of cases"
    )


@pytest.mark.parametrize(("count", "end"), [(1, ""), (3, ""), (4, "; and 1 more"), (5, "; and 2 more")])
def test_a_line_tells_three_mistakes_and_how_many_more_there_are(count: int, end: str) -> None:
    error = refused(json.dumps([5] * count))
    places = [f"tests/c.json:1:{2 + 3 * at}: expected a case: an object" for at in range(min(count, 3))]
    assert str(error) == f"`tests/c.json` is not a file of cases: {'; '.join(places)}{end}"
    assert error.name == "tests/c.json"


@pytest.mark.parametrize(("count", "lines", "more"), [(20, 20, None), (21, 20, 1), (25, 20, 5)])
def test_the_whole_message_tells_twenty_mistakes(count: int, lines: int, more: int | None) -> None:
    told = refused(json.dumps([5] * count)).diagnostics().splitlines()
    assert told[0] == "error: `tests/c.json` is not a file of cases"
    assert told[1] == "  tests/c.json:1:2: expected a case: an object"
    assert sum(line.startswith("  tests/c.json:1:") for line in told) == lines
    assert told[21:-1] == ([] if more is None else [f"  and {more} more"])
    assert told[-1] == "see: docs/policy/test.md"


def test_a_text_that_is_not_json_is_told_with_the_file() -> None:
    error = refused('[{"name": "x" "y": 1}]')
    assert error.name == "tests/c.json"
    assert [str(each) for each in error.problems] == ['tests/c.json:1:15: expected `,` or `}` before `"y"`']


def test_half_of_a_surrogate_pair_is_told_where_it_stands() -> None:
    error = refused('[\n "\\ud83d\\ude00 \\ud83d"]')
    assert [str(each) for each in error.problems] == [
        "tests/c.json:2:3: expected characters, found half of a surrogate pair"
    ]
    whole = json.dumps([{**SOUND, "name": "\U0001f600"}])
    (found,) = read_cases(whole, name="c.json", read=no_files)
    assert found.name == "\U0001f600"


def test_deep_nesting_is_told_at_the_beginning() -> None:
    assert [str(each) for each in refused("\n" + "[" * 100_000).problems] == [
        "tests/c.json:1:1: expected fewer levels of nesting"
    ]


# -- where a broken case is


def test_a_broken_case_has_a_place_a_name_and_what_it_expects() -> None:
    text = '[\n  {"name": "first", "expect": "explicitDeny"},\n  {"expect": "nothing"}, 7]'
    first, second, third = read_case_file(text, name="c.json", read=no_files)
    assert isinstance(first, BrokenCase)
    assert isinstance(second, BrokenCase)
    assert isinstance(third, BrokenCase)
    assert (first.file, first.line, first.column, first.name) == ("c.json", 2, 3, "first")
    assert first.expect is not None
    assert first.expect.value == "explicitDeny"
    assert (second.file, second.line, second.column, second.name) == ("c.json", 3, 3, "case 2")
    assert second.expect is None
    assert (third.file, third.line, third.column, third.name) == ("c.json", 3, 26, "case 3")
    assert [str(each) for each in first.problems] == [
        f"c.json:2:3: expected `{name}` in the case" for name in ("principal", "action", "resource")
    ]
    assert [str(each) for each in third.problems] == ["c.json:3:26: expected a case: an object"]


def test_mistakes_are_told_in_the_order_of_the_text_and_those_of_other_files_last() -> None:
    text = """[
  {"name": "x", "expect": "allowed", "principal": 1, "action": "a",
   "identity_policies": ["z.json", "a.json"], "resource": "b",
   "colour": 1}
]"""
    files = {"z.json": "3", "a.json": '\n{"Statement": 3,\n"Version": 2}'}
    (found,) = read_case_file(text, name="m/c.json", read=files.__getitem__)
    assert isinstance(found, BrokenCase)
    places = [(each.file, each.line, each.column) for each in found.problems]
    own = [place for place in places if place[0] == "m/c.json"]
    assert own == sorted(own)
    assert {place[1] for place in own} >= {2, 3}
    assert places == own + sorted(places[len(own) :])
    assert [place[0] for place in places[len(own) :]] == ["m/a.json", "m/a.json", "m/z.json"]


# -- the fields


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": ""}, "expected a string in `name`"),
        ({"name": 3}, "expected a string in `name`"),
        ({"principal": None}, "expected a string in `principal`"),
        ({"action": "s3"}, "expected one action, `service:Name`, found `s3`"),
        ({"action": "s3:Get*"}, "expected one action, `service:Name`, found `s3:Get*`"),
        ({"action": "s3:Get?"}, "expected one action, `service:Name`, found `s3:Get?`"),
        ({"resource": "b/k"}, "expected an ARN, or `*` where the action has none, found `b/k`"),
        (
            {"principal": "alice"},
            "expected the ARN of a principal, a service's name or `anonymous`, found `alice`",
        ),
        (
            {"principal": "arn:aws:iam::123456789012:user/*"},
            ("expected the ARN of a principal, a service's name or `anonymous`, "
            "found `arn:aws:iam::123456789012:user/*`"),
        ),
        ({"expect": 3}, "expected a string in `expect`"),
        (
            {"expect": "x"},
            ("expected another value of `expect`: `allowed`, `explicitDeny`, `implicitDeny`, "
            "`undetermined`, found `x`"),
        ),
        ({"code": True}, "expected a `code` only with the action `sts:AssumeRole`"),
        ({"code": 1}, "expected `true` or `false` in `code`"),
        ({"resource_account": "1234567890123"}, "expected the twelve digits of an account in double quotes"),
        (
            {"session_of": ALICE},
            f"expected `session_of` only where `principal` is a session, found `{ALICE}`",
        ),
        ({"context": {"a": "b"}}, "expected a condition key with its service, such as `aws:…`, found `a`"),
        ({"context": {":a": "b"}}, "expected a condition key with its service, such as `aws:…`, found `:a`"),
        ({"unknown": ["a"]}, "expected a condition key with its service, such as `aws:…`, found `a`"),
        ({"unknown": [3]}, "expected a condition key in double quotes"),
        ({"context": {"a:b": {}}}, "expected a string, a number or a boolean"),
        (
            {"assumptions": {"xyz": True}},
            "expected a field of `Assumptions`, found `xyz`",
        ),
        (
            {"assumptions": {"role_session_from_mfa": True}},
            ("expected a field of `Assumptions`, perhaps `role_session_from_mfa_session`, "
            "found `role_session_from_mfa`"),
        ),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_with_what_was_expected(changed: dict[str, object], expected: str) -> None:
    assert expected in messages(**changed)


def test_a_code_needs_a_credential_beside_it() -> None:
    role = "arn:aws:iam::123456789012:role/ops"
    assert messages(action="sts:AssumeRole", resource=role, code=True) == [
        "expected a `credential` beside the `code`: without it, `context` says all"
    ]


@pytest.mark.parametrize(("length", "shown"), [(60, "b" * 60), (61, "b" * 59 + "…")])
def test_what_is_long_is_told_by_its_beginning(length: int, shown: str) -> None:
    assert messages(resource="b" * length) == [
        f"expected an ARN, or `*` where the action has none, found `{shown}`"
    ]


def test_what_is_wrong_is_told_at_the_value_or_at_the_name() -> None:
    text = """[
  {"name": "x", "expect": "allowed", "resource": "*",
   "principal": "nobody",
   "action": "all",
   "context": {"a:b": "1", "a:b": "2",
               "c:d": [true, {}]},
   "unknown": ["a:B",
               5],
   "name": "y"}
]"""
    (found,) = read_case_file(text, name="c.json", read=no_files)
    assert isinstance(found, BrokenCase)
    assert [str(each) for each in found.problems] == [
        "c.json:3:17: expected the ARN of a principal, a service's name or `anonymous`, found `nobody`",
        "c.json:4:14: expected one action, `service:Name`, found `all`",
        "c.json:5:28: expected `a:b` once in `context`, found it again",
        "c.json:6:30: expected a string, a number or a boolean",
        "c.json:7:16: expected `a:B` in `unknown` or in `context`, found it in both",
        "c.json:8:16: expected a condition key in double quotes",
        "c.json:9:4: expected `name` once in this case, found it again",
    ]


# -- policies


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("identity_policies", 3, "identity_policies[0]"),
        ("identity_policies", [ALL, 3], "identity_policies[1]"),
        ("service_control_policies", [[ALL], [ALL, 3]], "service_control_policies[1][1]"),
        ("resource_control_policies", [[3]], "resource_control_policies[0][0]"),
        ("permissions_boundaries", [3], "permissions_boundaries[0]"),
        ("session_policies", [3], "session_policies[0]"),
        ("endpoint_policies", [3], "endpoint_policies[0]"),
        ("resource_policy", 3, "resource_policy"),
        ("trust_policy", 3, "trust_policy"),
    ],
)
def test_what_is_no_policy_is_told_with_its_place_among_the_others(
    field: str, value: object, named: str
) -> None:
    assert messages(**{field: value}) == [f"expected a policy in `{named}`: a document, or the path of one"]


def test_a_file_that_cannot_be_read_is_told_in_the_words_of_who_could_not() -> None:
    def reading(error: Exception) -> str:
        def read(path: str) -> str:
            raise error

        text = json.dumps([{**SOUND, "identity_policies": ["p.json"]}])
        (found,) = read_case_file(text, name="c.json", read=read)
        assert isinstance(found, BrokenCase)
        (problem,) = found.problems
        return problem.message

    head = "expected a policy or the path of one: "
    assert reading(PermissionError(13, "Permission Denied")) == f"{head}permission denied"
    assert reading(OSError("Odd Thing")) == f"{head}odd thing"
    assert reading(WatchwordError("`P.json` is a folder")) == f"{head}`P.json` is a folder"


def test_a_statement_in_a_string_is_told_where_the_string_begins() -> None:
    text = json.dumps([{**SOUND, "identity_policies": [json.dumps(ALL, indent=2)]}], indent=1)
    (found,) = read_cases(text, name="c.json", read=no_files)
    assert isinstance(found, Case)
    (ref,) = found.decide().statements
    assert ref.policy == "identity_policies[0]"
    file, place = found.place(ref)
    assert (file, place.line, place.column) == ("c.json", 5, 4)
    (document,) = found.documents.values()
    assert (document.field, document.quoted) == ("identity_policies[0]", True)


def test_a_policy_of_a_file_is_named_as_its_path_is_shown() -> None:
    def shown(name: str, path: str) -> str:
        text = json.dumps([{**SOUND, "identity_policies": path}])
        (found,) = read_case_file(text, name=name, read=lambda _: json.dumps(ALL))
        assert isinstance(found, Case)
        (document,) = found.documents.values()
        assert (document.file, document.field) == (document.name, "identity_policies[0]")
        assert (document.line, document.column, document.quoted) == (1, 1, False)
        return document.name

    assert shown("c.json", "p.json") == "p.json"
    assert shown("a/b/c.json", "p.json") == "a/b/p.json"
    assert shown("a/c.json", "/p.json") == "/p.json"
    text = json.dumps([{**SOUND, "identity_policies": "p.json"}])
    (found,) = read_case_file(
        text, name="c.json", read=lambda _: json.dumps(ALL), show=lambda path: f"<{path}>"
    )
    assert isinstance(found, Case)
    assert list(found.documents) == ["<p.json>"]
    assert (found.file, found.line, found.column) == ("c.json", 1, 2)


NAMING = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("identity_policies", [NAMING], "expected no `Principal` in an identity policy"),
        ("session_policies", [NAMING], "expected no `Principal` in an identity policy"),
        ("permissions_boundaries", [NAMING], "expected no `Principal` in an identity policy"),
        ("service_control_policies", [[NAMING]], "expected no `Principal` in a service control policy"),
        ("resource_control_policies", [[ALL]], "expected `Principal` in the statement"),
        ("endpoint_policies", [ALL], "expected `Principal` in the statement"),
        ("resource_policy", ALL, "expected `Principal` in the statement"),
        ("trust_policy", ALL, "expected `Principal` in the statement"),
    ],
)
def test_each_field_takes_policies_of_its_own_kind(field: str, value: object, expected: str) -> None:
    assert messages(**{field: value}) == [expected]


def test_a_policy_that_two_fields_hold_is_read_as_each_of_their_kinds() -> None:
    both = json.dumps(NAMING)
    assert messages(resource_policy=both, identity_policies=both) == [
        "line 1 of the string: expected no `Principal` in an identity policy"
    ]


def test_each_field_is_its_own_part_of_the_policies() -> None:
    def named(name: str, *, principal: bool = False) -> dict[str, object]:
        who = {"Principal": "*"} if principal else {}
        return {"Statement": [{"Sid": name, "Effect": "Deny", "Action": "s3:*", "Resource": "*", **who}]}

    text = json.dumps(
        [
            {
                **SOUND,
                "identity_policies": [named("identity")],
                "permissions_boundaries": [named("boundary")],
                "session_policies": [named("session")],
                "service_control_policies": [[named("scp0")], [named("scp1")]],
                "resource_control_policies": [[named("rcp", principal=True)]],
                "endpoint_policies": [named("endpoint", principal=True)],
                "resource_policy": named("resource", principal=True),
            }
        ]
    )
    (found,) = read_cases(text, name="c.json", read=no_files)
    policies = found.policies
    assert policies.permissions_boundary is not None
    assert policies.resource is not None
    inside = {
        "identity": policies.identity,
        "boundary": (policies.permissions_boundary,),
        "session": policies.session or (),
        "scp0": policies.service_control[0],
        "scp1": policies.service_control[1],
        "rcp": policies.resource_control[0],
        "endpoint": policies.endpoint or (),
        "resource": (policies.resource,),
    }
    for name, documents in inside.items():
        assert [each.policy.statements[0].sid for each in documents] == [name]
    assert [(each.name, each.field) for each in found.documents.values()] == [
        (each, each) for each in found.documents
    ]
    assert set(found.documents) == {
        "identity_policies[0]",
        "permissions_boundaries[0]",
        "session_policies[0]",
        "service_control_policies[0][0]",
        "service_control_policies[1][0]",
        "resource_control_policies[0][0]",
        "endpoint_policies[0]",
        "resource_policy",
    }


def test_a_policy_of_a_file_is_read_as_its_fields_kind() -> None:
    text = json.dumps([{**SOUND, "identity_policies": ["p.json"]}])
    (found,) = read_case_file(text, name="c.json", read=lambda _: json.dumps(NAMING))
    assert isinstance(found, BrokenCase)
    (problem,) = found.problems
    assert (problem.file, problem.message) == ("p.json", "expected no `Principal` in an identity policy")


def test_a_character_that_iam_cannot_store_is_escaped_as_a_policy_must() -> None:
    text = json.dumps([{**SOUND, "identity_policies": [{**ALL, "Id": "Ω😀é"}]}], ensure_ascii=False)
    (found,) = read_cases(text, name="c.json", read=no_files)
    (document,) = found.documents.values()
    assert '"\\u03a9\\ud83d\\ude00é"' in document.text
    (policy,) = found.policies.identity
    assert policy.policy.id == "Ω😀é"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 3),
        ("principal", "alice"),
        ("action", "s3"),
        ("resource", "b"),
        ("expect", "x"),
        ("expect", 3),
        ("credential", "x"),
        ("resource_account", "x"),
        ("service_rules", 1),
        ("code", True),
        ("context", 1),
        ("unknown", 1),
        ("unknown", "aws:a"),
        ("assumptions", 1),
        ("session_of", ALICE),
        ("trust_policy", 3),
        ("resource_policy", 3),
        ("identity_policies", 3),
        ("permissions_boundaries", [ALL, ALL]),
        ("service_control_policies", [ALL, ALL]),
    ],
)
def test_what_is_wrong_with_a_value_is_told_where_the_value_stands(field: str, value: object) -> None:
    others = ", ".join(
        f"{json.dumps(name)}: {json.dumps(each)}" for name, each in SOUND.items() if name != field
    )
    text = f'[\n{{{others},\n "{field}": {json.dumps(value)}}}]'
    (found,) = read_case_file(text, name="c.json", read=no_files)
    assert isinstance(found, BrokenCase)
    assert (found.line, found.column) == (2, 1)
    places = {(each.line, each.column) for each in found.problems}
    assert places == {(3, len(field) + 6)}


def test_what_is_missing_is_told_where_the_case_begins() -> None:
    found = broken(principal=...)
    assert [(each.line, each.column) for each in found.problems] == [(1, 2)]


def test_all_unknown_keys_are_looked_at() -> None:
    assert messages(unknown=[3, "b", 4]) == [
        "expected a condition key in double quotes",
        "expected a condition key with its service, such as `aws:…`, found `b`",
        "expected a condition key in double quotes",
    ]


def test_two_things_that_aws_would_not_store_are_both_told() -> None:
    rcp = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
    text = json.dumps([{**SOUND, "resource_control_policies": [[rcp], [rcp]]}])
    (found,) = read_cases(text, name="c.json", read=no_files)
    assert [each.message for each in found.warnings] == [
        "AWS would not store this policy: expected an action with its service, found `*`"
    ] * 2


@pytest.mark.parametrize(
    "name", ["comment", "_x", "$schema", "/x", "#x", "id", "topic2", "section", "sources", "_expect"]
)
def test_a_field_for_people_is_told_and_not_read(name: str) -> None:
    (found,) = read_cases(json.dumps([{**SOUND, name: 1}]), name="c.json", read=no_files)
    assert [str(each) for each in found.warnings] == [
        f"c.json:1:{_column(name)}: the field `{name}` is not read"
    ]


def _column(name: str) -> int:
    return json.dumps([{**SOUND, name: 1}]).index(f'"{name}"') + 1


@pytest.mark.parametrize(
    "name",
    [
        "serviceControlPolicies",
        "SCPs",
        "mfa-context",
        "userGroups",
        "accountId",
        "PrincipalArn",
        "my-scp",
        "Xcredential",
    ],
)
def test_a_field_that_may_be_meant_to_count_is_a_mistake(name: str) -> None:
    (message,) = messages(**{name: 1})
    assert message.startswith("expected a field of a case")
    assert message.endswith(f"found `{name}`")


def test_the_word_for_a_setting_is_written_in_lower_case() -> None:
    name = "console_with_mfa"
    assert messages(assumptions={name: "TRUE"}) == [
        'expected one of `"absent"`, `"false"`, `"true"`, `"unknown"` for `console_with_mfa`'
    ]
    for value in (True, "true"):
        text = json.dumps([{**SOUND, "assumptions": {name: value}}])
        (found,) = read_cases(text, name="c.json", read=no_files)
        assert found.assumptions.console_with_mfa.value == "true"
