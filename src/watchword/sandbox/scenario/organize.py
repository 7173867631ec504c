"""The organization of a scenario: units, accounts in them, and service control policies.

The policies come last: they bind the very roots that fill the accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Final

from watchword.sandbox.scenario.model import Scenario

_TYPE: Final = "SERVICE_CONTROL_POLICY"


def organize(
    scenario: Scenario,
    organizations: Any,  # noqa: ANN401 - a client of boto3's
    *,
    at: Callable[[str], AbstractContextManager[None]],
) -> None:
    """Make the units, move the accounts there, and attach the service control policies.

    `organizations` is a client of the management account; `at` says which place in the file a refusal is for.
    """
    root = organizations.list_roots()["Roots"][0]["Id"]
    targets: dict[str | None, str] = {None: root}
    for unit in scenario.units:
        with at(unit.where):
            made = organizations.create_organizational_unit(ParentId=targets[unit.parent], Name=unit.name)
            targets[unit.name] = made["OrganizationalUnit"]["Id"]
    for account in scenario.accounts:
        if account.unit is not None:
            with at(account.where):
                organizations.move_account(
                    AccountId=account.id, SourceParentId=root, DestinationParentId=targets[account.unit]
                )
    if not scenario.service_control_policies:
        return
    policies = _policies(scenario, organizations, root, at=at)

    def attach(names: Iterable[str], target: str, where: str) -> None:
        for name in names:
            with at(where):
                organizations.attach_policy(PolicyId=policies[name], TargetId=target)

    for account in scenario.accounts:
        attach(account.service_control_policies, account.id or "", account.where)
    for unit in scenario.units:
        attach(unit.service_control_policies, targets[unit.name], unit.where)
    attach(scenario.root_service_control_policies, root, scenario.home.where)


def _policies(
    scenario: Scenario,
    organizations: Any,  # noqa: ANN401 - as above
    root: str,
    *,
    at: Callable[[str], AbstractContextManager[None]],
) -> dict[str, str]:
    """Enable service control policies and make those of the scenario; return their IDs by name."""
    enabled = organizations.list_roots()["Roots"][0].get("PolicyTypes", [])
    if not any(each["Type"] == _TYPE for each in enabled):
        with at(scenario.home.where):
            organizations.enable_policy_type(RootId=root, PolicyType=_TYPE)
    made = {}
    for name, document in scenario.service_control_policies.items():
        with at(document.where):
            policy = organizations.create_policy(Name=name, Description="", Content=document.text, Type=_TYPE)
            made[name] = policy["Policy"]["PolicySummary"]["Id"]
    return made
