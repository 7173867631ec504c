"""The text of an explanation: a ladder of layers, the verdict, and how to turn it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

from watchword.report.policy_words import (
    CREDENTIALS,
    WIDTH,
    layer_name,
    layer_sign,
    place,
    policy_of_layer,
    sign,
    wrapped,
)
from watchword.report.printable import printable_value
from watchword.report.style import Style

_STATEMENTS_SHOWN: Final = 6
_CHANGES_SHOWN: Final = 6
_KEYS_SHOWN: Final = 8
_NUMBER: Final = 5
"""What stands before a change: its number."""


def explain_text(value: dict[str, Any], style: Style) -> str:
    """Return an explanation's value as text."""
    value = printable_value(value, but={"document"})  # a statement as JSON, of several lines: all ASCII
    blocks = [
        _question(value["request"]),
        "\n".join(_ladder(value, style)),
        "\n".join(_verdict(value, style)),
        *("\n".join(_turning(turn, style)) for turn in value["turns"]),
        "\n".join(_notes(value, style)),
    ]
    return "\n\n".join(block for block in blocks if block)


def _question(request: dict[str, Any]) -> str:
    kind = request["credential"]
    lines = [
        ("principal", request["principal"]),
        ("signs with", f"{CREDENTIALS[kind]} ({kind})" if kind else "nothing"),
        ("action", request["action"] + (", with a code in the call" if request["with_code"] else "")),
        ("resource", request["resource"]),
    ]
    if request["resource_account"]:
        lines.append(("owned by", request["resource_account"]))
    return "\n".join(f"{name:<11}{text}" for name, text in lines)


def _ladder(value: dict[str, Any], style: Style) -> Iterator[str]:
    layers = [each for each in value["layers"] if not _goes_without_saying(each, value)]
    width = max((len(layer_name(each)) for each in layers), default=0)
    for layer in layers:
        words = _layer_words(layer, value)
        line = f"{layer_sign(layer['outcome'])} {layer_name(layer):<{width}}  {words}"
        silent = layer["outcome"] == "implicitDeny" and layer["layer"] != value["layer"]
        yield line if silent else _painted(layer["outcome"], line, style)
        if layer["note"]:
            yield from wrapped(layer["note"], "    ")
        yield from _statements(layer, style)


def _goes_without_saying(layer: dict[str, Any], value: dict[str, Any]) -> bool:
    """In the caller's own account, a resource of which no policy was given is none to speak of."""
    is_it = layer["layer"] == "resource" and not layer["statements"] and layer["outcome"] == "implicitDeny"
    return is_it and value["layer"] != "resource" and not value["request"]["cross_account"]


def _layer_words(layer: dict[str, Any], value: dict[str, Any]) -> str:
    decided = layer["layer"] == value["layer"] and layer["outcome"] == value["outcome"]
    match layer["outcome"]:
        case "allowed":
            return "allowed"
        case "explicitDeny":
            return "explicitDeny: a Deny matches"
        case "implicitDeny":
            return "implicitDeny" if layer["note"] else "implicitDeny: nothing here allows it"
        case _:
            return "undetermined" + (": it hangs on what nobody knows" if decided else "")


def _statements(layer: dict[str, Any], style: Style) -> Iterator[str]:
    shown = sorted(filter(_matters, layer["statements"]), key=_weight)
    for statement in shown[:_STATEMENTS_SHOWN]:
        address = f"    {statement['effect']:<5} {place(statement)}"
        how = _how_it_matched(statement)
        yield from _beside(address, _doubtful(how, statement, style), " " * 10, width=len(how))
        for condition in _telling(statement):
            yield from _condition(condition, statement["policy"], style)
    left = len(shown) - _STATEMENTS_SHOWN
    if left > 0:
        yield style.quiet(f"    and {left} more statements: `--output json` lists them")


def _matters(statement: dict[str, Any]) -> bool:
    """A Deny that is about other resources or other people is left out."""
    return statement["effect"] == "Allow" or statement["failed"] in {None, "Condition"}


