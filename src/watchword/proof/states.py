"""The states that a principal can be in: which credentials it can have, and what each says about MFA."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchword.iam import (
    DEFAULT_ASSUMPTIONS,
    Assumptions,
    CredentialKind,
    MfaState,
    PrincipalKind,
    mfa_state,
)

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal
    from watchword.account.snapshot import Snapshot


class Exists(enum.StrEnum):
    """Whether somebody can have a credential. What was not read is treated as if it existed."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One kind of credential of a principal, and what it says about MFA.

    - `mfa`: ABSENT, FALSE or TRUE; a contested state (`Assumptions`) is there once for each.
    - `name`: for people: `access key`, `session without MFA`.
    - `exists`, `why`: whether the principal has it, and how that is known.
    """

    mfa: MfaState
    credential: CredentialKind
    exists: Exists
    why: str
    name: str


_NAMES = {
    CredentialKind.ROOT_KEY: "access key",
    CredentialKind.ACCESS_KEY: "access key",
    CredentialKind.SESSION: "session without MFA",
    CredentialKind.SESSION_MFA: "session with MFA",
    CredentialKind.CONSOLE: "console without MFA",
    CredentialKind.CONSOLE_MFA: "console with MFA",
    CredentialKind.ROLE_SESSION: "role session",
}
_KNOWN = (MfaState.ABSENT, MfaState.FALSE, MfaState.TRUE)


def states_of(
    account: Account, principal: AccountPrincipal, assumptions: Assumptions = DEFAULT_ASSUMPTIONS
) -> tuple[State, ...]:
    """Return every state that a principal could have, those that nobody has among them (`Exists.NO`).

    Source: IAM User Guide, reference_policies_condition-keys; id_credentials_mfa (the console asks for a code
    when the user has a device; a security key makes no session for the CLI); STS API Reference,
    GetSessionToken (free for whoever has a key).
    """
    match principal.kind:
        case PrincipalKind.ROLE:
            why = "a session of the role, for whoever may assume it"
            return tuple(_states(CredentialKind.ROLE_SESSION, Exists.YES, why, assumptions))
        case PrincipalKind.ROOT:
            return tuple(_of_root(_Holdings.of_root(account.snapshot), assumptions))
        case _:
            return tuple(_of_user(_Holdings.of_user(account.snapshot, principal.name), assumptions))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holdings:
    """What somebody has to sign in with. None: the snapshot does not say."""

    key: bool | None
    password: bool | None
    device: bool | None
    """A device of any kind: with one, the console asks for a code."""
    code_device: bool | None
    """One that makes codes: a security key makes no session for the CLI."""

    @classmethod
    def of_user(cls, snapshot: Snapshot, name: str) -> _Holdings:
        keys, profiles = snapshot.access_keys, snapshot.login_profiles
        kinds = [each.kind for each in snapshot.mfa_devices or () if each.user == name]
        read = snapshot.is_read("mfa_devices", name)
        active = any(each.user == name and each.status == "Active" for each in keys or ())
        password = any(each.user == name for each in profiles or ())
        return cls(
            key=active or (False if snapshot.is_read("access_keys", name) else None),
            password=password or (False if snapshot.is_read("login_profiles", name) else None),
            device=bool(kinds) or (False if read else None),
            code_device=any(kind != "fido" for kind in kinds) or (False if read else None),
        )

    @classmethod
    def of_root(cls, snapshot: Snapshot) -> _Holdings:
        summary = snapshot.account_summary or {}
        report = _row_of_root(snapshot)
        active = _either(_told(report, "access_key_1_active"), _told(report, "access_key_2_active"))
        key = _active(_counted(summary, "AccountAccessKeysPresent"), active)
        password = _now(_counted(summary, "AccountPasswordPresent"), _told(report, "password_enabled"))
        device = _now(_counted(summary, "AccountMFAEnabled"), _told(report, "mfa_active"))
        devices = [each.kind for each in snapshot.mfa_devices or () if each.user == _ROOT]
        device = device or (True if devices else device)
        makes_codes = any(kind != "fido" for kind in devices)
        return cls(
            key=key,
            password=password,
            device=device,
            code_device=True if makes_codes else False if device is False else None,
        )


_ROOT = "<root_account>"


def _row_of_root(snapshot: Snapshot) -> dict[str, str]:
    rows = snapshot.credential_report or ()
    return next((row for row in rows if row.get("user") == _ROOT), {})


def _counted(summary: dict[str, int], name: str) -> bool | None:
    return None if name not in summary else summary[name] > 0


def _told(row: dict[str, str], name: str) -> bool | None:
    return {"true": True, "false": False}.get(row.get(name, "").lower())


def _either(one: bool | None, other: bool | None) -> bool | None:
    """Whether one of two says so; unknown only when neither says."""
    if one or other:
        return True
    return one if other is None else other


def _now(counted: bool | None, told: bool | None) -> bool | None:
    """What the summary counts is so now; a credential report may be four hours old.

    Source: IAM User Guide, id_credentials_getting-report.
    """
    return told if counted is None else counted


def _active(present: bool | None, active: bool | None) -> bool | None:
    """Whether root has an active key: the summary says that there is one, the report whether it is active.

    A key that is there and that the report calls inactive, or does not know, may have been made active since.
    """
    if present is None:
        return active
    return (True if active is None else active or None) if present else False


def _of_user(has: _Holdings, assumptions: Assumptions) -> Iterator[State]:
    yield from _with_key(has, CredentialKind.ACCESS_KEY, assumptions)
    yield from _with_password(has, assumptions)


def _of_root(has: _Holdings, assumptions: Assumptions) -> Iterator[State]:
    yield from _with_key(has, CredentialKind.ROOT_KEY, assumptions)
    yield from _with_password(has, assumptions)


def _with_key(has: _Holdings, kind: CredentialKind, assumptions: Assumptions) -> Iterator[State]:
    key = _exists(has.key)
    why = {
        Exists.YES: "there is an active access key",
        Exists.NO: "there is no active access key",
        Exists.UNKNOWN: "the snapshot does not say whether there is an access key",
    }[key]
    yield from _states(kind, key, why, assumptions)
    free = f"{why}, and GetSessionToken is free for whoever has one" if key is not Exists.NO else why
    yield from _states(CredentialKind.SESSION, key, free, assumptions)
    with_code, why_code = _both(key, why, _exists(has.code_device), "a device that makes codes")
    yield from _states(CredentialKind.SESSION_MFA, with_code, why_code, assumptions)


def _with_password(has: _Holdings, assumptions: Assumptions) -> Iterator[State]:
    password = _exists(has.password)
    why = {
        Exists.YES: "there is a console password",
        Exists.NO: "there is no console password",
        Exists.UNKNOWN: "the snapshot does not say whether there is a console password",
    }[password]
    if has.device:
        yield from _states(
            CredentialKind.CONSOLE, Exists.NO, "the console asks for MFA: there is a device", assumptions
        )
    else:
        no_device = Exists.YES if has.device is False else Exists.UNKNOWN
        state, why_not = _both(password, why, no_device, "no device")
        yield from _states(CredentialKind.CONSOLE, state, why_not, assumptions)
    state, why_mfa = _both(password, why, _exists(has.device), "a device")
    yield from _states(CredentialKind.CONSOLE_MFA, state, why_mfa, assumptions)


def _exists(fact: bool | None) -> Exists:
    return {True: Exists.YES, False: Exists.NO, None: Exists.UNKNOWN}[fact]


def _both(first: Exists, why: str, second: Exists, what: str) -> tuple[Exists, str]:
    """Whether two things that are both needed exist, and why."""
    if first is Exists.NO:
        return Exists.NO, why
    if second is Exists.NO:
        return Exists.NO, f"there is not {what}"
    if Exists.UNKNOWN in {first, second}:
        return Exists.UNKNOWN, why if first is Exists.UNKNOWN else f"the snapshot does not say of {what}"
    return Exists.YES, f"{why}, and {what}"


def _states(kind: CredentialKind, exists: Exists, why: str, assumptions: Assumptions) -> Iterator[State]:
    """One state, or where AWS is contested one for each that it may be."""
    mfa = mfa_state(kind, assumptions)
    found = (mfa,) if mfa is not MfaState.UNKNOWN else _contested(kind)
    for each in found:
        name = _NAMES[kind] if len(found) == 1 else f"{_NAMES[kind]} (if MFA is {each.value} in it)"
        yield State(mfa=each, credential=kind, exists=exists, why=why, name=name)


def _contested(kind: CredentialKind) -> tuple[MfaState, ...]:
    return _KNOWN[1:] if kind in {CredentialKind.ROLE_SESSION, CredentialKind.CONSOLE_MFA} else _KNOWN
