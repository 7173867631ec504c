"""What the grammar of policies says of each mistake, whole, and where it points."""

from __future__ import annotations

import json

import pytest

from watchword.iam import Effect, Policy, PolicyKind, PolicySyntaxError, Version, parse_policy

ALICE = "arn:aws:iam::123456789012:user/alice"
ANYBODY = '`"*"` or an object such as `{"AWS": "…"}`'


def refused(document: object, kind: PolicyKind | None = PolicyKind.IDENTITY) -> list[tuple[str, str]]:
    """Return for every problem the text from its place on, and what is said of it."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(text, name="p", kind=kind)
    assert {problem.line for problem in caught.value.problems} == {1}
    return [(text[problem.column - 1 :], problem.message) for problem in caught.value.problems]


def said(document: object, kind: PolicyKind | None, *expected: tuple[str, str]) -> None:
    """Hold that these are the problems: each begins with this text, and says this."""
    found = refused(document, kind)
    assert [message for _, message in found] == [f"expected {message}" for _, message in expected]
    for (rest, _), (beginning, _) in zip(found, expected, strict=True):
        assert rest.startswith(beginning)


def statement(**elements: object) -> dict[str, object]:
    whole = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **elements}
    return {name: each for name, each in whole.items() if each is not ...}


def policy(**elements: object) -> dict[str, object]:
    return {"Statement": statement(**elements)}


def trust(**elements: object) -> dict[str, object]:
    return {"Statement": statement(**{"Resource": ..., "Principal": {"AWS": ALICE}, **elements})}


def parse(document: object, kind: PolicyKind | None = PolicyKind.IDENTITY) -> Policy:
    return parse_policy(json.dumps(document), name="the name", kind=kind)


def test_a_policy_keeps_all_that_was_written() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Id": "some id",
            "Statement": [
                {
                    "Sid": "One",
                    "Effect": "Deny",
                    "NotPrincipal": {"AWS": [ALICE, "123456789012"], "Service": "s3.amazonaws.com"},
                    "NotAction": ["s3:Get*", "iam:*"],
                    "NotResource": "arn:aws:s3:::b/*",
                    "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:A": ["x", 1], "aws:B": False}},
                },
                {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": ["*"]},
            ],
        }
    )
    found = parse_policy(text, name="the name", kind=None)
    assert (found.name, found.kind, found.version, found.id) == (
        "the name",
        None,
        Version.V2012,
        "some id",
    )
    first, second = found.statements
    assert (first.sid, first.index, first.effect) == ("One", 0, Effect.DENY)
    assert (second.sid, second.index, second.effect) == (None, 1, Effect.ALLOW)
    assert [str(each) for each in first.actions] == ["s3:Get*", "iam:*"]
    assert [str(each) for each in first.resources or ()] == ["arn:aws:s3:::b/*"]
    assert (first.not_action, first.not_resource, first.not_principal) == (True, True, True)
    assert (second.not_action, second.not_resource, second.not_principal) == (False, False, False)
    assert [(each.type.value, str(each.name)) for each in first.principals or ()] == [
        ("AWS", ALICE),
        ("AWS", "123456789012"),
        ("Service", "s3.amazonaws.com"),
    ]
    assert [(each.type.value, str(each.name)) for each in second.principals or ()] == [("*", "*")]
    assert [(str(each.operator), str(each.key), each.values) for each in first.conditions] == [
        ("ForAnyValue:StringLikeIfExists", "aws:A", ("x", "1")),
        ("ForAnyValue:StringLikeIfExists", "aws:B", ("false",)),
    ]
    assert text[second.offset : second.end] == text[text.index('{"Effect": "Allow"') : -2]
    assert text[second.effect_at :].startswith('"Allow"')


@pytest.mark.parametrize("kind", PolicyKind)
def test_a_policy_knows_what_it_is_for(kind: PolicyKind) -> None:
    principal = {} if kind in {PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL} else {"Principal": "*"}
    resource = {"Resource": ...} if kind is PolicyKind.TRUST else {}
    document = {"Version": "2012-10-17"} | policy(Effect="Deny", **principal, **resource)
    assert parse(document, kind).kind is kind


def test_an_id_and_a_sid_are_strings() -> None:
    document = {"Id": 7, "Statement": [statement(Sid=["x"])]}
    said(document, PolicyKind.IDENTITY, ("7,", "a string"), ('["x"]', "a string"))
    assert (parse(policy()).id, parse(policy()).statements[0].sid) == (None, None)


@pytest.mark.parametrize("version", ["2012-10-18", "", 2012, None, ["2012-10-17"]])
def test_there_are_two_versions(version: object) -> None:
    document = {"Version": version} | policy()
    said(document, PolicyKind.IDENTITY, (json.dumps(version), '`"2012-10-17"` or `"2008-10-17"`'))
    said(document, PolicyKind.SERVICE_CONTROL, (json.dumps(version), '`"2012-10-17"` or `"2008-10-17"`'))


@pytest.mark.parametrize(
    ("kind", "name", "principal"),
    [
        (PolicyKind.SERVICE_CONTROL, "a service control policy", {}),
        (PolicyKind.RESOURCE_CONTROL, "a resource control policy", {"Principal": "*"}),
    ],
)
def test_the_policies_of_an_organization_say_the_later_version(
    kind: PolicyKind, name: str, principal: dict[str, str]
) -> None:
    denial = policy(Effect="Deny", **principal)
    said({"Version": "2008-10-17"} | denial, kind, ('"2008-10-17"', f'`"2012-10-17"` in {name}'))
    said(denial, kind, ('{"Statement"', f'`"Version": "2012-10-17"` in {name}'))


def test_what_could_not_be_read_is_reported_once() -> None:
    broken = (
        '{"Version": x, "Id": y, "Statement": [{"Sid": a, "Effect": b, "Action": c, "Resource": d, '
        '"Condition": e}, {"Effect": "Allow", "Action": ["s3:*", f], "Resource": "*", '
        '"Condition": {"Bool": g, "StringEquals": {"aws:A": h, "aws:B": ["i", j]}}}, k]}'
    )
    for letters, text in (("xyabcdefghjk", broken), ("z", '{"Statement": z}'), ("z", "z")):
        found = refused(text)
        assert [rest[0] for rest, _ in found] == list(letters)
        assert {message.partition(", ")[0] for _, message in found} == {"expected a value"}


def test_principals_that_could_not_be_read_are_reported_once() -> None:
    text = json.dumps({"Statement": [trust()["Statement"]]}).replace('"AWS"', 'a: b, "AWS"')
    assert [message for _, message in refused(text, PolicyKind.TRUST)] == [
        "expected a name in double quotes, found `a`",
        "expected a value, found `b`: text stands in double quotes",
    ]
    text = json.dumps(trust(Principal="z")).replace('"z"', "z")
    assert len(refused(text, PolicyKind.TRUST)) == 1


@pytest.mark.parametrize("root", [[], "x", 1, True, None])
def test_a_policy_is_an_object(root: object) -> None:
    said(json.dumps(root), None, (json.dumps(root), "a policy document: an object"))


@pytest.mark.parametrize("node", ["x", 1, None])
def test_a_statement_is_an_object(node: object) -> None:
    expected = (json.dumps(node), "a statement: an object")
    said({"Statement": node}, None, expected)
    said({"Statement": [statement(), node]}, None, expected)


def test_a_policy_has_statements() -> None:
    said({"Version": "2012-10-17"}, None, ('{"Version"', "`Statement` in the policy"))
    said({"Statement": []}, None, ("[]", "at least one statement"))


def test_other_names_are_no_elements() -> None:
    said(
        {"version": "2012-10-17"} | policy(),
        None,
        ('"version"', "one of `Version`, `Id`, `Statement`, found `version`"),
    )
    elements = "`Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, `Resource`, "
    said(
        policy(Actions="*"),
        None,
        ('"Actions"', f"one of {elements}`NotResource`, `Condition`, found `Actions`"),
    )


@pytest.mark.parametrize("effect", ["allow", "", 1, None, ["Allow"]])
def test_an_effect_is_one_of_two_words(effect: object) -> None:
    said(policy(Effect=effect), None, (json.dumps(effect), '`"Allow"` or `"Deny"`'))


def test_a_statement_has_an_effect_an_action_and_a_resource() -> None:
    said(policy(Effect=...), None, ('{"Action"', "`Effect` in the statement"))
    said(policy(Action=...), None, ('{"Effect"', "`Action` or `NotAction` in the statement"))
    said(policy(Resource=...), None, ('{"Effect"', "`Resource` or `NotResource` in the statement"))


def test_an_element_and_its_twin_exclude_each_other() -> None:
    said(
        policy(NotAction="iam:*", NotResource="arn:aws:s3:::b"),
        PolicyKind.IDENTITY,
        ('"iam:*"', "either `Action` or `NotAction`, found both"),
        ('"arn:aws:s3:::b"', "either `Resource` or `NotResource`, found both"),
    )
    said(
        policy(Effect="Deny", Principal="*", NotPrincipal={"AWS": ALICE}),
        PolicyKind.RESOURCE,
        ('{"AWS"', "either `Principal` or `NotPrincipal`, found both"),
    )


def test_actions_and_resources_are_strings() -> None:
    text = "a string or a list of strings for"
    for wrong in (1, None, {"a": 1}):
        said(policy(Action=wrong), None, (json.dumps(wrong), f"{text} `Action`"))
        said(policy(Action=..., NotAction=["iam:*", wrong]), None, (json.dumps(wrong), f"{text} `Action`"))
        said(policy(Resource=["*", wrong]), None, (json.dumps(wrong), f"{text} `Resource`"))
    said(policy(Action=[]), None, ("[]", "at least one value for `Action`"))
    said(policy(Resource=..., NotResource=[]), None, ("[]", "at least one value for `Resource`"))


def test_each_of_several_values_is_checked() -> None:
    said(
        policy(Action=["s3", "s3:Get", "iam"], Resource=["*", "b"]),
        None,
        ('"s3"', "an action as `service:Name`, found `s3`"),
        ('"iam"', "an action as `service:Name`, found `iam`"),
        ('"b"', 'an ARN or `"*"`, found `b`'),
    )


def test_long_values_are_shortened_to_sixty_signs() -> None:
    for length, shown in ((60, "b" * 60), (61, "b" * 59 + "…")):
        said(policy(Resource="b" * length), None, ('"b', f'an ARN or `"*"`, found `{shown}`'))


def test_no_value_has_more_characters_than_a_document() -> None:
    longest = "arn:aws:s3:::" + "a" * (32_768 - 13)
    assert parse(policy(Resource=longest)).statements
    assert parse(policy(Condition={"StringEquals": {"aws:A": longest}})).statements
    too_long = ('"arn', "at most 32768 characters, found 32769")
    said(policy(Resource=longest + "a"), None, too_long)
    said(policy(Condition={"StringEquals": {"aws:A": longest + "a"}}), None, too_long)


def test_a_sid_has_letters_and_digits_where_iam_stores_it() -> None:
    words = ('"a b"', "a Sid of letters and digits only")
    said(policy(Sid="a b"), PolicyKind.IDENTITY, words)
    said(trust(Sid="a b"), PolicyKind.TRUST, words)
    others = {"Principal": "*", "Effect": "Deny"}
    for kind in (PolicyKind.RESOURCE, PolicyKind.KEY, PolicyKind.ENDPOINT, None):
        assert parse(policy(Sid="a b", **others), kind).statements[0].sid == "a b"


def test_a_sid_stands_once_but_an_empty_one_is_none() -> None:
    twice = {"Statement": [statement(Sid="A"), statement(Sid="B"), statement(Sid="A", Action="iam:*")]}
    assert refused(twice) == [
        ('"A"}]}', "expected a Sid that no other statement has, found `A` again"),
    ]
    assert len(parse({"Statement": [statement(Sid=""), statement(Sid="")]}).statements) == 2


def test_a_trust_policy_names_no_resource() -> None:
    for element in ("Resource", "NotResource"):
        expected = ('"arn:aws:s3:::b"', f"no `{element}` in a trust policy")
        said(trust(**{element: "arn:aws:s3:::b"}), PolicyKind.TRUST, expected)


def test_an_identity_policy_names_nobody() -> None:
    for kind, name in (
        (PolicyKind.IDENTITY, "an identity policy"),
        (PolicyKind.SERVICE_CONTROL, "a service control policy"),
    ):
        document = {"Version": "2012-10-17"} | policy(Principal="*", NotPrincipal={"AWS": ALICE})
        said(document, kind, ('"*"', f"no `Principal` in {name}"), ('{"AWS"', f"no `NotPrincipal` in {name}"))


def test_the_policy_of_a_thing_names_somebody() -> None:
    missing = ('{"Effect"', "`Principal` in the statement")
    for kind in (PolicyKind.RESOURCE, PolicyKind.KEY, PolicyKind.ENDPOINT):
        said(policy(), kind, missing)
    said(trust(Principal=...), PolicyKind.TRUST, missing)


def test_who_is_named_may_stand_in_for_what_when_the_kind_is_not_told() -> None:
    for who in ({"Principal": "*"}, {"NotPrincipal": {"AWS": ALICE}}):
        (found,) = parse(policy(Effect="Deny", Resource=..., **who), None).statements
        assert found.resources is None
        assert found.not_principal is ("NotPrincipal" in who)


def test_a_statement_that_names_nobody_is_about_everybody() -> None:
    for kind in (PolicyKind.IDENTITY, None):
        (found,) = parse(policy(), kind).statements
        assert (found.principals, found.not_principal) == (None, False)


def test_not_principal_stands_in_few_kinds_and_with_deny_only() -> None:
    others = {"NotPrincipal": {"AWS": ALICE}}
    said(
        trust(Principal=..., Effect="Deny", **others),
        PolicyKind.TRUST,
        ('{"AWS"', "no `NotPrincipal` in a trust policy"),
    )
    for kind in (PolicyKind.RESOURCE, None):
        said(policy(**others), kind, ('{"AWS"', "`NotPrincipal` only with `Deny`"))
        assert parse(policy(Effect="Deny", **others), kind).statements[0].not_principal


@pytest.mark.parametrize("principal", ["alice", 1, None, ["*"]])
def test_principals_stand_in_an_object(principal: object) -> None:
    said(trust(Principal=principal), PolicyKind.TRUST, (json.dumps(principal), ANYBODY))


def test_each_type_of_principal_has_names() -> None:
    text = "a string or a list of strings for"
    said(
        trust(Principal={"AWS": [1, "x"], "Service": [], "Federated": {"a": 1}, "Canonical": "y"}),
        PolicyKind.TRUST,
        ("1,", f"{text} `AWS`"),
        ('"x"', 'an account, an ARN of IAM or STS, or `"*"`, found `x`'),
        ("[]", "at least one value for `Service`"),
        ('{"a"', f"{text} `Federated`"),
        (
            '"Canonical"',
            "one of `AWS`, `Service`, `Federated`, `CanonicalUser`, found `Canonical`",
        ),
    )
    said(trust(Principal={}), PolicyKind.TRUST, ("{}", "at least one principal"))


def test_a_condition_is_three_levels_deep() -> None:
    bool_ = "an object of condition keys under `ForAnyValue:BoolIfExists`"
    for wrong in ("x", 1, None, ["x"]):
        shown = json.dumps(wrong)
        said(policy(Condition=wrong), None, (shown, "an object of condition operators"))
        said(policy(Condition={"ForAnyValue:BoolIfExists": wrong}), None, (shown, bool_))
    for value in (None, {"x": 1}, [["x"]]):
        shown = json.dumps(value[0] if isinstance(value, list) else value)
        expected = (shown, "a string, a number or a boolean")
        said(policy(Condition={"Bool": {"aws:A": value}}), None, expected)
    assert parse(policy(Condition={})).statements[0].conditions == ()


def test_each_operator_and_each_key_is_checked() -> None:
    said(
        policy(Condition={"Bools": {"aws:A": "x"}, "Bool": {"A" * 61: "x", "aws:B": None, "B": "y"}}),
        None,
        ('"Bools"', "a condition operator, found `Bools`"),
        (
            '"AAA',
            f"a condition key with its service, such as `aws:…`, found `{'A' * 59}…`",
        ),
        ("null", "a string, a number or a boolean"),
        ('"B"', "a condition key with its service, such as `aws:…`, found `B`"),
    )


def test_every_character_that_iam_does_not_take_is_reported() -> None:
    for kind in (PolicyKind.IDENTITY, PolicyKind.TRUST, PolicyKind.KEY):
        document = {"Id": "aÿ€\x7f😀"} | (policy() if kind is PolicyKind.IDENTITY else trust())
        said(
            document,
            kind,
            ("€", "a character up to U+00FF, found U+20AC"),
            ("😀", "a character up to U+00FF, found U+1F600"),
        )
    others = policy(Effect="Deny", Principal="*", Sid="€")
    for other in (PolicyKind.RESOURCE, PolicyKind.ENDPOINT, None):
        assert parse_policy(json.dumps(others, ensure_ascii=False), name="p", kind=other).statements


def test_of_several_things_wrong_in_one_place_the_cause_is_said() -> None:
    said(
        '{"Statement": [{"Effect": "Allow"} }',
        None,
        ('{"Effect"', "`Action` or `NotAction` in the statement"),
        ("}", "`,` or `]`, found `}`"),
    )


def test_a_thousand_problems_are_the_most_that_are_counted() -> None:
    for count, more, counted in ((999, 899, True), (1000, 900, False), (1500, 900, False)):
        with pytest.raises(PolicySyntaxError) as caught:
            parse({"Statement": [1] * count})
        assert (len(caught.value.problems), caught.value.more, caught.value.counted) == (100, more, counted)
