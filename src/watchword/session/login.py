"""Signing in: a live session is used, else a code opens one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from watchword.aws import AwsProfile, Identity, ProfileSettings
from watchword.errors import NoTerminal
from watchword.local.terminal import Terminal
from watchword.session.ask import Question
from watchword.session.device import Device, find_device, known_device
from watchword.session.duration import DEFAULT_SECONDS, for_identity
from watchword.session.errors import UnusableDevice
from watchword.session.session import Session, SessionKey
from watchword.session.store import SessionStore
from watchword.session.turn import another_asked, turn_to_ask
from watchword.session.used_codes import UsedCodes
from watchword.session.wish import Wish

AWS_ITSELF = "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session to use. `fresh` when a code was asked for it; `note` is what the user should know."""

    session: Session
    fresh: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What signing in needs from the world, and what is asked for."""

    profile: AwsProfile
    store: SessionStore
    open_terminal: Callable[[], Terminal]
    now: Callable[[], datetime]
    wish: Wish = field(default_factory=Wish)

    @property
    def settings(self) -> ProfileSettings:
        """Return what the profile that was named says about how to call AWS."""
        return self.profile.settings

    def key_with(self, device: Device) -> SessionKey:
        """Return the key of the session that this device opens for this profile."""
        return SessionKey(
            endpoint=self.profile.endpoint_url or AWS_ITSELF,
            access_key_id=self.profile.access_key_id,
            serial_number=device.serial_number,
        )

    def asking_path(self) -> Path:
        """Return the file that is locked while somebody is asked for a code for the key of this profile."""
        endpoint = self.profile.endpoint_url or AWS_ITSELF
        return self.store.asking_path(endpoint, self.profile.access_key_id)

    def known_device(self) -> Device | None:
        """Return the device, when that needs no question to anybody."""
        endpoint = self.profile.endpoint_url or AWS_ITSELF
        return known_device(self.profile, self.store.device_of(endpoint, self.profile.access_key_id))


def stored_session(entrance: Entrance) -> Session | None:
    """Return the session that is kept for the profile, live or not; None when there is none."""
    try:
        device = entrance.known_device()
    except UnusableDevice:
        return None
    return entrance.store.get(entrance.key_with(device)) if device else None


def sessions_of(entrance: Entrance) -> list[Session]:
    """Return all that is kept for the profile or its key at this endpoint, whatever key and device it had.

    Raises `UnusableCache` when the session that would be used now cannot be trusted.
    """
    stored_session(entrance)
    endpoint = entrance.profile.endpoint_url or AWS_ITSELF
    profile = entrance.profile
    return [
        session
        for session in (each.session for each in entrance.store.all())
        if session is not None
        and session.key.endpoint == endpoint
        and (session.profile == profile.name or session.key.access_key_id == profile.access_key_id)
    ]


def current_session(entrance: Entrance) -> Session | None:
    """Return the session of the profile, if enough of its life is left to start something."""
    session = stored_session(entrance)
    return session if session and session.is_worth_using(entrance.now()) else None


def login(entrance: Entrance, *, force: bool = False) -> SignedIn:
    """Return a session: the current one (unless `force`), else a new one for a code asked on the terminal.

    Two at once do not both ask: the second waits and uses the first's session. One that can ask nobody waits
    only while another asks.
    Raises `NoTerminal` before anything is sent, `NoDevice`, `UnusableDevice`, `CodesRefused`, `Refusal`,
    `Unreachable`, `UnusableCache`. There is no other way out: never a key without MFA.
    """
    began = entrance.now()
    entrance.known_device()  # one that cannot be used is said before anybody is looked for to ask
    if not force and (session := current_session(entrance)):
        return SignedIn(session=session, fresh=False)
    asking, whose = entrance.asking_path(), f"profile `{entrance.profile.name}`"
    try:
        terminal = entrance.open_terminal()
    except NoTerminal:
        waited = another_asked(asking, whose)
        if session := _opened_meanwhile(entrance, began, force=force, waited=waited):
            return SignedIn(session=session, fresh=False)
        raise
    with turn_to_ask(asking, whose) as waited:
        if session := _opened_meanwhile(entrance, began, force=force, waited=waited):
            return SignedIn(session=session, fresh=False)
        identity = entrance.profile.caller_identity()
        device = entrance.known_device() or find_device(entrance.profile, identity, terminal)
        with turn_to_ask(entrance.store.lock_path(entrance.key_with(device)), f"`{device.name}`"):
            return _open(entrance, terminal, identity, device)


def _opened_meanwhile(entrance: Entrance, began: datetime, *, force: bool, waited: bool) -> Session | None:
    """Return the session that another opened since this one looked, perhaps just before the lock was had."""
    session = current_session(entrance)
    if session is None or not force:
        return session
    # Times in files are whole seconds.
    return session if waited and session.issued_at >= began.replace(microsecond=0) else None


def _open(entrance: Entrance, terminal: Terminal, identity: Identity, device: Device) -> SignedIn:
    asked = entrance.wish.duration_seconds
    duration = for_identity(DEFAULT_SECONDS if asked is None else asked, is_root=identity.is_root)
    question = Question(
        profile=entrance.profile,
        account=identity.account,
        terminal=terminal,
        used=UsedCodes(entrance.store.codes_path(entrance.key_with(device))),
        now=entrance.now,
        device_again=lambda refused: _device_again(entrance, terminal, identity, refused),
    )
    device, token = question.spend(
        device,
        lambda code: entrance.profile.get_session_token(
            serial_number=code.serial_number,
            token_code=code.token_code,
            duration_seconds=duration.seconds,
        ),
    )
    session = Session(
        profile=entrance.profile.name,
        key=entrance.key_with(device),
        account=identity.account,
        arn=identity.arn,
        issued_at=entrance.now(),
        credentials=token.credentials,
    )
    entrance.store.put(session)
    entrance.store.remember_device(session.key)
    return SignedIn(session=session, fresh=True, note=duration.reason)


def _device_again(entrance: Entrance, terminal: Terminal, identity: Identity, refused: Device) -> Device:
    """Return the device to ask next, after AWS did not know this one: the remembered one may be gone."""
    if refused.configured or refused.guessed:
        return refused
    found = find_device(entrance.profile, identity, terminal)
    if found.guessed or found.serial_number == refused.serial_number:
        return refused
    terminal.say(f"the device is `{found.serial_number}` now")
    return found
