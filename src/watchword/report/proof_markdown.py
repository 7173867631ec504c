"""A proof in Markdown, as one puts it under a pull request: the answer, a table, each way in folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from watchword.proof.result import Proof
from watchword.report.proof_words import (
    JSON,
    SIGNS,
    answer,
    credential,
    diff_lines,
    place,
    several,
    short_name,
    shown,
    states_in_words,
    unused_exception,
)

_MOST: Final = 30
_SPECIAL: Final = re.compile(r"([\\*_{}\[\]<>#|~$@])")


def proof_markdown(proof: Proof) -> str:
    """Return a proof in GitHub's Markdown (GitLab takes it too), with a newline at its end."""
    value = shown(proof)
    counting = [each for each in value["findings"] if each["exception"] is None]
    blocks = [
        f"## {SIGNS[value['outcome']]} {_plain(answer(value))}",
        "\n".join(_claims(value)),
        "\n".join(_table(counting)),
        *("\n".join(_details(number, each, value)) for number, each in enumerate(counting[:_MOST], start=1)),
        "\n".join(_excepted(value)),
        "\n".join(_limits(value)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _claims(value: JSON) -> Iterator[str]:
    if len(value["claims"]) == 1 and value["claims"][0]["written_at"] is None:
        return
    yield "| | claim | outcome |\n|---|---|---|"
    for each in value["claims"]:
        what = f" {_plain(each['description'])}" if each["description"] else ""
        yield f"| {SIGNS[each['outcome']]} | **{_plain(each['name'])}**{what} | {each['outcome']} |"


def _table(findings: list[dict[str, Any]]) -> Iterator[str]:
    if not findings:
        return
    yield "| # | who | what | fix |\n|---|---|---|---|"
    for number, each in enumerate(findings, start=1):
        who = several([_code(short_name(arn)) for arn in each["principals"]], most=3) or "none"
        fix = _plain(each["fix"]["summary"]) if each["fix"] else _plain(each["no_fix"] or "none")
        yield f"| {number} | {who} | {_plain(each['message'])} | {fix} |"


def _details(number: int, finding: JSON, value: JSON) -> Iterator[str]:
    yield f"<details><summary>{number}. {_html(finding['message'])}</summary>\n"
    if finding["principals"]:
        names = several([_code(short_name(each)) for each in finding["principals"]], most=20)
        yield f"**Who**: {names}, by {states_in_words(finding, value)}\n"
    if finding["telling"]:
        count = finding["actions"]["count"]
        yield f"**What**: {', '.join(map(_code, finding['telling']))} ({count:,} in all)\n"
    witness = value["witnesses"].get(finding["witness"] or "")
    for at, step in enumerate(() if witness is None else witness["steps"], start=1):
        yield from _step(at, step)
    if finding["fix"] is not None:
        yield f"\n**Fix** (proved again): {_plain(finding['fix']['summary'])}\n"
        diff = "\n".join(diff_lines(finding["fix"]["diff"]))
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", diff)), 3)
        yield f"{fence}diff\n{diff}\n{fence}"
    yield "\n</details>"


def _step(number: int, step: JSON) -> Iterator[str]:
    call = step["action"] if step["resource"] == "*" else f"{step['action']} on {step['resource']}"
    yield (
        f"{number}. {_code(short_name(step['actor']))} ({_plain(credential(step['credential']))}): "
        f"{_code(step['command'] or call)}"
    )
    for statement in step["statements"]:
        yield f"   - let through by {_code(place(statement))}"
    if step["gives"]:
        yield f"   - gives {_plain(step['gives'])}"


def _excepted(value: JSON) -> Iterator[str]:
    excepted = [each for each in value["findings"] if each["exception"] is not None]
    if excepted or any(claim["unused"] for claim in value["claims"]):
        yield "**Excepted**\n"
    for each in excepted:
        waiver = each["exception"]
        yield (
            f"- {_plain(each['message'])} ({_plain(waiver['owner'])}, until {waiver['expires']}: "
            f"{_plain(waiver['reason'])})"
        )
    for each in (unused for claim in value["claims"] for unused in claim["unused"]):
        yield f"- {_plain(unused_exception(each))}"


def _limits(value: JSON) -> Iterator[str]:
    unread = {
        each["what"]: each["leaves_open"] for account in value["accounts"] for each in account["unread"]
    }
    if unread:
        yield "**Not read**\n"
        yield from (f"- {_plain(what)}: {_plain(leaves)}" for what, leaves in unread.items())


def _plain(text: str) -> str:
    """Return a text whose signs mean nothing to Markdown, but for code between backticks."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(
        _code(piece[1:-1])
        if len(piece) > 2 and piece[0] == piece[-1] == "`"
        else _SPECIAL.sub(r"\\\1", piece)
        for piece in pieces
    )


def _code(text: str) -> str:
    """Return a text as code; in a table a bar would end the cell, in code as well."""
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text.replace('|', chr(92) + '|')}{space}{fence}"


def _html(text: str) -> str:
    """Return a text inside of HTML: Markdown is not read there."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
