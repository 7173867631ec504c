"""Changes to the text of a policy: the lines that need not change stay as they are."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from watchword.iam import Policy, PolicyKind, PolicySyntaxError, Statement, parse_policy

_CONTEXT: Final = 3


def readable(text: str) -> str:
    """Return a document that is all on one line, as AWS keeps many, on several; another as it is."""
    if "\n" in text.strip():
        return text
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)


def parsed(text: str, kind: PolicyKind) -> Policy | None:
    """Return the policy in a text; None when it is none."""
    try:
        return parse_policy(text, name="changed", kind=kind, stored=False)
    except PolicySyntaxError:
        return None


def with_condition(text: str, statement: Statement, operator: str, key: str, value: str) -> str | None:
    """Return the text with one more condition in a statement; None when it has that key under it already."""
    inner = f'"{key}": "{value}"'
    if not statement.conditions:
        return _into_object(text, statement.end - 1, f'"Condition": {{"{operator}": {{{inner}}}}}')
    same = [each for each in statement.conditions if str(each.operator) == operator]
    if any(each.key.text.lower() == key.lower() for each in same):
        return None
    at = same[0].key.offset if same else min(each.operator_at for each in statement.conditions)
    added = inner if same else f'"{operator}": {{{inner}}}'
    return f"{text[:at]}{added},{_gap(text, at)}{text[at:]}"


def with_only_condition(text: str, statement: Statement, condition: dict[str, Any]) -> str | None:
    """Return the text with the conditions of a statement replaced by others; None when it has none."""
    found = re.compile(r'"Condition"\s*:\s*').search(text, statement.offset, statement.end)
    if found is None or not statement.conditions:
        return None
    end = json.JSONDecoder().raw_decode(text, found.end())[1]
    return f"{text[: found.end()]}{json.dumps(condition)}{text[end:]}"


def with_actions(text: str, statement: Statement, drop: Sequence[str], add: Sequence[str]) -> str | None:
    """Return the text with entries of `Action` or `NotAction` taken out and others put in.

    None when no entry would be left.
    """
    kept = [each.text for each in statement.actions if each.text not in drop]
    wanted = [*kept, *(each for each in add if each not in kept)]
    start = text.rindex(":", statement.offset, statement.actions[0].offset)
    begin = start + 1 + len(text[start + 1 :]) - len(text[start + 1 :].lstrip())
    end = json.JSONDecoder().raw_decode(text, begin)[1]
    if not wanted:
        return None
    indent = _indent(text, begin)
    lines = f",\n{indent}  ".join(json.dumps(each) for each in wanted)
    return f"{text[:begin]}[\n{indent}  {lines}\n{indent}]{text[end:]}"


def with_statements(text: str, policy: Policy, statements: Sequence[dict[str, Any]]) -> str | None:
    """Return the text with more statements behind the last one."""
    last = policy.statements[-1]
    if _is_single(text, policy):
        value = json.loads(text)
        value["Statement"] = [value["Statement"], *statements]
        return json.dumps(value, indent=2, ensure_ascii=False)
    indent = _indent(text, last.offset)
    added = "".join(f",\n{_dumped(each, indent)}" for each in statements)
    return f"{text[: last.end]}{added}{text[last.end :]}"


def document(statements: Sequence[dict[str, Any]]) -> str:
    """Return a document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


def diff(name: str, before: str, after: str) -> tuple[str, int]:
    """Return what was changed as `diff -u` shows it, and how many lines that are; `before` may be empty."""
    lines = list(
        difflib.unified_diff(
            before.splitlines(),
            after.splitlines(),
            f"a/{name}" if before else "/dev/null",
            f"b/{name}",
            n=_CONTEXT,
            lineterm="",
        )
    )
    changed = sum(line[:1] in {"+", "-"} and not line.startswith(("+++", "---")) for line in lines)
    return "\n".join(lines) + "\n", changed


def _is_single(text: str, policy: Policy) -> bool:
    """Whether `Statement` is one object and no list."""
    return len(policy.statements) == 1 and isinstance(json.loads(text)["Statement"], dict)


def _dumped(value: dict[str, Any], indent: str) -> str:
    return "\n".join(f"{indent}{line}" for line in json.dumps(value, indent=2).split("\n"))


def _into_object(text: str, end: int, added: str) -> str:
    """Return the text with a member put behind the last one of the object whose `}` is at `end`."""
    last = len(text[:end].rstrip())
    on_its_line = "\n" in text[last:end]
    gap = f"\n{_indent(text, last - 1)}" if on_its_line else " "
    return f"{text[:last]},{gap}{added}{text[last:]}"


def _gap(text: str, at: int) -> str:
    """Return what stands before a member of an object: the end of a line and its indent, or a space."""
    line = text.rfind("\n", 0, at) + 1
    return f"\n{text[line:at]}" if text[line:at].strip() == "" else " "


def _indent(text: str, at: int) -> str:
    line = text.rfind("\n", 0, at) + 1
    return text[line : line + len(text[line:]) - len(text[line:].lstrip(" \t"))]
