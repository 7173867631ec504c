"""What a principal has to sign in with, as the snapshot of its account tells it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from watchword.account.model import AccountPrincipal
from watchword.account.snapshot import ROOT_USER, Snapshot
from watchword.iam import PrincipalKind
from watchword.proof.result import Known, ProvedDevice, ProvedKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """Keys and devices are None, and the console is `unknown`, where the snapshot does not say."""

    console: Known
    keys: tuple[ProvedKey, ...] | None
    devices: tuple[ProvedDevice, ...] | None


_NOTHING = Holds(console=Known.NO, keys=(), devices=())


class Holdings:
    """All of one account, by user."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._passwords = {each.user for each in snapshot.login_profiles or ()}
        self._keys: defaultdict[str, list[ProvedKey]] = defaultdict(list)
        for key in snapshot.access_keys or ():
            last = key.last_used.at if key.last_used else None
            shown = ProvedKey(id=key.id, active=key.status == "Active", created=key.created, last_used=last)
            self._keys[key.user].append(shown)
        self._devices: defaultdict[str, list[ProvedDevice]] = defaultdict(list)
        for device in snapshot.mfa_devices or ():
            if device.user is not None:
                self._devices[device.user].append(ProvedDevice(serial=device.serial, kind=device.kind))

    def of(self, principal: AccountPrincipal) -> Holds:
        """Return what a principal has; a role has nothing of its own."""
        match principal.kind:
            case PrincipalKind.ROLE:
                return _NOTHING
            case PrincipalKind.ROOT:
                return self._of_root()
            case _:
                return self._of_user(principal.name)

    def _of_user(self, name: str) -> Holds:
        known = self._snapshot.is_read
        password = Known.NO if known("login_profiles", name) else Known.UNKNOWN
        return Holds(
            console=Known.YES if name in self._passwords else password,
            keys=tuple(self._keys[name]) if self._keys[name] or known("access_keys", name) else None,
            devices=tuple(self._devices[name]) if self._devices[name] or known("mfa_devices", name) else None,
        )

    def _of_root(self) -> Holds:
        """Root's keys have no ids that AWS tells: whether there are any is in the account's summary."""
        summary = self._snapshot.account_summary or {}
        devices = tuple(self._devices[ROOT_USER])
        password = summary.get("AccountPasswordPresent")
        enabled = summary.get("AccountMFAEnabled")
        if enabled and not devices and self._snapshot.is_read("mfa_devices", ROOT_USER):
            # All virtual devices are listed, root's among them: it has one of another kind.
            devices = (ProvedDevice(serial="", kind="hardware or fido"),)
        none = enabled == 0
        keys = tuple(self._keys[ROOT_USER])
        return Holds(
            console=Known.UNKNOWN if password is None else Known.YES if password else Known.NO,
            keys=keys if keys or summary.get("AccountAccessKeysPresent") == 0 else None,
            devices=devices if devices or none else None,
        )
