"""A proof as text: the answer first, then each way in with its fix, then what else there is to know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from watchword.errors import printable
from watchword.iam.credential import DEFAULT_ASSUMPTIONS, assumption_settings
from watchword.proof.result import Proof
from watchword.report.policy_words import wrapped
from watchword.report.proof_words import (
    JSON,
    SIGNS,
    answer,
    counted,
    credential,
    diff_lines,
    place,
    several,
    short_name,
    shown,
    states_in_words,
    unused_exception,
)
from watchword.report.style import Style

_FINDINGS_IN_FULL: Final = 12
_FINDINGS_AT_ALL: Final = 40
_LINES_OF_DIFF: Final = 60
_LABEL: Final = 7


def proof_text(proof: Proof, style: Style) -> str:
    """Return a proof as text."""
    value = shown(proof)
    counting = [each for each in value["findings"] if each["exception"] is None]
    blocks = [
        _answer(value, style),
        *_claims(value, style),
        *("\n".join(_finding(number, each, value, style)) for number, each in _in_full(counting)),
        "\n".join(_rest(counting)),
        *("\n".join(lines) for lines in (_own_devices(value), _excepted(value), _limits(value))),
    ]
    return "\n\n".join(block for block in blocks if block)


def _answer(value: JSON, style: Style) -> str:
    text = f"{SIGNS[value['outcome']]} {answer(value)}"
    first, *more = wrapped(text, "", hanging="  ")
    paint = {"proved": style.good, "refuted": style.bad, "undetermined": style.warning}[value["outcome"]]
    return "\n".join(paint(line) for line in (first, *more))


def _claims(value: JSON, style: Style) -> Iterator[str]:
    """Name the claims when there are several, or they were written down."""
    claims = value["claims"]
    if len(claims) == 1 and claims[0]["written_at"] is None:
        return
    width = max(len(each["name"]) for each in claims)
    lines = []
    for each in claims:
        found = each["findings"]
        how = each["outcome"] + (f": {counted(len(found), 'finding')}" if found else "")
        lines.append(f"{SIGNS[each['outcome']]} {each['name']:<{width}}  {how}")
        if each["description"]:
            lines += [style.quiet(line) for line in wrapped(each["description"], "    ")]
    yield "\n".join(lines)


def _in_full(findings: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    yield from enumerate(findings[:_FINDINGS_IN_FULL], start=1)


def _rest(findings: list[dict[str, Any]]) -> Iterator[str]:
    """The others in a line each: whoever has so many begins at the top anyway."""
    others = findings[_FINDINGS_IN_FULL:_FINDINGS_AT_ALL]
    for number, each in enumerate(others, start=_FINDINGS_IN_FULL + 1):
        yield from wrapped(f"{number}. {each['message']}", "", hanging="   ")
    left = len(findings) - _FINDINGS_AT_ALL
    if left > 0:
        yield f"and {counted(left, 'finding')} more: `--output json` has them all"


def _finding(number: int, finding: JSON, value: JSON, style: Style) -> Iterator[str]:
    first, *more = wrapped(f"{number}. {finding['message']}", "", hanging="   ")
    yield style.strong(first)
    yield from map(style.strong, more)
    if finding["principals"]:
        names = several([short_name(each) for each in finding["principals"]])
        yield from _labelled("who", f"{names}: {states_in_words(finding, value)}")
    if finding["telling"]:
        rest = finding["actions"]["count"] - len(finding["telling"])
        more_of_them = f" and {rest:,} more" if rest > 0 else ""
        yield from _labelled("what", f"{', '.join(finding['telling'])}{more_of_them}")
    witness = value["witnesses"].get(finding["witness"] or "")
    if witness is not None:
        yield from _steps(witness, style)
    elif finding["cause"] is not None:
        yield from _labelled("see", place(finding["cause"]))
    yield from _fix(finding, style)


def _labelled(label: str, text: str) -> Iterator[str]:
    yield from wrapped(text, f"   {label:<{_LABEL - 2}}", hanging="   " + " " * (_LABEL - 2))


def _steps(witness: JSON, style: Style) -> Iterator[str]:
    """The way in, call by call; what stands under a call lets it through."""
    margin = "   " + " " * (_LABEL - 2)
    steps = witness["steps"]
    for number, step in enumerate(steps, start=1):
        label = "how" if number == 1 else ""
        count = f"{number}. " if len(steps) > 1 else ""
        who = f"{short_name(step['actor'])}, {credential(step['credential'])}"
        yield f"   {label:<{_LABEL - 2}}{count}{who}"
        yield f"{margin}   {step['command'] or _call(step)}"
        if step["context"]:
            keys = ", ".join(f"{printable(key)}={_shown(each)}" for key, each in step["context"].items())
            yield from wrapped(f"with {keys}", f"{margin}   ", hanging=f"{margin}     ")
        for statement in step["statements"]:
            yield from map(
                style.quiet, wrapped(f"let through by {place(statement)}", f"{margin}   ", f"{margin}     ")
            )
        if not step["statements"] and step["kind"] == "session":
            yield style.quiet(f"{margin}   AWS lets everybody, and no policy can deny it")
        if step["gives"] and number < len(steps):
            yield from wrapped(f"→ {step['gives']}", f"{margin}   ", f"{margin}     ")


def _call(step: JSON) -> str:
    return step["action"] if step["resource"] == "*" else f"{step['action']} on {step['resource']}"


def _shown(value: str | list[str]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def _fix(finding: JSON, style: Style) -> Iterator[str]:
    fix = finding["fix"]
    if fix is not None:
        yield from _labelled("fix", f"{fix['summary']} (proved again: this closes it)")
        lines = diff_lines(fix["diff"])
        for line in lines[:_LINES_OF_DIFF]:
            yield f"     {_painted(line, style)}"
        if len(lines) > _LINES_OF_DIFF:
            yield f"     … {len(lines) - _LINES_OF_DIFF} lines more: `--output json` has them all"
    elif finding["no_fix"]:
        yield from _labelled("fix", finding["no_fix"])


def _painted(line: str, style: Style) -> str:
    if line.startswith(("---", "+++")):
        return style.strong(line)
    if line.startswith("-"):
        return style.bad(line)
    return style.good(line) if line.startswith("+") else line


def _own_devices(value: JSON) -> Iterator[str]:
    """Enrolling a first device is what people without MFA must do: it is told apart, and not held against."""
    found: dict[str, list[str]] = {"yes": [], "unknown": []}
    for each in value["principals"]:
        own = each["own_first_device"]
        if own is not None and own["outcome"] in found:
            found[own["outcome"]].append(each["name"])
    if found["yes"]:
        can = f"Can enrol a first device of their own without MFA (as they must): {several(found['yes'])}."
        yield from wrapped(can, "")
    if found["unknown"]:
        yield from wrapped(f"Whether they can enrol one cannot be told: {several(found['unknown'])}.", "")


def _excepted(value: JSON) -> Iterator[str]:
    excepted = [each for each in value["findings"] if each["exception"] is not None]
    if excepted:
        yield "Excepted:"
    for each in excepted:
        waiver = each["exception"]
        yield from wrapped(f"- {each['message']}", "  ", "    ")
        yield from wrapped(f"{waiver['owner']}, until {waiver['expires']}: {waiver['reason']}", "    ")
    for each in (unused for claim in value["claims"] for unused in claim["unused"]):
        yield from wrapped(f"Note: {unused_exception(each)}.", "", "  ")


def _limits(value: JSON) -> Iterator[str]:
    """What was taken to be so, and what was not seen."""
    unread = [(account, each) for account in value["accounts"] for each in account["unread"]]
    if unread:
        yield "Not read:"
        seen = dict.fromkeys((each["what"], each["leaves_open"]) for _, each in unread)
        for what, leaves_open in seen:
            yield from wrapped(f"- {what}: {leaves_open}", "  ", "    ")
    unsure = [each for each in value["principals"] if _is_unknown(each)]
    if unsure:
        names = several([short_name(each["arn"]) for each in unsure])
        text = f"Taken to have credentials, as the snapshot does not say: {names}."
        yield from wrapped(text, "")
    yield from _assumed(value)
    data = value["data"]
    yield f"{counted(len(value['principals']), 'principal')}, {data['actions']:,} actions ({data['version']})"


def _assumed(value: JSON) -> Iterator[str]:
    """What was assumed of the accounts, and of AWS where that is not what usually is."""
    usual = {name: _word(getattr(DEFAULT_ASSUMPTIONS, name)) for name in assumption_settings()}
    for each in value["assumptions"]:
        if each["name"] not in usual:
            yield from wrapped(
                f"Assumed: {each['value']}. {each['why'][:1].upper()}{each['why'][1:]}.", "", "  "
            )
        elif each["value"] != usual[each["name"]]:
            yield f"Assumed: {each['name']} = {each['value']}"


def _word(assumed: object) -> str:
    return str(getattr(assumed, "value", assumed)).lower()


def _is_unknown(principal: JSON) -> bool:
    states = principal["states"]
    return any(states[each]["exists"] == "unknown" for each in ("absent", "false") if each in states)
