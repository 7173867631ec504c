"""What a proof's parts are called in text: the answer, people, states, statements, steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from watchword.errors import printable
from watchword.proof.result import Proof
from watchword.report.printable import printable_value

JSON = Mapping[str, Any]

PRINCIPALS_SHOWN: Final = 5

SIGNS: Final = {"proved": "✓", "refuted": "✗", "undetermined": "?"}

_CREDENTIALS: Final = {
    "root-key": "root's access key",
    "access-key": "access key",
    "session": "session without MFA",
    "session-mfa": "session with MFA",
    "console": "console without MFA",
    "console-mfa": "console with MFA",
    "role-session": "role session",
}


def shown(proof: Proof) -> dict[str, Any]:
    """Return a proof as a JSON value of which every text may be shown, but `diff`, `document` and `text`."""
    value = msgspec.json.decode(msgspec.json.encode(proof))
    found: dict[str, Any] = printable_value(value, but={"diff", "document", "text"})
    return found


def diff_lines(diff: str) -> list[str]:
    """Return the lines of a diff as they may be shown."""
    return ["\t".join(map(printable, line.split("\t"))) for line in diff.split("\n")[:-1]]


def counted(count: int, noun: str) -> str:
    """Return `1 action`, `2 actions`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def answer(proof: JSON) -> str:
    """Return the whole proof in a sentence."""
    claims = proof["claims"]
    failed = [each for each in claims if each["outcome"] != "proved"]
    whole = len(proof["principals"])
    if not failed:
        only = claims[0]["description"] or claims[0]["name"]
        return f"Proved: {only}" if len(claims) == 1 else f"Proved: all {len(claims)} claims hold."
    refuted = _principals(proof, "refuted")
    unsure = _principals(proof, "undetermined") - refuted
    if len(claims) > 1:
        verb = "does" if len(failed) == 1 else "do"
        return f"Not proved: {len(failed)} of {len(claims)} claims {verb} not hold."
    expired = any(each["rule"] == "exception-expired" for each in proof["findings"])
    if refuted:
        mfa = _mfa(proof)
        return f"Not proved: {len(refuted)} of {counted(whole, 'principal')} can do something {mfa}."
    if unsure:
        return f"Not proved: for {len(unsure)} of {counted(whole, 'principal')} it cannot be told."
    return f"Not proved: {'an exception has expired' if expired else 'see below'}."


def _mfa(proof: JSON) -> str:
    states = {state for each in proof["findings"] if each["outcome"] == "refuted" for state in each["states"]}
    return "that the claim rules out" if states == {"true"} else "without MFA"


def _principals(proof: JSON, outcome: str) -> set[str]:
    return {
        arn
        for each in proof["findings"]
        if each["outcome"] == outcome and each["exception"] is None
        for arn in each["principals"]
    }


def credential(kind: str) -> str:
    """Return what a kind of credential is called."""
    return _CREDENTIALS.get(kind, kind or "no credential")


def short_name(arn: str) -> str:
    """Return `user/path/alice` of an ARN; what is none stays as it is."""
    parts = arn.split(":", 5)
    return parts[5] if len(parts) == 6 else arn


def place(statement: JSON) -> str:
    """Return a statement's address and how its policy came there: `ForceMFA:4:5 (Sid), of group dev`.

    A policy that is none of the account's is one that an earlier step has put there.
    """
    name = statement["sid"] or f"statement {statement['index']}"
    at = f"{statement['line']}:{statement['column']} ({name})"
    if statement["layer"] == "trust":
        return f"the trust policy of {short_name(statement['owner'])}:{at}"
    if not statement["route"] and not statement["text"]:
        return f"what an earlier step changed ({statement['policy']})"
    policy = statement["policy"].partition(" (inline")[0]
    route = statement["route"]
    group = route.removeprefix("group ").removesuffix(", inline") if route.startswith("group ") else None
    if group is None:
        return f"{policy}:{at}, {route}"
    return f"{policy}:{at}, {'inline ' if route.endswith(', inline') else ''}of group {group}"


def states_in_words(finding: JSON, proof: JSON) -> str:
    """Return by which credentials a finding's principals do what they do."""
    whose = set(finding["principals"])
    states = [each["states"] for each in proof["principals"] if each["arn"] in whose]
    names = [name for mfa in finding["states"] for each in states for name in _had(each.get(mfa))]
    return ", ".join(dict.fromkeys(names)) or ", ".join(_WITH[each] for each in finding["states"])


_WITH: Final = {"absent": "access key", "false": "session or console without MFA", "true": "with MFA"}


def _had(state: JSON | None) -> list[str]:
    return [] if state is None or state["exists"] == "no" else state["credentials"]


def several(names: Sequence[str], *, most: int = PRINCIPALS_SHOWN) -> str:
    """Return names as a list, cut off with how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def unused_exception(unused: JSON) -> str:
    """Say that an exception covers nothing, and can go."""
    return (
        f"the exception of {unused['owner']} at {unused['written_at']} covers nothing (any more), "
        "and can be taken out"
    )