def _weight(statement: dict[str, Any]) -> tuple[int, int]:
    matched = {"yes": 0, "unknown": 1, "no": 2}[statement["match"]]
    return matched, {None: 0, "Condition": 1, "Resource": 2, "Principal": 3}[statement["failed"]]


def _beside(text: str, more: str, indent: str, *, width: int) -> Iterator[str]:
    """One line where both fit, else two; `width` is that of `more` without its colours."""
    if len(text) + 1 + width <= WIDTH:
        yield f"{text} {more}"
    else:
        yield from (text, f"{indent}{more}")


def _doubtful(text: str, statement: dict[str, Any], style: Style) -> str:
    return style.warning(text) if statement["match"] == "unknown" else text


def _how_it_matched(statement: dict[str, Any]) -> str:
    match statement["match"], statement["failed"]:
        case "yes", _:
            return "matches"
        case "unknown", _:
            return f"may match: {_listed(statement['missing'])} is not known"
        case _, "Condition":
            return "does not match: Condition"
        case _, "Resource":
            return "does not match: another Resource"
        case _, failed:
            return f"does not match: another {failed}"


def _telling(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions that settled it: those that failed; those that are open; else all."""
    conditions: list[dict[str, Any]] = statement["conditions"]
    match statement["match"], statement["failed"]:
        case "no", "Condition":
            return [each for each in conditions if each["match"] == "no"]
        case "no", _:
            return []
        case "unknown", _:
            return [each for each in conditions if each["match"] == "unknown"]
        case _:
            return conditions


def _condition(condition: dict[str, Any], policy: str, style: Style) -> Iterator[str]:
    mark = {"yes": "holds", "no": "fails", "unknown": "open"}[condition["match"]]
    wanted = " or ".join(json.dumps(each, ensure_ascii=False) for each in condition["values"]) or "no value"
    where = style.quiet(f"({policy}:{condition['line']}:{condition['column']})")
    first, *more = textwrap.wrap(
        f"{mark}: {condition['operator']} {condition['key']} {wanted}",
        WIDTH - 10,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield f"          {first}"
    yield from (f"            {line}" for line in more)
    yield f"            the request's {_found(condition['found'])} {where}"


def _found(found: dict[str, Any]) -> str:
    match found["state"]:
        case "absent":
            return "is absent"
        case "unknown":
            return "is not known"
        case _:
            return f"is {json.dumps(found['value'], ensure_ascii=False)}"


def _verdict(value: dict[str, Any], style: Style) -> Iterator[str]:
    outcome = value["outcome"]
    by = ", ".join(place(each) for each in value["statements"][:1])
    name = layer_name({"layer": value["layer"], "level": None})
    match outcome:
        case "allowed":
            text = f"allowed{f' by {by}' if by else f': {name}'}"
        case "explicitDeny":
            text = f"denied (explicitDeny) by {by or name}"
        case "implicitDeny" if value["aws_code"]:
            text = f"denied (implicitDeny) whatever the policies say: AWS answers {value['aws_code']}"
        case "implicitDeny":
            text = f"denied (implicitDeny): {name}: nothing allows it"
        case _:
            text = f"undetermined: it hangs on {_listed(value['missing'])}"
    first, *more = wrapped(f"{sign(outcome)} {text}", "", hanging="  ")
    yield _painted(outcome, first, style)
    yield from (_painted(outcome, line, style) for line in more)
    if value["in_every_mfa_state"]:
        yield "  the same with MFA, without it, and with an access key"


def _turning(turn: dict[str, Any], style: Style) -> Iterator[str]:
    wanted = turn["to"]
    if not turn["changes"]:
        searched = "of those tried, no change" if turn["complete"] else "in the time given, no change"
        yield f"to have it {wanted}: {searched} of one or two steps does it"
        return
    entries = list(_entries(turn["changes"]))
    yield f"to have it {wanted}, {'this is enough' if len(entries) == 1 else 'any one of these is enough'}:"
    for number, lines in enumerate(entries[:_CHANGES_SHOWN], start=1):
        first, *more = lines
        yield f"  {style.strong(f'{number}.')} {first}"
        yield from (f"     {line}" for line in more)
    left = len(entries) - _CHANGES_SHOWN
    if left > 0:
        yield style.quiet(f"  and {left} more: `--output json` lists them")


def _entries(changes: list[dict[str, Any]]) -> Iterator[list[str]]:
    """One entry a change, its lines; other credentials alone are one entry together."""
    single = [each["steps"][0] for each in changes if len(each["steps"]) == 1]
    kinds = [step["credential"] for step in single if step["change"] == "credential"]
    if kinds:
        first, *others = kinds
        also = f"     or {', '.join(others)}"
        lines = textwrap.wrap(also, WIDTH - 10, subsequent_indent="     ") if others else []
        yield [f"sign with {CREDENTIALS[first]} ({first})", *(line.strip() for line in lines)]
    for change in changes:
        steps = change["steps"]
        if len(steps) == 1 and steps[0]["change"] == "credential":
            continue
        lines = [line for at, step in enumerate(steps) for line in _step_lines(step, together=at > 0)]
        yield [*lines, *_opened(change["without_mfa"])]


def _opened(kinds: list[str]) -> list[str]:
    """What a change costs; the sign is that of the table."""
    text = f"! lets in without MFA: {', '.join(kinds)}"
    return (
        textwrap.wrap(text, WIDTH - _NUMBER, subsequent_indent="  ", break_on_hyphens=False) if kinds else []
    )


def _step_lines(step: dict[str, Any], *, together: bool) -> Iterator[str]:
    lead = "and " if together else ""
    match step["change"]:
        case "credential":
            yield f"{lead}sign with {CREDENTIALS[step['credential']]} ({step['credential']})"
        case "code":
            verb = "with" if step["sent"] else "without"
            yield f"{lead}send the call {verb} a device's serial number and code"
        case "key":
            value = "absent" if step["value"] is None else f"= {step['value']}"
            yield f"{lead}with {step['key']} {value}"
        case "take-away-statement":
            address = place(step["statement"])
            text = f"{lead}take away the {step['effect']}"
            yield from _beside(text, address, "  ", width=len(address) + _NUMBER)
            yield from _where(step)
        case "take-away-condition":
            what = f"{step['operator']} {step['key']}" if step["key"] else "every condition"
            yield f"{lead}take {what} out of"
            yield f"  the {step['effect']} {place(step['statement'])}"
            yield from _where(step)
        case "add-statement":
            yield f"{lead}add this statement to {policy_of_layer(step)}:"
            yield from (f"  {line}" for line in step["document"].splitlines())


def _where(step: dict[str, Any]) -> Iterator[str]:
    """Nothing, where it is plain: the same file may stand in several layers."""
    if step["layer"] != "identity":
        yield f"  in the {layer_name(step)}"


def _notes(value: dict[str, Any], style: Style) -> Iterator[str]:
    met = {
        condition["key"].lower(): condition["key"]
        for layer in value["layers"]
        for statement in layer["statements"]
        for condition in statement["conditions"]
        if condition["found"]["state"] == "unknown"
    }
    if met:
        keys = _listed(list(met.values())[:_KEYS_SHOWN])
        more = f" and {len(met) - _KEYS_SHOWN} more" if len(met) > _KEYS_SHOWN else ""
        text = f"not known, so left open: {keys}{more}. Say more with `--context KEY=VALUE` or `--absent KEY`"
        yield from map(style.quiet, wrapped(f"note: {text}", "", hanging="      "))
    for note in value["notes"]:
        yield from map(style.quiet, wrapped(f"note: {note}", "", hanging="      "))


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(keys) or "what is not given"


def _painted(outcome: str, text: str, style: Style) -> str:
    match outcome:
        case "allowed":
            return style.good(text)
        case "undetermined":
            return style.warning(text)
        case _:
            return style.bad(text)
