"""Opening a session with a code: one asks, all others wait for what it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from watchword.aws import Identity
from watchword.errors import NoTerminal
from watchword.local.audit_log import refuse_unsafe_log
from watchword.local.terminal import Terminal
from watchword.session.ask import Question
from watchword.session.codes import CodeSource, talk_to
from watchword.session.device import Device, find_device, standing_of
from watchword.session.entrance import Entrance, SignedIn
from watchword.session.session import Session
from watchword.session.turn import another_asked, turn_to_ask
from watchword.session.used_codes import UsedCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is known when somebody is asked: who is signing in, with which device, on which terminal."""

    entrance: Entrance
    identity: Identity
    device: Device
    terminal: Terminal
    source: CodeSource

    def question(self) -> Question:
        """Return the question for a code of the device."""
        entrance = self.entrance
        return Question(
            profile=entrance.profile,
            account=self.identity.account,
            terminal=self.terminal,
            used_of=lambda device: UsedCodes(entrance.store.codes_path(entrance.key_with(device))),
            now=entrance.now,
            standing_of=lambda refused: standing_of(entrance.profile, self.identity, self.terminal, refused),
            source=self.source,
        )


def open_with_code(
    entrance: Entrance,
    *,
    current: Callable[[], Session | None],
    mint: Callable[[Asking], SignedIn],
    force: bool,
) -> SignedIn:
    """Return what `mint` opens, or what another process has opened meanwhile: `current`.

    Two at once do not both ask: the second waits and uses the first's session. One that can ask nobody waits
    only while another asks.
    Raises `NoTerminal` before anything is sent, `NoDevice`, `UnusableDevice`, `CodesRefused`, `Refusal`,
    `Unreachable`, `UnusableCache`, `UnsafeAuditLog`.
    """
    began = entrance.now()
    refuse_unsafe_log()
    asking, whose = entrance.asking_path(), f"profile `{entrance.profile.name}`"
    source = entrance.source_of_codes()
    try:
        terminal = talk_to(source, entrance.open_terminal)
    except NoTerminal:
        waited = another_asked(asking, whose)
        if session := _opened_meanwhile(current, began, force=force, waited=waited):
            return SignedIn(session=session, fresh=False)
        raise
    # Many wait together and go on together; only when nothing was opened do they take turns.
    waited = another_asked(asking, whose)
    if waited and (session := _opened_meanwhile(current, began, force=force, waited=waited)):
        return SignedIn(session=session, fresh=False)
    with turn_to_ask(asking, whose) as waited:
        if session := _opened_meanwhile(current, began, force=force, waited=waited):
            return SignedIn(session=session, fresh=False)
        identity = entrance.profile.caller_identity()
        device = entrance.known_device() or find_device(entrance.profile, identity, terminal)
        with turn_to_ask(entrance.store.lock_path(entrance.key_with(device)), f"`{device.name}`"):
            return mint(
                Asking(entrance=entrance, identity=identity, device=device, terminal=terminal, source=source)
            )


def _opened_meanwhile(
    current: Callable[[], Session | None], began: datetime, *, force: bool, waited: bool
) -> Session | None:
    """Return the session that another opened since this one looked, perhaps just before the lock was had."""
    session = current()
    if session is None or not force:
        return session
    # Times in files are whole seconds.
    return session if waited and session.issued_at >= began.replace(microsecond=0) else None
