"""The careful reader of JSON: what it says of each mistake, where, and how it reads on."""

from __future__ import annotations

import pytest

from watchword.iam._json import Reader
from watchword.iam._nodes import Array, Broken, Node, Null, Object, Scalar, String


def read(text: str) -> tuple[Node, list[str], bool]:
    reader = Reader(text)
    value = reader.read()
    return value, [f"{offset}: {message}" for offset, message in reader.problems], reader.gave_up


def values(node: Node) -> object:
    """The values without their places."""
    match node:
        case Array():
            return [values(each) for each in node.items]
        case Object():
            return [(name.text, values(each)) for name, each in node.members]
        case String() | Scalar():
            return node.text
        case Null() | Broken():
            return type(node).__name__


def test_every_value_keeps_its_text_and_its_place() -> None:
    text = '[true, false, null, 1.50, -2e+3, "x", {"a": [], "b": {}}]'
    assert read(text) == (
        Array(
            [
                Scalar("true", 1),
                Scalar("false", 7),
                Null(14),
                Scalar("1.50", 20),
                Scalar("-2e+3", 26),
                String("x", 33),
                Object(
                    [(String("a", 39), Array([], 44)), (String("b", 48), Object([], 53, 55))],
                    38,
                    56,
                ),
            ],
            0,
        ),
        [],
        False,
    )


def test_marks_in_strings_are_text() -> None:
    assert values(read('{"}": "]", ",": ":", ":": [","]}')[0]) == [("}", "]"), (",", ":"), (":", [","])]
    assert read('{"}": "]", ",": ":", ":": [","]}')[1] == []


def test_escapes_are_read() -> None:
    assert read(r'["\ud83d\ude00", "\"\\\/\n\u00e9"]')[:2] == (
        Array([String("😀", 1), String('"\\/\né', 17)], 0),
        [],
    )


def test_an_escape_that_json_does_not_have_is_reported_where_it_stands_and_left_as_it_is() -> None:
    assert read(r'["ok", "a\qb"]')[:2] == (
        Array([String("ok", 1), String(r"a\qb", 7)], 0),
        [r"9: expected a valid escape after `\`"],
    )


@pytest.mark.parametrize("text", [r'"\ud800"', '"\ud800"'])
def test_half_a_surrogate_pair_is_no_character(text: str) -> None:
    assert read(text)[1] == ["0: expected characters, found half of a surrogate pair"]


@pytest.mark.parametrize("text", ["", "   \n"])
def test_nothing_is_no_document(text: str) -> None:
    assert read(text) == (Broken(0), ["0: expected a policy document, found nothing"], False)


@pytest.mark.parametrize(
    ("text", "at", "found"), [("[1] 2", 4, "2"), ("[1]]", 3, "]"), ("[1], 2", 3, ","), ('[1] "x"', 4, '"x"')]
)
def test_after_the_value_nothing_follows(text: str, at: int, found: str) -> None:
    assert read(text) == (
        Array([Scalar("1", 1)], 0),
        [f"{at}: expected the end of the document, found `{found}`"],
        False,
    )


@pytest.mark.parametrize(
    "word", ["tru", "nulls", "true1", "True", "-", "01", "1.", "1.5.2", "1a", "+1", ".5", "/", "\x00", "'a"]
)
def test_what_is_no_value_is_reported_and_read_over(word: str) -> None:
    assert read(f"[{word}, 1]")[:2] == (
        Array([Broken(1), Scalar("1", 3 + len(word))], 0),
        [f"1: expected a value, found `{word}`: text stands in double quotes"],
    )


def test_a_long_word_is_shortened_to_thirty_signs() -> None:
    (thirty,) = read("a" * 30)[1]
    assert thirty == f"0: expected a value, found `{'a' * 30}`: text stands in double quotes"
    (more,) = read("a" * 31)[1]
    assert more == f"0: expected a value, found `{'a' * 29}…`: text stands in double quotes"


