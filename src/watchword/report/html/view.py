"""A proof in the order in which the report tells it: what is shown, what is folded, and in which words.

Nothing is decided here: the proof has decided. What a proof names and does not hold makes it a broken one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from watchword.errors import WatchwordError
from watchword.proof.findings import EXPIRED
from watchword.proof.result import (
    Entry,
    Excepted,
    Outcome,
    Proof,
    ProvedAccount,
    ProvedFinding,
    ProvedPrincipal,
    Witness,
)
from watchword.report.html.controls import Answered, Standard, answered, catalogue
from watchword.report.html.picture import Picture, picture
from watchword.report.html.standing import Standing, standing
from watchword.report.html.words import counted, shown

SEE: Final = "docs/prove/report.md"
DRAWN: Final = 20
"""How many ways in get a picture; the others are rows of a table."""
_SHOWN_ROWS: Final = 40
_ORDER: Final = {"error": 0, "warning": 1, "note": 2}


class BrokenProof(WatchwordError):
    """A proof names a part of itself that it does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way in: the finding, the path that shows it, and its picture, when it is among those drawn."""

    number: int
    finding: ProvedFinding
    witness: Witness
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A finding that is let be, and by whom."""

    claim: str
    finding: ProvedFinding
    waiver: Excepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a table: those that are shown, and those that are folded."""

    shown: tuple[ProvedPrincipal, ...]
    folded: tuple[ProvedPrincipal, ...]
    tally: tuple[tuple[str, int], ...]
    """How many stand how towards MFA, the worst first."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.shown) + len(self.folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that the page shows."""

    proof: Proof
    answer: Markup
    ways: tuple[Way, ...]
    open: tuple[ProvedFinding, ...]
    lapsed: tuple[ProvedFinding, ...]
    exemptions: tuple[Exemption, ...]
    roots: tuple[ProvedPrincipal, ...]
    users: Rows
    roles: Rows
    unread: int
    standards: tuple[tuple[Standard, tuple[Answered, ...]], ...]
    privileged: tuple[str, ...]

    @property
    def several_accounts(self) -> bool:
        """Whether rows must say which account they are of."""
        return len(self.proof.accounts) > 1


def report_of(proof: Proof) -> Report:
    """Put a proof in the order of the page. Raises BrokenProof when it names what it does not hold."""
    counting = sorted(
        (each for each in proof.findings if each.exception is None),
        key=lambda each: _ORDER.get(each.level, 3),
    )
    refuting = [each for each in counting if each.outcome is Outcome.REFUTED and each.rule != EXPIRED]
    known = catalogue()
    return Report(
        proof=proof,
        answer=_answer(proof, refuting, counting),
        ways=tuple(_way(proof, at, each) for at, each in enumerate(refuting, start=1)),
        open=tuple(each for each in counting if each.outcome is not Outcome.REFUTED),
        lapsed=tuple(each for each in counting if each.rule == EXPIRED),
        exemptions=tuple(_exemptions(proof)),
        roots=tuple(each for each in proof.principals if each.kind == "root"),
        users=_rows(each for each in proof.principals if each.kind == "user"),
        roles=_rows(each for each in proof.principals if each.kind == "role"),
        unread=sum(len(account.unread) for account in proof.accounts),
        standards=answered(proof, known),
        privileged=known.privileged,
    )


def _answer(proof: Proof, refuting: Sequence[ProvedFinding], counting: Sequence[ProvedFinding]) -> Markup:
    """Return the one sentence that the page begins with, after the word for its outcome."""
    where = _where(proof.accounts)
    excepted = sum(len(claim.excepted) for claim in proof.claims)
    but = Markup(", but for {}").format(counted(excepted, "exception")) if excepted else ""
    match proof.outcome:
        case Outcome.PROVED:
            what = shown(_claimed(proof))
            return Markup("{} This holds for {}{}.").format(what, where, but)
        case Outcome.REFUTED if not refuting:
            lapsed = sum(each.rule == EXPIRED for each in counting)
            return Markup("No way in was found in {}, but {} expired.").format(
                where, counted(lapsed, "exception has", "exceptions have")
            )
        case Outcome.REFUTED:
            people = len({arn for each in refuting for arn in each.principals})
            return Markup("{} of {} can do what {}: {} below.").format(
                counted(people, "principal"),
                where,
                "the claim rules out" if len(proof.claims) == 1 else "the claims rule out",
                counted(len(refuting), "way in is shown", "ways in are shown"),
            )
        case Outcome.UNDETERMINED:
            return Markup("In {}, no way in was found, and {} could not be answered.").format(
                where, counted(len(counting), "question")
            )


def _claimed(proof: Proof) -> str:
    """Return what was claimed, when that is one sentence."""
    return proof.claims[0].description if len(proof.claims) == 1 else f"All {len(proof.claims)} claims hold."


def _where(accounts: Sequence[ProvedAccount]) -> Markup:
    if len(accounts) != 1:
        return counted(len(accounts), "account")
    [account] = accounts
    alias = Markup(" (<bdi>{}</bdi>)").format(shown(account.alias)) if account.alias else ""
    return Markup("account&nbsp;<bdi>{}</bdi>{}").format(shown(account.id), alias)


def _way(proof: Proof, number: int, finding: ProvedFinding) -> Way:
    witness = proof.witnesses.get(finding.witness or "")
    if witness is None or not witness.steps:
        raise BrokenProof(
            f"finding `{finding.id}` of the proof names the witness `{finding.witness}`, which is not in it",
            hint="make the proof again: `watchword prove --output json SNAPSHOT`",
            see=SEE,
        )
    reaches = counted(finding.actions.count, "action").unescape().replace("\xa0", " ")
    drawn = picture(witness, reaches=reaches) if number <= DRAWN else None
    return Way(number=number, finding=finding, witness=witness, picture=drawn)


def _exemptions(proof: Proof) -> Iterable[Exemption]:
    findings = {each.id: each for each in proof.findings}
    for claim in proof.claims:
        for waiver in claim.excepted:
            if waiver.finding not in findings:
                raise BrokenProof(
                    f"claim `{claim.name}` of the proof excepts `{waiver.finding}`, which is not in it",
                    hint="make the proof again: `watchword prove --output json SNAPSHOT`",
                    see=SEE,
                )
            yield Exemption(claim=claim.name, finding=findings[waiver.finding], waiver=waiver)


def _rows(principals: Iterable[ProvedPrincipal]) -> Rows:
    """Sort those to the front that go without MFA; fold what is more than a page of them."""
    order = list(Standing)
    stand = [(order.index(standing(each)), each.arn, each) for each in principals]
    those = [each for _, _, each in sorted(stand, key=lambda row: row[:2])]
    found = Counter(at for at, _, _ in stand)
    return Rows(
        shown=tuple(those[:_SHOWN_ROWS]),
        folded=tuple(those[_SHOWN_ROWS:]),
        tally=tuple((order[at].value, found[at]) for at in sorted(found)),
    )


# -- asked by the templates


def entries_by_kind(role: ProvedPrincipal) -> list[tuple[str, list[Entry]]]:
    """Return who enters a role, people before services."""
    order = ["anybody", "outside", "principal", "identity-provider", "service"]
    kinds = sorted({entry.kind for entry in role.entered_by}, key=lambda kind: (kind not in order, kind))
    kinds.sort(key=lambda kind: order.index(kind) if kind in order else len(order))
    return [(kind, [entry for entry in role.entered_by if entry.kind == kind]) for kind in kinds]
