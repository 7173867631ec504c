"""What can be reached from a start without MFA, chain by chain."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchword.iam.references import StatementRef
from watchword.proof.chain import Chain
from watchword.proof.escalation import Rule

if TYPE_CHECKING:
    from watchword.proof.reach import Reacher, Subject
    from watchword.proof.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A credential that the attacker comes to hold: whose, in which state, under which policies, and how."""

    arn: str
    state: State
    subject: Subject
    chain: Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """All that can be reached from one start.

    - `actions`: bits of the universe that are surely reached by some chain.
    - `undetermined`: further bits, each group with why they are not sure.
    - `nodes`: what the attacker comes to hold, each with a shortest chain, the start first. When
      `everything` is true, one of them may already do all that any of them could, and the rest are not
      listed.
    """

    actions: int
    undetermined: tuple[tuple[int, str], ...]
    nodes: tuple[Held, ...]
    everything: bool = False

    def chain(self, action: str) -> Chain:
        """Return a shortest chain to an action of `actions`, with the final request.

        Raises KeyError when the action is not surely reached.
        """
        raise NotImplementedError


class Answer(enum.StrEnum):
    """Of a question about one user or role."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDevice:
    """Whether a user can enrol its own first MFA device without MFA.

    `chain` is how, for `YES`; `why` says what stops it, or leaves it open. `may_remove`: whether its policies
    let it deactivate its own device without MFA (AWS itself refuses that to keys of users with a device).
    `has_device` is None when the snapshot does not say.
    """

    answer: Answer
    chain: Chain | None
    why: str
    has_device: bool | None
    may_remove: Answer


class EntryKind(enum.StrEnum):
    """Who enters a role from outside."""

    ANYONE = "anyone"
    OTHER_ACCOUNT = "other-account"
    IDENTITY_PROVIDER = "identity-provider"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One principal outside the snapshots that a role's trust policy names.

    `without_mfa`: whether the trust policy lets it in without MFA; `UNDETERMINED` when that hangs on what
    `missing` names (an external ID, say).
    """

    kind: EntryKind
    principal: str
    without_mfa: Answer
    missing: tuple[str, ...]
    statements: tuple[StatementRef, ...]


class Closure:
    """The closure of one proof: what it finds out of one start serves the others."""

    def __init__(self, reacher: Reacher, rules: Iterable[Rule]) -> None:
        self._reacher = reacher
        self._rules = tuple(rules)

    def of(self, arn: str, states: Sequence[State]) -> Closed:
        """Return what can be reached by who holds this principal's credentials of these states."""
        raise NotImplementedError

    def own_first_device(self, arn: str, states: Sequence[State]) -> FirstDevice:
        """Return whether this user can enrol its own first device with these states, none of which has MFA."""
        raise NotImplementedError

    def entered_by(self, arn: str) -> tuple[Entry, ...]:
        """Return who of outside the snapshots can enter a role."""
        raise NotImplementedError