def test_single_quotes_are_no_quotes() -> None:
    assert read("['a b', 1]")[:2] == (
        Array([Broken(1), Scalar("1", 8)], 0),
        ["1: expected double quotes around `'a b'`"],
    )


def test_a_string_ends_on_its_line() -> None:
    open_ = 'this string has no closing `"` on its line, or a control character in it'
    assert read('["a,\n"b"]')[:2] == (
        Array([Broken(1), String("b", 5)], 0),
        [f"1: {open_}", '5: expected `,` or `]` before `"b"`'],
    )
    assert read('["a\tb", 1]')[1][0] == f"1: {open_}"


def test_comments_are_reported_and_read_over() -> None:
    none = "expected no comment: JSON has none"
    assert read("// one\n[1 /* two */, 2]// three") == (
        Array([Scalar("1", 8), Scalar("2", 21)], 7),
        [f"0: {none}", f"10: {none}", f"23: {none}"],
        False,
    )


@pytest.mark.parametrize(
    ("text", "expected", "problems"),
    [
        ("[1 2]", ["1", "2"], ["3: expected `,` or `]` before `2`"]),
        ('["a" "]"]', ["a", "]"], ['5: expected `,` or `]` before `"]"`']),
        ('["a" ","]', ["a", ","], ['5: expected `,` or `]` before `","`']),
        ("[1,]", ["1"], ["3: expected another element after `,`, found `]`"]),
        ("[,1]", ["Broken", "1"], ["1: expected a value, found `,`"]),
        ("[1,,2]", ["1", "Broken", "2"], ["3: expected a value, found `,`"]),
        ("[1:2]", ["1", "2"], ["2: expected `,` or `]` before `:`"]),
        (
            "[:1]",
            ["Broken", "1"],
            ["1: expected a value, found `:`", "2: expected `,` or `]` before `1`"],
        ),
        ('{"a" 1}', [("a", "1")], ["5: expected `:` after `a`"]),
        ('{"a" "b"}', [("a", "b")], ["5: expected `:` after `a`"]),
        ('{"a":1 "b":2}', [("a", "1"), ("b", "2")], ['7: expected `,` or `}` before `"b"`']),
        ('{"a":1,}', [("a", "1")], ["7: expected another element after `,`, found `}`"]),
        ('{"a":}', [("a", "Broken")], ["5: expected a value, found `}`"]),
        ('{"a":,"b":1}', [("a", "Broken"), ("b", "1")], ["5: expected a value, found `,`"]),
        ('[{"a":1,"b"}, 2]', [[("a", "1"), ("b", "Broken")], "2"], None),
    ],
)
def test_a_mark_too_many_or_too_few_is_reported_and_the_rest_is_read(
    text: str, expected: object, problems: list[str] | None
) -> None:
    value, found, gave_up = read(text)
    assert values(value) == expected
    assert not gave_up
    if problems is not None:
        assert found == problems


def test_a_name_stands_in_double_quotes() -> None:
    none = "expected a name in double quotes, found"
    assert read("{a:1, 'b':2, 3:4}")[:2] == (
        Object(
            [
                (String("a", 1), Scalar("1", 3)),
                (String("b", 6), Scalar("2", 10)),
                (String("3", 13), Scalar("4", 15)),
            ],
            0,
            17,
        ),
        [f"1: {none} `a`", f"6: {none} `'b'`", f"13: {none} `3`"],
    )
    assert read('{,,"a":1}')[:2] == (
        Object([(String("a", 3), Scalar("1", 7))], 0, 9),
        [f"1: {none} `,`", f"2: {none} `,`"],
    )
    assert read('[{"a":1,]')[1] == [f"8: {none} `]`"]
    assert read("{")[1] == [f"1: {none} the end of the document"]


@pytest.mark.parametrize(("text", "mark"), [("[{[1]:2}, x]", "["), ("[{{}:2}, x]", "{"), ("[{:2}, x]", ":")])
def test_after_a_mark_for_a_name_nobody_can_tell_what_follows(text: str, mark: str) -> None:
    _, problems, gave_up = read(text)
    assert problems == [f"2: expected a name in double quotes, found `{mark}`"]
    assert gave_up


