"""IAM's answers about policies and people: simulation, reports, and who was used last.

moto has them by half; here they come from the same users, keys, devices and policies that decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity import constraints
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.kept import Store
from watchword.sandbox.plane import context_keys
from watchword.sandbox.plane.account_details import AuthorizationDetails, check_filter
from watchword.sandbox.plane.account_summary import account_summary
from watchword.sandbox.plane.credential_report import CredentialReports
from watchword.sandbox.plane.credential_rows import Credentials
from watchword.sandbox.plane.last_used import LastUsed, key_last_used, mirror_role
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.plane.passwords import Passwords
from watchword.sandbox.plane.simulate import simulate_custom, simulate_principal
from watchword.sandbox.plane.simulate_context import check_types
from watchword.sandbox.wire.error import AwsError

Params = Mapping[str, Any]
Result = dict[str, Any]


class IamAnswers:
    """Answers `names`. Whoever calls holds the lock of IAM, and has had the call authorised.

    `account_created_at` is when the accounts began to be: that of root and of its key.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        devices: Devices,
        passwords: Passwords,
        last_used: LastUsed,
        account_created_at: datetime,
    ) -> None:
        self._clock = clock
        self._devices = devices
        self._passwords = passwords
        self._account_created_at = account_created_at
        self._last_used = last_used
        self._reports = CredentialReports(now=clock.now)
        self._operations: dict[str, Callable[[Params, MotoLookup], Result]] = {
            "GenerateCredentialReport": self._generate_report,
            "GetAccessKeyLastUsed": self._key_last_used,
            "GetAccountAuthorizationDetails": self._details,
            "GetAccountSummary": self._summary,
            "GetContextKeysForCustomPolicy": lambda params, _: context_keys.for_custom_policy(params),
            "GetContextKeysForPrincipalPolicy": context_keys.for_principal_policy,
            "GetCredentialReport": lambda _, directory: self._reports.get(directory.account),
            "SimulateCustomPolicy": simulate_custom,
            "SimulatePrincipalPolicy": simulate_principal,
        }

    def store(self) -> Store:
        """Return the credential reports, to be kept."""
        return self._reports.store()

    @property
    def names(self) -> frozenset[str]:
        """The operations that are answered here, named as in botocore."""
        return frozenset(self._operations)

    def call(self, operation: str, params: Params, directory: MotoLookup) -> Result:
        """Return the result of one of `names` in the account of `directory`.

        Raises AwsError in AWS's words, SandboxRefusal for what AWS would do and nobody knows how.
        """
        if operation == "SimulateCustomPolicy":
            # The model wants a list; AWS takes none, and denies (observed).
            params = {"PolicyInputList": (), **params}
        check_types(params.get("ContextEntries") or ())
        check_filter(params)
        constraints.check("iam", operation, params)
        return self._operations[operation](params, directory)

    def before(self, operation: str, params: Params, directory: MotoLookup) -> None:
        """Put into moto what it shows of a role's last use, before it answers."""
        role = directory.moto_role(params["RoleName"]) if operation == "GetRole" else None
        if role is not None:
            mirror_role(role, self._last_used.of_role(role.id, now=self._clock.now()))

    # --- one operation each ----------------------------------------------------------------------------

    def _generate_report(self, _params: Params, directory: MotoLookup) -> Result:
        credentials = Credentials(
            directory=directory,
            devices=self._devices,
            passwords=self._passwords,
            last_used=self._last_used,
            account_created_at=self._account_created_at,
        )
        return self._reports.generate(directory.account, credentials.rows)

    def _key_last_used(self, params: Params, directory: MotoLookup) -> Result:
        key_id = params["AccessKeyId"]
        owner = directory.key_owner(key_id)
        if owner is None:
            # Source: moto's text; AWS's own is not known.
            text = f"The Access Key with id {key_id} cannot be found"
            raise AwsError("NoSuchEntity", text, status=404)
        return {"UserName": owner, "AccessKeyLastUsed": key_last_used(self._last_used.of_key(key_id))}

    def _details(self, params: Params, directory: MotoLookup) -> Result:
        details = AuthorizationDetails(directory=directory, last_used=self._last_used, now=self._clock.now())
        return details.page(params)

    def _summary(self, _params: Params, directory: MotoLookup) -> Result:
        return {"SummaryMap": account_summary(directory, self._devices)}
