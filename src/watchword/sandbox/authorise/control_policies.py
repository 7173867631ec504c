"""The policies of an organization that bind an account: level by level, compiled.

Source: AWS Organizations User Guide, orgs_manage_policies_scps_evaluation and orgs_manage_policies_rcps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from watchword.iam.policy import PolicyKind
from watchword.iam.policy_set import Levels
from watchword.sandbox.authorise.layers import Layered
from watchword.sandbox.authorise.policies import PolicyCache
from watchword.sandbox.authorise.store import Document


class ControlPolicyStore(Protocol):
    """Whoever keeps the policies of the organizations.

    Each answer has the policies of the organization's root first, then those of each organizational unit on
    the way down, then the account's own. It is empty where none apply: the account is in no organization,
    or is the one that manages it, or policies of this type are not enabled.
    """

    def service_control(self, account: str) -> Sequence[Sequence[Document]]: ...
    def resource_control(self, account: str) -> Sequence[Sequence[Document]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPolicies:
    """What binds the principals of an account (`service_control`) and its resources (`resource_control`).

    `keys` are the condition keys in them, in lower case.
    """

    service_control: Levels
    resource_control: Levels
    keys: frozenset[str]


class ControlPolicyReader:
    """Reads the policies as they are now. Any thread may use it; each document is compiled once."""

    def __init__(self, *, store: ControlPolicyStore) -> None:
        self._store = store
        self._cache = PolicyCache()

    def of(self, account: str) -> ControlPolicies:
        """Return what the organization of an account has to say of it."""
        service_control, keys = self._read(self._store.service_control(account), PolicyKind.SERVICE_CONTROL)
        resource_control, more = self._read(
            self._store.resource_control(account), PolicyKind.RESOURCE_CONTROL
        )
        return ControlPolicies(
            service_control=service_control, resource_control=resource_control, keys=keys | more
        )

    def onto(self, layered: Layered, *, caller_account: str, resource_account: str | None) -> Layered:
        """Return the policies of a question under those of the caller's and of the resource's account."""
        of_caller = self.of(caller_account)
        same = resource_account in (None, caller_account)
        of_resource = of_caller if same else self.of(str(resource_account))
        if not of_caller.service_control and not of_resource.resource_control:
            return layered
        return Layered(
            set=replace(
                layered.set,
                service_control=of_caller.service_control,
                resource_control=of_resource.resource_control,
            ),
            keys=layered.keys | of_caller.keys | of_resource.keys,
        )

    def _read(self, levels: Sequence[Sequence[Document]], kind: PolicyKind) -> tuple[Levels, frozenset[str]]:
        read = [
            [self._cache.read(name=document.name, text=document.text, kind=kind) for document in level]
            for level in levels
        ]
        keys = frozenset[str]().union(*(each.keys for level in read for each in level))
        return tuple(tuple(each.compiled for each in level) for level in read), keys
