"""The truth table: what policies answer to each kind of credential, action by action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from watchword.iam._rows import Asked, Subject, asked_by, expanded, familiar, named_actions
from watchword.iam.asking import NOTHING_KNOWN, Call, Known, ask
from watchword.iam.credential import (
    DEFAULT_ASSUMPTIONS,
    Assumptions,
    CredentialKind,
    MfaState,
    mfa_state,
)
from watchword.iam.decision import Request
from watchword.iam.evaluate import evaluate
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet
from watchword.iam.principal import Principal
from watchword.iam.signing import signer
from watchword.iam.universe import Universe

USUAL_KINDS: Final = (
    CredentialKind.ACCESS_KEY,
    CredentialKind.SESSION,
    CredentialKind.SESSION_MFA,
    CredentialKind.CONSOLE,
    CredentialKind.ROLE_SESSION,
    CredentialKind.FORWARDED,
)
"""The columns that are shown when nobody asks for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A kind of credential, who signs with it (None: nobody of those asked about can), and its MFA state."""

    kind: CredentialKind
    principal: Principal | None
    mfa: MfaState


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One answer. `without_mfa`: it is allowed, and the credential does not certainly carry MFA."""

    outcome: Outcome
    layer: Layer
    missing: tuple[str, ...]
    without_mfa: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One action on one resource, with a cell for each column; None where the column has no principal.

    - `written`: the entry of a policy, or of the question, that it comes from: `iam:Get*`.
    - `action`: one action that the entry covers; `stands_for` counts it and those that get the same
      answers on the same resource.
    - `resource`: what was asked; `resource_written`: the pattern of a policy that it was taken from.
    - `known`: whether AWS is known to have the action. One that it has not grants nothing.
    """

    written: str
    action: str
    stands_for: int
    resource: str
    resource_written: str
    known: bool
    cells: tuple[Cell | None, ...]

    @property
    def without_mfa(self) -> bool:
        """Whether some credential gets through that does not certainly carry MFA."""
        return self.known and any(cell is not None and cell.without_mfa for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The answers. `actions` counts the known actions asked about, each once; the two others those of them

    that pass without MFA on some resource, and those that are undetermined there and pass nowhere. `empty`
    names entries that cover no action that AWS is known to have.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    actions: int
    without_mfa: int
    undetermined: int
    empty: tuple[str, ...]


def columns_for(
    kinds: Iterable[CredentialKind],
    principals: Sequence[Principal],
    *,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
) -> tuple[Column, ...]:
    """Return a column for each kind, signed by the first of `principals` that can have such a credential."""
    return tuple(
        Column(
            kind=kind,
            principal=next(filter(None, (signer(each, kind) for each in principals)), None),
            mfa=mfa_state(kind, assumptions),
        )
        for kind in kinds
    )


def tabulate(
    policies: PolicySet,
    columns: Sequence[Column],
    universe: Universe,
    *,
    actions: Sequence[str] = (),
    resources: Sequence[str] = (),
    resource_account: str | None = None,
    known: Known = NOTHING_KNOWN,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
    service_rules: bool = True,
) -> Table:
    """Return the truth table of the policies.

    - `actions`: names or patterns; none: those that the policies name. A pattern is asked about every known
      action that no narrower entry covers; those with the same answers become one row.
    - `resources`: none: for each action those that the Allow statements that cover it name, a wildcard
      read as `example`, a variable as the first column's principal has it, and `*` as it stands.
    - `known`, `assumptions`, `service_rules`: as for `ask`.

    Raises ValueError when an action has no colon (`*` alone may stand).
    """
    requests = _requests(policies, columns, known, assumptions, service_rules, resource_account)
    first = next((request for request in requests if request is not None), None)
    subject = Subject(policies=policies, resources=tuple(resources), like=first)
    entries = expanded(actions or named_actions(policies), universe)
    rows: list[Row] = []
    passing: set[str] = set()
    open_: set[str] = set()
    for entry in entries:
        for asked, names in asked_by(entry, subject):
            cells = tuple(_cells(asked, columns, requests, policies))
            rows.append(_row(asked, len(names), entry.known, cells))
            if rows[-1].without_mfa:
                passing.update(names)
            elif entry.known and any(_is_open(*each) for each in zip(cells, columns, strict=True)):
                open_.update(names)
    return Table(
        columns=tuple(columns),
        rows=tuple(_merged(rows)),
        actions=sum(len(entry.actions) for entry in entries if entry.known),
        without_mfa=len(passing),
        undetermined=len(open_ - passing),
        empty=tuple(entry.written for entry in entries if not entry.known),
    )


def _requests(
    policies: PolicySet,
    columns: Sequence[Column],
    known: Known,
    assumptions: Assumptions,
    service_rules: bool,
    resource_account: str | None,
) -> list[Request | None]:
    """One request a column, to be asked about every action and resource."""
    call = Call(action="sts:GetCallerIdentity", resource="*", resource_account=resource_account)
    return [
        None
        if column.principal is None
        else ask(
            call,
            column.principal,
            column.kind,
            policies,
            known=known,
            assumptions=assumptions,
            service_rules=service_rules,
        ).request
        for column in columns
    ]


def _cells(
    asked: Asked, columns: Sequence[Column], requests: Sequence[Request | None], policies: PolicySet
) -> Iterator[Cell | None]:
    for column, request in zip(columns, requests, strict=True):
        if request is None:
            yield None
            continue
        decision = evaluate(replace(request, action=asked.action, resource=asked.resource), policies)
        yield Cell(
            outcome=decision.outcome,
            layer=decision.layer,
            missing=decision.missing,
            without_mfa=decision.allowed and column.mfa is not MfaState.TRUE,
        )


def _is_open(cell: Cell | None, column: Column) -> bool:
    return cell is not None and cell.outcome is Outcome.UNDETERMINED and column.mfa is not MfaState.TRUE


def _row(asked: Asked, stands_for: int, known: bool, cells: tuple[Cell | None, ...]) -> Row:
    return Row(
        written=asked.written,
        action=asked.action,
        stands_for=stands_for,
        resource=asked.resource,
        resource_written=asked.resource_written,
        known=known,
        cells=cells,
    )


def _merged(rows: Iterable[Row]) -> Iterator[Row]:
    """Put rows of one entry with the same answers on the same resource into one."""
    together: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = (row.written, row.resource, row.cells)
        first = together.get(key)
        if first is None:
            together[key] = row
        else:
            shown = familiar((first.action, row.action))
            together[key] = replace(first, action=shown, stands_for=first.stands_for + row.stands_for)
    yield from together.values()
