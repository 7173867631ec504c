"""One person looked at: do they exist, what do they have, and may they enrol?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from watchword.aws import Identity, Refusal, Signed
from watchword.aws.password import login_profile
from watchword.aws.user_policies import PolicyReader
from watchword.aws.users import active_access_keys
from watchword.device.invite_account import AccountFacts
from watchword.device.invite_person import (
    Finding,
    NotChecked,
    Password,
    Person,
    Standing,
    Way,
)
from watchword.device.invite_verdict import Held, Names, verdict
from watchword.device.own import OwnDevice, devices_of
from watchword.device.owner import Owner

_Value = TypeVar("_Value")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Looks at one person after the other, from any thread. Changes nothing."""

    signed: Signed
    identity: Identity
    facts: AccountFacts
    now: Callable[[], datetime]
    policies: PolicyReader

    def at(self, person: Person) -> Finding:
        """Return what is found; raise `RoundStopped`."""
        return _Looking(look=self, person=person, not_checked=[]).finding()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Looking:
    look: Look
    person: Person
    not_checked: list[NotChecked]

    def finding(self) -> Finding:
        account, person = self.look.identity.account, self.person
        if person.account not in {None, account}:
            return self._found(
                Standing.NO_SUCH_USER, reasons=(f"the list names a user of account {person.account}",)
            )
        try:
            devices = self._asked("the devices", lambda: devices_of(self.look.signed, person.user_name))
        except _NobodyError:
            return self._found(Standing.NO_SUCH_USER, reasons=(self._nobody(),))
        if devices is None:
            # Without the devices, whether a person has enrolled is not known, nor what they have to do.
            return self._found(Standing.NOT_KNOWN, reasons=("their devices could not be looked at",))
        if any(each.kind.usable_for_cli for each in devices):
            return self._found(Standing.ENROLLED, devices=devices)
        try:
            return self._of_unenrolled(devices)
        except _NobodyError:
            return self._found(Standing.NO_SUCH_USER, reasons=("the user was removed a moment ago",))

    def _of_unenrolled(self, devices: tuple[OwnDevice, ...]) -> Finding:
        user_name = self.person.user_name
        keys = self._asked("the access keys", lambda: active_access_keys(self.look.signed, user_name))
        password = self._password(user_name)
        about: dict[str, Any] = {"devices": devices, "active_keys": keys, "password": password}
        if devices:
            return self._found(Standing.FIDO_ONLY, way=Way.CONSOLE, **about)
        policies = self.look.policies.of_user(user_name)
        self.not_checked.extend(
            NotChecked(what=each.what, operation=each.operation) for each in policies.unread
        )
        identity = self.look.identity
        arn = policies.arn or f"arn:{identity.partition}:iam::{identity.account}:user/{user_name}"
        owner = Owner(arn=arn, user_name=user_name, account=identity.account, partition=identity.partition)
        held = Held(active_keys=keys, password=password, rules=self.look.facts.password_rules)
        found = verdict(policies, owner, held, self._names(arn))
        return self._found(
            found.standing, way=found.way, reasons=found.reasons, remarks=found.remarks, **about
        )

    def _names(self, arn: str) -> Names:
        facts, user_name = self.look.facts, self.person.user_name
        free = facts.device_names(user_name, arn)
        leftovers = facts.leftovers_named(free[0]) if free else ()
        return Names(free=free, leftover=next(iter(leftovers), None))

    def _password(self, user_name: str) -> Password:
        try:
            found = login_profile(self.look.signed, user_name)
        except Refusal as refusal:
            self.not_checked.append(NotChecked(what="the console password", operation=refusal.operation))
            return Password.NOT_KNOWN
        if found is None:
            return Password.NONE
        return Password.MUST_CHANGE if found.must_change else Password.SET

    def _asked(self, what: str, ask: Callable[[], _Value]) -> _Value | None:
        """Return the answer; None, and a note, when AWS refuses it. Raises `_NobodyError`."""
        try:
            return ask()
        except Refusal as refusal:
            if refusal.code == "NoSuchEntity":
                raise _NobodyError from None
            self.not_checked.append(NotChecked(what=what, operation=refusal.operation))
            return None

    def _nobody(self) -> str:
        near = self.look.facts.near(self.person.user_name)
        asked = f": is it `{near}`?" if near else ""
        return f"account {self.look.identity.account} has no such user{asked}"

    def _found(self, standing: Standing, **about: Any) -> Finding:  # noqa: ANN401 the fields of a finding
        return Finding(
            user_name=self.person.user_name,
            standing=standing,
            checked_at=self.look.now(),
            not_checked=tuple(self.not_checked),
            **about,
        )


class _NobodyError(Exception):
    """AWS knows no entity of that name."""
