"""Read an account as it is: one snapshot, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from watchword.account.read import not_read
from watchword.account.snapshot import Snapshot, Unread, User
from watchword.audit.asking import Asking, Calls, Progress
from watchword.audit.kept_answers import Answers
from watchword.audit.snapshot_account import AccountParts
from watchword.audit.snapshot_organization import OrganizationParts
from watchword.audit.snapshot_resources import ResourceParts
from watchword.audit.snapshot_users import Credentials
from watchword.aws import Identity

_BY_USER: Final = {
    "login_profiles": "who has a console password",
    "access_keys": "who has an access key",
    "mfa_devices": "who has a device that is not a virtual one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be read beside the account itself.

    `regions` is None for all that are enabled; `organization_as` signs what is asked of Organizations, None
    when whoever reads the account asks that too.
    """

    resources: bool = False
    regions: tuple[str, ...] | None = None
    organization_as: Calls | None = None


def take_snapshot(
    calls: Calls,
    identity: Identity,
    *,
    wanted: Wanted,
    region: str | None,
    answers: Answers,
    taken_at: datetime,
    version: str,
    progress: Progress,
    wait: Callable[[float], object],
) -> Snapshot:
    """Return the account of `identity`, whose credentials `calls` sign with.

    `region` is the profile's; `answers` holds what an earlier run was told; `version` is that of Watchword.
    `progress` gets the calls that were answered and those known of, from any thread, one at a time; `wait`
    takes seconds.
    Raises `Refusal` when GetAccountAuthorizationDetails is refused, when AWS goes on throttling or the
    session has ended, and `Unreachable`.
    """
    elsewhere = wanted.organization_as
    asking = Asking(calls if elsewhere is None else _Split(calls, elsewhere), answers, progress)
    account = AccountParts(asking, wait=wait)
    credentials = Credentials(asking)
    organization = OrganizationParts(asking, identity.account, from_elsewhere=elsewhere is not None)
    resources = ResourceParts(
        asking,
        account_id=identity.account,
        partition=identity.partition,
        region=region,
        regions=wanted.regions,
    )
    # First and alone: without it there is nothing to say, and one denial is enough.
    asking.all_of([account.details])
    asking.expect(len(credentials.of_each(account.users)))
    first = [*account.parts(), *credentials.of_account(root_asks=identity.is_root), organization.read]
    asking.all_of([*first, resources.read_regions] if wanted.resources else first)
    second = [*credentials.of_each(account.users), *account.missing_policies()]
    asking.all_of([*second, *resources.lists()] if wanted.resources else second)
    if wanted.resources:
        asking.all_of(resources.policies())
    unread = list(asking.unread())
    by_user = {
        "login_profiles": credentials.login_profiles(),
        "access_keys": credentials.access_keys(),
        "mfa_devices": credentials.mfa_devices(),
    }
    fields, unread = _as_one(by_user, unread, account.users)
    if not wanted.resources:
        unread += not_read("NotAsked", ("resource_policies",))
    return Snapshot(
        watchword=version,
        account_id=identity.account,
        partition=identity.partition,
        alias=account.alias,
        taken_at=taken_at,
        taken_by=identity.arn,
        source="read",
        users=account.users,
        groups=account.groups,
        roles=account.finished_roles(),
        policies=tuple(account.policies[arn] for arn in sorted(account.policies)),
        **fields,
        unassigned_devices=credentials.unassigned_devices(),
        credential_report=account.report,
        credential_report_at=account.report_at,
        account_summary=account.summary,
        password_policy=account.password_policy,
        organization=organization.found,
        resource_policies=resources.found() if wanted.resources else None,
        unread=tuple(unread),
    )


class _Split:
    """Calls of Organizations by somebody else."""

    def __init__(self, calls: Calls, organization: Calls) -> None:
        self._calls = calls
        self._organization = organization

    def call(
        self,
        service: str,
        operation: str,
        *,
        region: str | None = None,
        **params: Any,  # noqa: ANN401 AWS's own shapes
    ) -> dict[str, Any]:
        """Call an operation by AWS's names."""
        calls = self._organization if service == "organizations" else self._calls
        return calls.call(service, operation, region=region, **params)


def _as_one(
    fields: dict[str, Any], unread: list[Unread], users: tuple[User, ...]
) -> tuple[dict[str, Any], list[Unread]]:
    """Say once what was refused of every user; what was told in another way (virtual devices) stays."""
    refused = Counter(one.what for one in unread if one.what in _BY_USER)
    for what, leaves_open in _BY_USER.items():
        if not users or refused[what] < len(users):
            continue
        its = [one for one in unread if one.what == what]
        unread = [one for one in unread if one.what != what]
        unread.append(
            Unread(what=what, code=its[0].code, operation=its[0].operation, leaves_open=leaves_open)
        )
        if not fields[what]:
            fields = {**fields, what: None}
    return fields, sorted(unread, key=lambda one: (one.what, one.of or ""))
