"""What a schema cannot say of a scenario: names that stand for nothing, and names that are the same.

Whether something of a name is there is asked of the file as it is written: what has a wrong shape is left out
of the scenario, but not missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from watchword.account.written import Path, Written
from watchword.sandbox.scenario.errors import ScenarioProblem
from watchword.sandbox.scenario.model import DeviceKind, PlannedAccount, Scenario

_ROOT_PROFILE: Final = "root"
_MOST_ATTACHED: Final = 10
"""Managed policies attached to one user, group or role. Source: reference_iam-quotas."""


def reference_problems(scenario: Scenario, written: Written) -> Iterator[ScenarioProblem]:
    """Yield what is wrong between the parts of a scenario."""
    for account, path in _accounts(scenario):
        yield from _policies(account, path, written)
        yield from _groups(account, path, written)
        for kind, holders in (("groups", account.groups), ("users", account.users), ("roles", account.roles)):
            yield from _same_names(kind, [holder.name for holder in holders], path, written)
        yield from _same_names("policies", account.policies, path, written)
        yield from _passwords(account, path, written)
    yield from _organization(scenario, written)
    yield from _profiles(scenario, written)
    yield from _devices(scenario, written)


def _accounts(scenario: Scenario) -> Iterator[tuple[PlannedAccount, Path]]:
    yield scenario.home, ()
    for account in scenario.accounts:
        assert account.name is not None  # noqa: S101 - only the sandbox's own account has none
        yield account, ("accounts", account.name)


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    expected = ", ".join(f"`{each}`" for each in known) if known else "none are here"
    return f"`{name}` is no {what} of this scenario: {'expected ' if known else ''}{expected}"


def _policies(account: PlannedAccount, path: Path, written: Written) -> Iterator[ScenarioProblem]:
    def check(name: str, place: Path) -> Iterator[ScenarioProblem]:
        if not name.startswith("arn:") and (*path, "policies", name) not in written.keys:
            hint = "; a policy of AWS's is named by its ARN, arn:aws:iam::aws:policy/…"
            yield written.problem(place, _unknown("policy", name, account.policies) + hint)

    for kind, holders in (("groups", account.groups), ("users", account.users), ("roles", account.roles)):
        for holder in holders:
            below = (*path, kind, holder.name)
            for index, name in enumerate(holder.policies):
                yield from check(name, (*below, "policies", index))
            if len(holder.policies) > _MOST_ATTACHED:
                yield written.problem((*below, "policies"), f"expected at most {_MOST_ATTACHED} policies")
    for kind, bounded in (("users", account.users), ("roles", account.roles)):
        for each in bounded:
            if each.boundary is not None:
                yield from check(each.boundary, (*path, kind, each.name, "boundary"))


def _groups(account: PlannedAccount, path: Path, written: Written) -> Iterator[ScenarioProblem]:
    known = [group.name for group in account.groups]
    for user in account.users:
        for index, name in enumerate(user.groups):
            if (*path, "groups", name) not in written.keys:
                place = (*path, "users", user.name, "groups", index)
                yield written.problem(place, _unknown("group", name, known))


def _same_names(kind: str, names: Iterable[str], path: Path, written: Written) -> Iterator[ScenarioProblem]:
    """Source: reference_iam-quotas ("Names … must be unique within the account … not … by case")."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            message = f"`{name}` and `{other}` are the same name to IAM, which ignores case"
            yield written.problem((*path, kind, name), message, key=True)


def _passwords(account: PlannedAccount, path: Path, written: Written) -> Iterator[ScenarioProblem]:
    for user in account.users:
        if user.password_reset_required and user.password is None:
            place = (*path, "users", user.name, "password_reset_required")
            yield written.problem(place, "there is no `password` to be changed", key=True)


def _organization(scenario: Scenario, written: Written) -> Iterator[ScenarioProblem]:
    units = [unit.name for unit in scenario.units]
    known = scenario.service_control_policies

    def scps(names: Iterable[str], path: Path) -> Iterator[ScenarioProblem]:
        for index, name in enumerate(names):
            if ("service_control_policies", name) not in written.keys:
                yield written.problem((*path, index), _unknown("service control policy", name, known))

    yield from scps(scenario.root_service_control_policies, ("organization", "scps"))
    for position, unit in enumerate(scenario.units):
        path: Path = ("organization", "units", unit.name)
        yield from scps(unit.service_control_policies, (*path, "scps"))
        if unit.parent is not None and unit.parent not in units[:position]:
            why = "a unit stands after the one that it belongs to"
            message = why if _is_unit(unit.parent, written) else _unknown("unit", unit.parent, units)
            yield written.problem((*path, "parent"), message)
    seen: set[str] = set()
    for account in scenario.accounts:
        path = ("accounts", account.name or "")
        yield from scps(account.service_control_policies, (*path, "scps"))
        if account.unit is not None and not _is_unit(account.unit, written):
            yield written.problem((*path, "unit"), _unknown("unit", account.unit, units))
        if account.id in seen:
            yield written.problem((*path, "id"), f"`{account.id}` is another account's number already")
        seen.add(account.id or "")


def _is_unit(name: str, written: Written) -> bool:
    return ("organization", "units", name) in written.keys


def _profiles(scenario: Scenario, written: Written) -> Iterator[ScenarioProblem]:
    taken = {_ROOT_PROFILE: "root"}
    for account, path in _accounts(scenario):
        if account.name is not None:
            taken.setdefault(account.profile("root"), f"root of {account.name}")
        for user in account.users:
            for number in range(1, user.access_keys + 1):
                profile = account.profile(user.name, number)
                if profile in taken:
                    message = f"the profile `{profile}` would be that of {taken[profile]} too"
                    yield written.problem((*path, "users", user.name), message, key=True)
                taken.setdefault(profile, f"user {user.name}")


def _devices(scenario: Scenario, written: Written) -> Iterator[ScenarioProblem]:
    for account, path in _accounts(scenario):
        names: set[tuple[DeviceKind, str]] = set()
        holders = [((*path, "root"), account.root_devices)]
        holders += [((*path, "users", user.name), user.devices) for user in account.users]
        for below, devices in holders:
            for index, device in enumerate(devices):
                # Security keys are told apart by what AWS adds to the name.
                if (device.kind, device.name) in names and device.kind is not DeviceKind.SECURITY_KEY:
                    message = f"`{device.name}` is another device's name already"
                    yield written.problem((*below, "devices", index), message)
                names.add((device.kind, device.name))
