"""The first sign-in of somebody with a key and no device, whose password may have to be changed, in order.

Where a policy wants MFA for all but enrolling, a browser cannot change the first password, and until that is
changed it shows no page to enrol on. With an access key it goes the other way round: enrol, sign in with a
code, change the password in that session. Then the console takes password and code.

Source: IAM User Guide, reference_policies_examples_aws_my-sec-creds-self-manage ("does not allow users to
reset a password while signing in […] for the first time"), id_credentials_passwords_user-change-own.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, replace

from watchword.aws import Refusal, Signed
from watchword.aws.password import PasswordRules, login_profile, password_rules
from watchword.aws.user_policies import read_user_policies
from watchword.device.acting import Acting, acting, with_mfa
from watchword.device.errors import CannotEnroll
from watchword.device.interruption import ending_interrupts
from watchword.device.may_enroll import MayEnroll, may_enroll
from watchword.device.new_password import set_new_password
from watchword.device.own import OwnDevice, devices_of
from watchword.device.owner import Owner
from watchword.local.terminal import Terminal
from watchword.session import AWS_ITSELF, Entrance, Session, SignedIn, current_session
from watchword.session.device import Device

SEE = "docs/devices/first-sign-in.md"


class Password(enum.StrEnum):
    """What is known of somebody's console password. The values are public: they stand in JSON."""

    NONE = "none"
    KEPT = "kept"
    MUST_CHANGE = "must-change"
    UNKNOWN = "unknown"


class Part(enum.StrEnum):
    """The parts of a first sign-in, in their order."""

    DEVICE = "device"
    SESSION = "session"
    PASSWORD = "password"  # noqa: S105 the part, no password
    CONSOLE = "console"


class Status(enum.StrEnum):
    """What there is to do about a part; `PERHAPS` is decided on the way."""

    DONE = "done"
    TODO = "to-do"
    PERHAPS = "perhaps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where somebody stands.

    `devices` is None when they may not be listed; `known_serial` is one that gave codes here, or that the
    profile names; `is_named_only` when nothing but the profile speaks for it. `session` is open, with MFA.
    `may` is what their policies say to a first device, None when they have one for certain.
    """

    acting: Acting
    owner: Owner
    devices: tuple[OwnDevice, ...] | None
    known_serial: str | None
    session: Session | None
    password: Password
    may: MayEnroll | None
    is_named_only: bool = False

    @property
    def serial_number(self) -> str | None:
        """Return the device that gives codes; None when there is none, as far as is known."""
        if self.devices is None:
            return self.known_serial
        return next((each.serial_number for each in self.devices if each.kind.usable_for_cli), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the plan: `what` it is or was, as a clause."""

    part: Part
    status: Status
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a first sign-in came to: `enrolled_now` and `changed_now` by this run."""

    before: Standing
    after: Standing
    enrolled_now: bool
    changed_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the steps are taken: `enrol` enrols one's own first device, `open_terminal` asks.

    `change_password` is the answer to that question beforehand; None: ask where it is not known.
    """

    enrol: Callable[[Terminal], object]
    open_terminal: Callable[[], Terminal]
    announce: Callable[[SignedIn], None]
    say: Callable[[str], None]
    change_password: bool | None = None


def look(entrance: Entrance, *, say: Callable[[str], None]) -> Standing:
    """Find out where the user of a profile stands; nothing is changed.

    Raises `NotAUser`, `Refusal`, `Unreachable`, `NotALongTermKey`.
    """
    asking = acting(entrance, say=say)
    owner = asking.owner()
    devices = _devices(asking)
    known = asking.entrance.known_device()
    standing = Standing(
        acting=asking,
        owner=owner,
        devices=devices,
        known_serial=None if known is None else known.serial_number,
        session=current_session(asking.entrance) if asking.has_session else None,
        password=password_of(asking.signed, owner),
        may=None,
        is_named_only=devices is None and not asking.has_session and _is_named_only(asking, known),
    )
    if standing.serial_number is not None and not standing.is_named_only:
        return standing
    policies = read_user_policies(asking.signed, owner.user_name)
    return replace(standing, may=may_enroll(policies, owner, device_name=owner.user_name))


def plan(standing: Standing, *, change_password: bool | None = None) -> tuple[Step, ...]:
    """Return the steps that are done and those that are left, in the order that works."""
    return (_device_step(standing), _session_step(standing), _password_step(standing, change_password))


def walk(standing: Standing, way: Way) -> Walked:
    """Take the steps that are left, from where somebody stands; what is done already is not done again.

    Raises `CannotEnroll` before anything is made, what enrolment, `login` and `set_new_password` raise, and
    `KeyboardInterrupt`: what is done by then stays, and the next run goes on from there.
    """
    now = standing
    with ending_interrupts():
        if now.is_named_only and not _shows_codes(now, way):
            now = replace(now, known_serial=None)
        if enrolled := now.serial_number is None:
            _refuse_the_impossible(now)
            way.enrol(way.open_terminal())
            now = look(standing.acting.entrance, say=way.say)
        if now.password is Password.UNKNOWN and way.change_password is not False:
            now = _with_session(now, way)
        changed = _is_wanted(now, way)
        if changed:
            now = _with_session(now, way)
            changed = set_new_password(way.open_terminal(), now.acting, rules_of(now.acting.signed))
            now = replace(now, password=Password.KEPT if changed else Password.NONE)
    return Walked(before=standing, after=now, enrolled_now=enrolled, changed_now=changed)


