"""What is asked once for a whole round: the account's virtual devices, and the names of its users."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping

from watchword.aws import Refusal, Signed, list_virtual_mfa_devices
from watchword.aws.password import PasswordRules, password_rules
from watchword.aws.users import list_users
from watchword.device.invite_person import NotChecked

_LAST_SUFFIX = 9


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What there is in an account, as far as whoever looks may see it.

    `devices_seen` is whether the virtual devices were listed at all. `assigned` says of which user (ARN) one
    is, by the device's name in lower case; `unassigned` are serial numbers. `user_names` and `password_rules`
    are None when they were not told.
    """

    devices_seen: bool
    assigned: Mapping[str, str]
    unassigned: tuple[str, ...]
    user_names: frozenset[str] | None
    password_rules: PasswordRules | None = None
    not_checked: tuple[NotChecked, ...] = ()

    def device_names(self, user_name: str, user_arn: str) -> tuple[str, ...]:
        """Return the names that enrolment tries for a user, in its order, but for those of others."""
        names = (user_name, *(f"{user_name}-{number}" for number in range(2, _LAST_SUFFIX + 1)))
        return tuple(name for name in names if self.assigned.get(name.casefold(), user_arn) == user_arn)

    def leftovers_named(self, device_name: str) -> tuple[str, ...]:
        """Return the unassigned devices of that name; names ignore case and path."""
        wanted = device_name.casefold()
        return tuple(each for each in self.unassigned if name_of(each).casefold() == wanted)

    def near(self, user_name: str) -> str | None:
        """Return the user who may be meant by a name that nobody has."""
        known = {name.casefold(): name for name in self.user_names or ()}
        exact = known.get(user_name.casefold())
        if exact is not None:
            return exact
        found = difflib.get_close_matches(user_name.casefold(), known, n=2, cutoff=0.8)
        return known[found[0]] if len(found) == 1 else None  # of several, any would be a guess


def name_of(serial_number: str) -> str:
    """Return the name of a virtual device, without its path."""
    return serial_number.rpartition("/")[2]


def look_at_account(signed: Signed) -> AccountFacts:
    """Ask for what a round needs once; what is refused is noted. Raises what is no lack of a permission."""
    not_checked: list[NotChecked] = []
    seen = True
    try:
        devices = list_virtual_mfa_devices(signed)
    except Refusal as refusal:
        devices, seen = (), False
        not_checked.append(_refused(refusal, "leftover devices, and whose device has which name"))
    try:
        rules = password_rules(signed)
    except Refusal as refusal:
        rules = None
        not_checked.append(_refused(refusal, "the account's rules for passwords"))
    try:
        names = frozenset(user.name for user in list_users(signed))
    except Refusal as refusal:
        names = None
        not_checked.append(_refused(refusal, "the names of all users"))
    return AccountFacts(
        devices_seen=seen,
        assigned={
            name_of(each.serial_number).casefold(): each.user_arn
            for each in devices
            if each.user_arn is not None
        },
        unassigned=tuple(each.serial_number for each in devices if each.user_arn is None),
        user_names=names,
        password_rules=rules,
        not_checked=tuple(not_checked),
    )


def _refused(refusal: Refusal, what: str) -> NotChecked:
    if refusal.code != "AccessDenied":
        raise refusal
    return NotChecked(what=what, operation=refusal.operation)
