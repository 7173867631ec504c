"""The public names: each says what it is, and the page that lists them is true."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
from enum import Enum
from pathlib import Path

import pytest

import watchword.iam
from watchword.iam import cases

PAGE = Path(__file__).parent.parent.parent / "docs" / "library.md"
PUBLIC = {name: getattr(room, name) for room in (watchword.iam, cases) for name in room.__all__}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
CLASSES = {name: value for name, value in PUBLIC.items() if inspect.isclass(value)}


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_page_lists_the_public_names_and_no_other() -> None:
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page(), flags=re.DOTALL))
    names = {span.split("(")[0] for span in spans}
    looks_like_ours = {name for name in names if re.fullmatch(r"[A-Z][A-Za-z]+", name)}
    shown = set(re.findall(r"^### `([a-z_]+)\(", page(), re.MULTILINE))
    assert set(PUBLIC) - names == set()
    assert looks_like_ours - set(PUBLIC) == set()
    assert shown == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_page_shows_what_a_function_takes(name: str) -> None:
    (shown,) = re.findall(rf"^### `{name}\((.*)\)`$", page(), re.MULTILINE)
    taken: list[str] = []
    named: list[str] = []
    for each in inspect.signature(FUNCTIONS[name]).parameters.values():
        (named if each.kind is each.KEYWORD_ONLY else taken).append(each.name)
    assert shown == ", ".join([*taken, *(["*"] if named else []), *named])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_typed_and_says_what_it_returns(name: str) -> None:
    signature = inspect.signature(FUNCTIONS[name])
    assert (inspect.getdoc(FUNCTIONS[name]) or "").endswith(".")
    assert signature.return_annotation is not signature.empty
    assert [each.name for each in signature.parameters.values() if each.annotation is each.empty] == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_and_all_that_it_offers_say_what_they_are(name: str) -> None:
    offered = {
        member: value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        for member, value in vars(CLASSES[name]).items()
        # Mutation testing puts copies beside a method, with a letter in their names that is not ASCII.
        if not member.startswith("_") and member.isascii()
    }
    functions = [member for member, value in offered.items() if inspect.isfunction(value)]
    # A dataclass without a docstring is given its signature for one, and an enum its base's.
    words = CLASSES[name].__doc__ or ""
    assert words not in {"", Enum.__doc__}
    assert not words.startswith(f"{name}(")
    assert [member for member in functions if not offered[member].__doc__] == []


def test_the_example_of_the_page_prints_what_the_page_shows() -> None:
    code, shown = re.findall(r"```(?:python|text)\n(.*?)```", page(), re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102 -- our own page
    assert printed.getvalue() == shown