def password_of(signed: Signed, owner: Owner) -> Password:
    """Return what AWS tells of the user's password, `UNKNOWN` when it may not be read."""
    try:
        profile = login_profile(signed, owner.user_name)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return Password.UNKNOWN
    if profile is None:
        return Password.NONE
    return Password.MUST_CHANGE if profile.must_change else Password.KEPT


def rules_of(signed: Signed) -> PasswordRules | None:
    """Return the account's rules for passwords; None when they may not be read."""
    try:
        return password_rules(signed)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return None


def _with_session(standing: Standing, way: Way) -> Standing:
    """Return the same in a session with MFA, and what may be read of the password with it."""
    if standing.acting.has_session:
        return standing
    signed_in = with_mfa(standing.acting, announce=way.announce)
    password = standing.password
    if password is Password.UNKNOWN:
        password = password_of(signed_in.signed, standing.owner)
    return replace(standing, acting=signed_in, session=current_session(signed_in.entrance), password=password)


def _is_wanted(standing: Standing, way: Way) -> bool:
    match standing.password:
        case Password.NONE:
            return False
        case Password.MUST_CHANGE:
            return way.change_password is not False
        case Password.KEPT:
            return way.change_password is True
        case Password.UNKNOWN if way.change_password is None:
            question = "were you given a password for the console that you have to change?"
            return way.open_terminal().confirm(question)
        case Password.UNKNOWN:
            return bool(way.change_password)


def _refuse_the_impossible(standing: Standing) -> None:
    if standing.may is not None and standing.may.can_enroll is False:
        raise CannotEnroll(
            f"`{standing.owner.user_name}` cannot enrol a device: {'; '.join(standing.may.blocking)}",
            hint=f"an administrator has to allow it: `watchword device first-sign-in --user"
            f" {standing.owner.user_name}` tells them what",
            see="docs/devices/policies.md",
        )


def _devices(asking: Acting) -> tuple[OwnDevice, ...] | None:
    try:
        return devices_of(asking.signed, None)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return None


def _is_named_only(asking: Acting, known: Device | None) -> bool:
    """Return whether the profile names a device that has given no code for its key here."""
    profile = asking.entrance.profile
    remembered = asking.entrance.store.device_of(profile.endpoint_url or AWS_ITSELF, profile.access_key_id)
    return known is not None and (remembered is None or remembered.serial_number != known.serial_number)


def _shows_codes(standing: Standing, way: Way) -> bool:
    question = f"does your app show codes for `{standing.serial_number}`, which the profile names, already?"
    return way.open_terminal().confirm(question)


def _device_step(standing: Standing) -> Step:
    serial_number = standing.serial_number
    if standing.is_named_only:
        what = f"enrol an authenticator app, unless {serial_number} gives your codes"
        return Step(part=Part.DEVICE, status=Status.PERHAPS, what=what)
    if serial_number is not None:
        return Step(part=Part.DEVICE, status=Status.DONE, what=f"{serial_number} gives your codes")
    what = "enrol an authenticator app: scan a QR code, type two codes"
    if standing.may is not None and standing.may.undetermined:
        what += "\n              (AWS will say whether your policies allow it)"
    return Step(part=Part.DEVICE, status=Status.TODO, what=what)


def _session_step(standing: Standing) -> Step:
    if standing.session is not None:
        return Step(part=Part.SESSION, status=Status.DONE, what="you are signed in with a code")
    if standing.serial_number is None:
        what = "sign in with the second code: that shows that the device works"
        return Step(part=Part.SESSION, status=Status.TODO, what=what)
    unsure = standing.password is not Password.MUST_CHANGE
    status = Status.PERHAPS if unsure else Status.TODO
    return Step(part=Part.SESSION, status=status, what="sign in with a code, when one is needed")


def _password_step(standing: Standing, wanted: bool | None) -> Step:
    if wanted is False and standing.password is not Password.NONE:
        return Step(part=Part.PASSWORD, status=Status.DONE, what="the password stays, as you wished")
    match standing.password:
        case Password.NONE:
            status, what = Status.DONE, "you have no password for the console, so there is none to change"
        case Password.KEPT | Password.UNKNOWN if wanted:
            status, what = Status.TODO, "change the password, in the session that has MFA"
        case Password.KEPT:
            status, what = Status.DONE, "the password needs no change (`--change-password` changes it)"
        case Password.MUST_CHANGE:
            status, what = Status.TODO, "change the first password, in the session that has MFA"
        case Password.UNKNOWN:
            status = Status.PERHAPS
            what = "change the first password, if you were given one (AWS does not tell yet)"
    return Step(part=Part.PASSWORD, status=status, what=what)
