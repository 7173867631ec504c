"""Who of a round has enrolled since: one question a person, and nothing else."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from watchword.aws import Refusal
from watchword.device.acting import Acting
from watchword.device.errors import RoundStopped, UnusableRound
from watchword.device.invite_pace import Pace, each_at_once
from watchword.device.invite_person import Finding, NotChecked, Standing
from watchword.device.invite_result import SEE, Guest, Invited, Progress, stopped_after
from watchword.device.invite_round import Entry, Round, open_round, read_state
from watchword.device.own import OwnDevice, devices_of

_LOST: Final = (
    "they had enrolled, and have no device that gives codes any more:"
    " invite them again, and they are looked at"
)
_REMOVED: Final = "the user has been removed since"
_CREATED: Final = "there is such a user now: invite them again, and they are looked at"

_Seen: TypeAlias = tuple[OwnDevice, ...] | NotChecked | None
"""The devices of a user; None when there is no such user."""


def somebody_in(folder: Path) -> str:
    """Return the name of somebody whom a round is about; raise `UnusableRound` when there is no round."""
    state = read_state(folder)
    if state is None or not state.entries:
        raise UnusableRound(
            f"there is no round of invitations in `{folder}`",
            hint="`watchword device invite --from users.csv --out FOLDER` begins one",
            see=SEE,
        )
    return next(iter(state.entries))


def track(
    asking: Acting,
    folder: Path,
    *,
    progress: Progress,
    say: Callable[[str], None],
    now: Callable[[], datetime],
) -> Invited:
    """Look who of a round has enrolled, and remember it; nothing else is looked at, written or cleared.

    Raises `UnusableRound`, `RoundStopped`, `SignInNeeded`, `NotRewritten`, `Refusal`.
    """
    somebody_in(folder)
    pace = Pace(asking.signed, say=say)
    with open_round(folder, account=asking.identity.account, now=now()) as round_:
        names = sorted(round_.state.entries)
        done = 0
        counts: Counter[Standing] = Counter()

        progress(0, len(names), counts)

        def looked(name: str) -> tuple[str, _Seen]:
            of_account = round_.state.entries[name].person.account
            is_elsewhere = of_account not in {None, round_.state.account}
            return name, None if is_elsewhere else _devices(pace, name)

        try:
            for name, devices in each_at_once(looked, names, stopped=pace.stopped):
                entry = round_.state.entries[name]
                finding = _updated(entry.finding, devices, now())
                round_.state.entries[name] = dataclasses.replace(entry, finding=finding)
                done += 1
                counts[finding.standing] += 1
                progress(done, len(names), counts)
        except RoundStopped:
            raise stopped_after(pace, done, len(names), profile=asking.profile) from None
        finally:
            round_.save()
        return _tracked(round_, names)


def _devices(pace: Pace, name: str) -> _Seen:
    try:
        return devices_of(pace, name)
    except Refusal as refusal:
        if refusal.code == "NoSuchEntity":
            return None
        return NotChecked(what="the devices", operation=refusal.operation)


def _updated(finding: Finding, devices: _Seen, at: datetime) -> Finding:
    """Return the finding with what the devices say now; all else is as it was found."""
    if isinstance(devices, NotChecked):
        return dataclasses.replace(finding, not_checked=(devices,))
    was = finding.standing
    new = functools.partial(Finding, user_name=finding.user_name, checked_at=at, devices=devices or ())
    if devices is None:
        return (
            finding
            if was is Standing.NO_SUCH_USER
            else new(standing=Standing.NO_SUCH_USER, reasons=(_REMOVED,))
        )
    if any(each.kind.usable_for_cli for each in devices):
        return new(standing=Standing.ENROLLED)
    if was in {Standing.ENROLLED, Standing.NO_SUCH_USER}:
        why = _LOST if was is Standing.ENROLLED else _CREATED
        return new(standing=Standing.NOT_KNOWN, reasons=(why,))
    return dataclasses.replace(finding, devices=devices)


def _tracked(round_: Round, names: list[str]) -> Invited:
    def guest(name: str) -> Guest:
        entry: Entry = round_.state.entries[name]
        return Guest(entry=entry, written=None, newly_enrolled=round_.has_enrolled_since(name))

    return Invited(
        account=round_.state.account,
        folder=round_.folder,
        dry_run=False,
        began_at=round_.state.began_at,
        guests=tuple(guest(name) for name in names),
    )
