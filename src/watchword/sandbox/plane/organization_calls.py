"""Calls to Organizations, run in moto: the accounts that they make are accounts of the sandbox."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from watchword.sandbox.accounts import Account, Accounts
from watchword.sandbox.identity import constraints
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.plane import organization_rules
from watchword.sandbox.plane.managed_policies import load_into
from watchword.sandbox.plane.moto import Moto
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.organization_members import found_organization, join, own_by_aws
from watchword.sandbox.plane.organizations import backend_of, membership
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.render import WireResponse
from watchword.sandbox.wire.request import WireRequest

ACCESS_ROLE: Final = "OrganizationAccountAccessRole"
_ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"


class OrganizationCalls:
    """The calls, one at a time: an organization never looks half changed. Thread-safe."""

    def __init__(self, *, moto: Moto, accounts: Accounts) -> None:
        self._moto = moto
        self._accounts = accounts
        self._lock = threading.RLock()

    def run(
        self, operation: Operation, request: WireRequest, caller: Caller, *, account: str
    ) -> WireResponse:
        """Run an authorised call in `account`. Raises AwsError, SandboxRefusal."""
        constraints.check("organizations", operation.name, operation.params)
        with self._lock:
            backend = backend_of(account)
            if backend is not None:
                organization_rules.before(operation.name, operation.params, backend)
            with self._next_number(self._accounts.free_number()) as number:
                response = self._moto.run(
                    request, operation, access_key_id=caller.access_key_id, account=account
                )
            if response.status < 300:
                self._finish(operation, account, number)
            return response

    def join(self, account: Account) -> None:
        """Make an account a member of the home account's organization, which gets one if it has none.

        Raises ValueError when the account is in an organization already.
        """
        with self._lock, self._next_number(self._accounts.free_number()) as number:
            if backend_of(self._accounts.home.id) is None:
                found_organization(self._accounts.home.id)
            join(account.id, manager=self._accounts.home.id, name=account.name, email=account.email)
            _forget_stray(number)

    def refuse_without_manager(self) -> None:
        """Raise ValueError when the home account is a member of somebody else's organization."""
        backend = backend_of(self._accounts.home.id)
        if backend is not None and backend.org.master_account_id != self._accounts.home.id:
            raise ValueError("the sandbox's first account is in an organization that it does not manage")

    def path_of(self, account: str) -> str | None:
        """Return an account's place, as `aws:PrincipalOrgPaths` has it; None outside any organization."""
        found = membership(account)
        return None if found is None else found.path

    def _finish(self, operation: Operation, account: str, number: str) -> None:
        backend = backend_of(account)
        if operation.name == "CreateOrganization":
            _forget_stray(number)
            own_by_aws(backend)
        elif operation.name == "CreateAccount":
            self._adopt(backend.accounts[-1], operation.params.get("RoleName") or ACCESS_ROLE)
        elif backend is not None:
            organization_rules.after(operation.name, operation.params, backend)

    def _adopt(self, made: MotoObject, role_name: str) -> Account:
        """Make an account of the sandbox of moto's; the role in it may do everything, as AWS's may.

        Source: orgs_manage_accounts_access-cross-account-role.
        """
        account = self._accounts.create(made.id, name=made.name, email=made.email, with_key=False)
        with self._moto.iam_lock:
            backend = account.directory.backend
            account.directory.moto_role(role_name).path = "/"
            load_into(backend)
            backend.attach_role_policy(_ADMINISTRATOR, role_name)
        return account

    @contextmanager
    def _next_number(self, number: str) -> Iterator[str]:
        """Have moto give this number to the account that it makes next. The lock is held."""
        from moto.organizations import utils

        names = vars(utils)
        own = names["make_random_account_id"]
        names["make_random_account_id"] = lambda: number
        try:
            yield number
        finally:
            names["make_random_account_id"] = own


def _forget_stray(number: str) -> None:
    """Drop the IAM of an account that moto made up, and gave a role, before it knew the right number."""
    from moto.iam.models import iam_backends

    iam_backends.pop(number, None)
