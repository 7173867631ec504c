"""How two snapshots differ, as text and as Markdown."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Final

from watchword.account.difference import AccountDiff, Change, Compared, Difference, Kind, Side
from watchword.errors import printable
from watchword.report.style import Style

_SIGNS: Final = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~", Change.REWRITTEN: "="}
_HEADINGS: Final = {
    Kind.ACCOUNT: "account",
    Kind.ORGANIZATION: "organization",
    Kind.ROOT: "root",
    Kind.USER: "users",
    Kind.GROUP: "groups",
    Kind.ROLE: "roles",
    Kind.POLICY: "managed policies",
    Kind.RESOURCE: "policies of resources",
}
_ALONE: Final = frozenset({Kind.ACCOUNT, Kind.ORGANIZATION, Kind.ROOT})
_REWRITTEN: Final = "written otherwise, says the same"
_ANEW: Final = "made anew: trust policies that named the old one do not name this one"
_LONG: Final = 300

Painted = Callable[[str, Change], str]


def diff_account_text(diff: AccountDiff, style: Style) -> str:
    """Return the differences for people."""

    def painted(text: str, change: Change) -> str:
        match change:
            case Change.ADDED:
                return style.good(text)
            case Change.REMOVED:
                return style.bad(text)
            case Change.CHANGED:
                return style.warning(text)
            case Change.REWRITTEN:
                return style.quiet(text)

    lines = [style.strong(f"account {diff.account_id}"), *_sides(diff), ""]
    for kind, things in itertools.groupby(diff.changed, key=lambda each: each.kind):
        lines.append(style.strong(_HEADINGS[kind]))
        for thing in things:
            lines += _thing(thing, painted)
        lines.append("")
    return "\n".join([*lines, *_not_compared(diff), summary(diff)])


def diff_account_markdown(diff: AccountDiff) -> str:
    """Return the differences for a comment or a page."""
    lines = [f"## Account {diff.account_id}", "", *(f"- {each.strip()}" for each in _sides(diff)), ""]
    for kind, things in itertools.groupby(diff.changed, key=lambda each: each.kind):
        lines += [f"### {_HEADINGS[kind].capitalize()}", "", "```diff"]
        for thing in things:
            lines += [_for_diff(line) for line in _thing(thing, lambda text, _: text)]
        lines += ["```", ""]
    return "\n".join([*lines, *_not_compared(diff), summary(diff)])


def summary(diff: AccountDiff) -> str:
    """Return the last line: what there is to it."""
    if not diff.changed:
        return "no difference"
    counts = [
        (sum(each.change is change for each in diff.changed), words)
        for change, words in (
            (Change.ADDED, "added"),
            (Change.REMOVED, "removed"),
            (Change.CHANGED, "changed"),
            (Change.REWRITTEN, "written otherwise"),
        )
    ]
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def _sides(diff: AccountDiff) -> list[str]:
    return [f"  before: {_side(diff.before)}", f"  after:  {_side(diff.after)}"]


def _side(side: Side) -> str:
    if side.taken_at is None:
        return f"{printable(side.name)} (it does not say when it was taken)"
    return f"{printable(side.name)} ({side.taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"


def _not_compared(diff: AccountDiff) -> list[str]:
    lines = [
        f"not compared: {printable(each.what)}: "
        f"{'neither holds it' if len(each.missing_in) > 1 else f'not in {printable(each.missing_in[0])}'}"
        for each in diff.not_compared
    ]
    return [*lines, ""] if lines else []


def _thing(thing: Compared, painted: Painted) -> Iterator[str]:
    indent = "  "
    if thing.kind not in _ALONE:
        users = ""
        if thing.in_force_for is not None:
            plural = "" if thing.in_force_for == 1 else "s"
            users = f", in force for {thing.in_force_for} principal{plural}"
        yield painted(f"  {_SIGNS[thing.change]} {printable(thing.name)}{users}", thing.change)
        indent = "      "
    for each in thing.differences:
        yield from _difference(each, indent, painted)


def _difference(difference: Difference, indent: str, painted: Painted) -> Iterator[str]:
    text = printable(_words(difference))
    yield painted(f"{indent}{_SIGNS[difference.change]} {text}", difference.change)
    for part in difference.parts:
        yield from _difference(part, f"{indent}    ", painted)


def _words(difference: Difference) -> str:
    """Return a difference in one line; of what is in its parts nothing is said twice."""
    what = difference.what if difference.name is None else f"{difference.what} {difference.name}"
    if difference.change is Change.REWRITTEN:
        return _REWRITTEN if what == "text" else f"{what}: {_REWRITTEN}"
    if difference.what == "unique ID":
        return f"{what}: {difference.before} → {difference.after} ({_ANEW})"
    if difference.parts:
        return what
    if difference.what == "text":
        return "text changed, and one of the two is no valid policy"
    match difference.before, difference.after:
        case None, None:
            return what
        case str(before), str(after):
            return f"{what}: {_short(before)} → {_short(after)}"
        case before, after:
            value = before or after or ""
            return what if value == difference.name else f"{what}: {_short(value)}"


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]} … ({len(text)} characters)"


def _for_diff(line: str) -> str:
    """Put the sign first, where Markdown's `diff` looks for it."""
    bare = line.lstrip()
    sign = bare[:1] if bare[:1] in {"+", "-"} else " "
    return f"{sign}{line[1:]}" if sign != " " else line