def test_a_name_stands_once_in_its_object() -> None:
    text = '[{"a":1,"a":2,"b":3,"a":4}, {"a":{"a":5}}]'
    value, problems, _ = read(text)
    assert problems == [
        "8: expected `a` once in this object, found it again",
        "20: expected `a` once in this object, found it again",
    ]
    assert values(value) == [[("a", "1"), ("a", "2"), ("b", "3"), ("a", "4")], [("a", [("a", "5")])]]


def test_what_is_not_closed_is_said_with_the_line_of_its_beginning() -> None:
    assert read('\n{\n"a":[\n1\n') == (
        Object([(String("a", 3), Array([Scalar("1", 9)], 7))], 1, 10),
        [
            "11: expected `]` to end what begins in line 3, found the end",
            "11: expected `}` to end what begins in line 2, found the end",
        ],
        False,
    )
    assert read("[1,")[1] == [
        "3: expected a value, found the end of the document",
        "3: expected `]` to end what begins in line 1, found the end",
    ]
    assert read('{"a"')[1] == [
        "4: expected `:` after `a`",
        "4: expected a value, found the end of the document",
        "4: expected `}` to end what begins in line 1, found the end",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a":[1}', "7: expected `,` or `]`, found `}`"),
        ('[{"a":1]', "7: expected `,` or `}`, found `]`"),
    ],
)
def test_a_closing_mark_of_the_other_kind_closes_what_is_around(text: str, problem: str) -> None:
    assert read(text)[1] == [problem]


def test_a_mark_without_a_value_has_its_place() -> None:
    assert read("[,1]")[0] == Array([Broken(1), Scalar("1", 2)], 0)
    assert read('{"a":}')[0] == Object([(String("a", 1), Broken(5))], 0, 6)


def test_what_the_end_cuts_off_has_its_place() -> None:
    assert read("[")[0] == Array([Broken(1)], 0)
    assert read('{"a":1,]')[0] == Object([(String("a", 1), Scalar("1", 5))], 0, 7)


def test_after_a_list_closes_an_object_the_rest_is_read() -> None:
    value, problems, gave_up = read("[{], 1]")
    assert problems == [
        "2: expected a name in double quotes, found `]`",
        "3: expected the end of the document, found `,`",
    ]
    assert (value, gave_up) == (Array([Object([], 1, 2)], 0), False)


def test_what_is_wrong_in_a_name_has_its_place() -> None:
    assert read(r'{"a\q": 1}')[1] == [r"3: expected a valid escape after `\`"]
    assert values(read("{Xa: 1}")[0]) == [("Xa", "1")]


def test_what_is_too_deep_has_its_place() -> None:
    value = read("[" * 33 + "]" * 33)[0]
    for at in range(32):
        assert isinstance(value, Array)
        assert value.offset == at
        (value,) = value.items
    assert value == Broken(32)


def test_thirty_two_levels_are_read_and_no_more() -> None:
    assert read("[" * 32 + "]" * 32)[1:] == ([], False)
    assert read("[" * 33 + "]" * 33)[1:] == (["32: expected at most 32 levels of nesting"], True)
    assert read('{"a":' * 32 + "1" + "}" * 32)[1:] == ([], False)
    assert read('{"a":' * 33 + "1" + "}" * 33)[1:] == (["160: expected at most 32 levels of nesting"], True)
    assert read("[" + "[]," * 100 + "[]]")[1:] == ([], False)


def test_after_a_thousand_mistakes_the_text_is_read_no_further() -> None:
    for mistake in (",", "/**/"):
        below, at = read("[" + mistake * 999 + "1]"), read("[" + mistake * 1000 + "1]")
        assert (len(below[1]), below[2]) == (999, False)
        assert (len(at[1]), at[2]) == (1000, True)
        assert read("[" + mistake * 2000 + "1]")[1:] == at[1:]
