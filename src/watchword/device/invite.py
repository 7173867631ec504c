"""Many people invited to enrol: looked at, told what to do, and tracked until they have."""

from __future__ import annotations

import dataclasses
import math
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from watchword.aws import Refusal, list_mfa_devices
from watchword.aws.user_policies import PolicyReader
from watchword.device.acting import Acting, with_mfa
from watchword.device.errors import RoundStopped
from watchword.device.invite_account import AccountFacts, look_at_account
from watchword.device.invite_check import Look
from watchword.device.invite_instructions import Host, Written, file_name, instructions, put
from watchword.device.invite_leftovers import Clear, Fate, Leftover, clear_leftovers, leftovers_of
from watchword.device.invite_list import InviteList
from watchword.device.invite_pace import Pace, each_at_once
from watchword.device.invite_person import Finding, Person
from watchword.device.invite_result import Guest, Invited, Progress, stopped_after
from watchword.device.invite_round import Round, open_round
from watchword.errors import WatchwordError
from watchword.session import SignedIn

_BETWEEN_SAVES_SECONDS: Final = 1.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InviteWish:
    """What is asked for: where instructions go, which leftovers go, whom people ask (None: as before).

    Nothing is changed or written if `dry_run`.
    """

    folder: Path
    clear: Clear = Clear.STALE
    contact: str | None = None
    dry_run: bool = False


def able_to_look(asking: Acting, user_name: str, *, announce: Callable[[SignedIn], None]) -> Acting:
    """Return the same, signed in with a code if the key alone may not look at people.

    Raises what `with_mfa` raises, `Unreachable`, and refusals that are not about a permission.
    """
    if asking.has_session:
        return asking
    try:
        list_mfa_devices(asking.signed, user_name)
    except Refusal as refusal:
        if refusal.code == "AccessDenied":
            return with_mfa(asking, announce=announce)
        if refusal.code != "NoSuchEntity":
            raise
    return asking


def invite(
    asking: Acting,
    listed: InviteList,
    wish: InviteWish,
    *,
    progress: Progress,
    say: Callable[[str], None],
    now: Callable[[], datetime],
    wait: Callable[[float], object] | None = None,
) -> Invited:
    """Look at everybody in a list, clear what is in their way, write what each has to do, remember all of it.

    However this ends, what was found until then is kept, and the same call goes on from there. `say` is told
    of waits; `wait` takes seconds.
    Raises `UnusableRound`, `RoundStopped`, `SignInNeeded`, `NotRewritten`, `Refusal`, `Unreachable`.
    """
    pace = Pace(asking.signed, say=say, wait=wait)
    account = asking.identity.account
    with open_round(wish.folder, account=account, now=now(), writes=not wish.dry_run) as round_:
        round_.begin(now(), contact=wish.contact)
        run = _Run(round_=round_, wish=wish, asking=asking, listed=listed, now=now)
        try:
            facts = look_at_account(pace)
            leftovers = run.clear(facts)
            look = Look(
                signed=pace,
                identity=asking.identity,
                facts=_without_cleared(facts, leftovers),
                now=now,
                policies=PolicyReader(signed=pace),
            )
            run.look_at_all(look, pace, progress)
        except RoundStopped:
            raise run.stopped(pace) from None
        finally:
            round_.save()
        round_.end(now())
        round_.save()
        return run.invited(facts, leftovers)


class _Run:
    """One run of a round: what it found, person by person."""

    def __init__(
        self,
        *,
        round_: Round,
        wish: InviteWish,
        asking: Acting,
        listed: InviteList,
        now: Callable[[], datetime],
    ) -> None:
        self._round = round_
        self._wish = wish
        self._asking = asking
        self._listed = listed
        self._now = now
        self._written: dict[str, Written] = {}
        self._saved_at = -math.inf  # the first person is remembered at once
        self._done = [person for person in listed.people if round_.is_done(person)]
        self._went_on_from = len(self._done)

    def clear(self, facts: AccountFacts) -> tuple[Leftover, ...]:
        """Remove the leftovers that may go, and remember the others, with when they were seen first."""
        known = self._round.state.leftovers
        leftovers = clear_leftovers(
            self._asking.signed,
            tuple(leftovers_of(self._listed.people, facts)),
            known,
            clear=self._wish.clear,
            dry_run=self._wish.dry_run,
            now=self._now(),
        )
        known.update({each.serial_number: each.first_seen_at for each in leftovers})
        gone = {each.serial_number for each in leftovers if each.fate is Fate.CLEARED}
        if facts.devices_seen:
            gone |= known.keys() - set(facts.unassigned)
        for serial_number in gone:
            known.pop(serial_number, None)
        return leftovers

    def look_at_all(self, look: Look, pace: Pace, progress: Progress) -> None:
        """Look at everybody who is not done yet, and deal with each as the answers come."""
        done = {person.user_name for person in self._done}
        people = [person for person in self._listed.people if person.user_name not in done]
        counts = Counter(self._round.state.entries[name].finding.standing for name in done)

        progress(len(done), len(self._listed.people), counts)

        def looked(person: Person) -> tuple[Person, Finding]:
            return person, look.at(person)

        for person, finding in each_at_once(looked, people, stopped=pace.stopped):
            self._take(person, finding)
            self._done.append(person)
            counts[finding.standing] += 1
            progress(len(self._done), len(self._listed.people), counts)

    def _take(self, person: Person, finding: Finding) -> None:
        file = self._instruct(person, finding)
        self._round.note(person, finding, file=file, at=self._now())
        if time.monotonic() - self._saved_at > _BETWEEN_SAVES_SECONDS:
            self._round.save()
            self._saved_at = time.monotonic()

    def _instruct(self, person: Person, finding: Finding) -> str | None:
        """Write what the person has to do, and return the file's name; None when nothing is to be written."""
        if self._wish.dry_run or not finding.standing.is_invited:
            return None
        file = file_name(person.user_name)
        host = Host(identity=self._asking.identity, contact=self._round.state.contact)
        self._written[person.user_name] = put(self._wish.folder / file, instructions(person, finding, host))
        return file

    def stopped(self, pace: Pace) -> WatchwordError:
        """Return the error of a run that could not go on."""
        total = len(self._listed.people)
        return stopped_after(pace, len(self._done), total, profile=self._asking.profile)

    def invited(self, facts: AccountFacts, leftovers: tuple[Leftover, ...]) -> Invited:
        """Return what was found and done."""
        state, people = self._round.state, self._listed.people
        went_on = self._went_on_from
        note = f"went on with the run that was broken off: {went_on} of {len(people)} had been looked at"
        return Invited(
            account=state.account,
            folder=self._wish.folder,
            dry_run=self._wish.dry_run,
            began_at=state.began_at,
            guests=tuple(self._guest(person.user_name) for person in people),
            leftovers=leftovers,
            not_checked=facts.not_checked,
            notes=(*self._listed.notes, *((note,) if went_on else ())),
            not_listed=len(state.entries.keys() - {person.user_name for person in people}),
        )

    def _guest(self, user_name: str) -> Guest:
        return Guest(
            entry=self._round.state.entries[user_name],
            written=self._written.get(user_name),
            newly_enrolled=self._round.has_enrolled_since(user_name),
        )


def _without_cleared(facts: AccountFacts, leftovers: tuple[Leftover, ...]) -> AccountFacts:
    gone = {each.serial_number for each in leftovers if each.fate in {Fate.CLEARED, Fate.WOULD_GO}}
    return dataclasses.replace(facts, unassigned=tuple(each for each in facts.unassigned if each not in gone))
