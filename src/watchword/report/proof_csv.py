"""A proof as a table: one row a principal and state.

No cell begins with a sign that a spreadsheet takes for a formula: names of IAM may hold `=`, `+` and `@`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from watchword.errors import printable
from watchword.proof.result import Outcome, Proof, ProvedPrincipal, StateResult

COLUMNS: Final = (
    "account",
    "arn",
    "kind",
    "state",
    "credentials",
    "exists",
    "direct",
    "reachable",
    "undetermined",
    "outcome",
    "findings",
    "excepted",
    "enforced",
    "own_first_device",
    "console",
    "active_keys",
    "devices",
    "groups",
)


def proof_csv(proof: Proof) -> str:
    """Return a proof as CSV (RFC 4180) with a line of names first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    against = _Against(proof)
    for principal in proof.principals:
        for state, result in principal.states.items():
            writer.writerow([printable(each) for each in _row(principal, state, result, against)])
    return text.getvalue()


class _Against:
    """The findings by principal and state."""

    def __init__(self, proof: Proof) -> None:
        self.counting: dict[tuple[str, str], list[tuple[str, Outcome]]] = {}
        self.excepted: dict[tuple[str, str], list[str]] = {}
        for finding in proof.findings:
            for key in ((arn, state) for arn in finding.principals for state in finding.states):
                if finding.exception is None:
                    self.counting.setdefault(key, []).append((finding.id, finding.outcome))
                else:
                    self.excepted.setdefault(key, []).append(finding.id)


def _row(principal: ProvedPrincipal, state: str, result: StateResult, against: _Against) -> Iterator[str]:
    key = (principal.arn, state)
    found = against.counting.get(key, [])
    outcomes = {outcome for _, outcome in found}
    own = principal.own_first_device
    keys, devices = principal.keys, principal.devices
    yield principal.account
    yield principal.arn
    yield principal.kind
    yield state
    yield "; ".join(result.credentials)
    yield result.exists.value
    yield str(result.direct.count)
    yield str(result.reachable.count)
    yield str(sum(each.count for each in result.undetermined))
    yield next((each.value for each in Outcome if each is not Outcome.PROVED and each in outcomes), "")
    yield " ".join(ident for ident, _ in found)
    yield " ".join(against.excepted.get(key, []))
    yield principal.enforced.outcome.value
    yield "" if own is None else own.outcome.value
    yield principal.console.value
    yield "unknown" if keys is None else str(sum(each.active for each in keys))
    yield "unknown" if devices is None else " ".join(sorted({each.kind for each in devices}))
    yield " ".join(f"group/{each}" for each in principal.groups)
