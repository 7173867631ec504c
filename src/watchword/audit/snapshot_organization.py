"""The organization that an account is in, and the policies that it sets, level by level."""

from __future__ import annotations

from typing import Any, Final, Literal

from watchword.account.snapshot import ControlPolicy, Level, Organization
from watchword.audit.asking import Asking, Paging

# Source: DescribeOrganization, AWS Organizations API Reference, "Errors".
_IN_NONE = frozenset({"AWSOrganizationsNotInUseException"})
_SCP: Final = "SERVICE_CONTROL_POLICY"
_RCP: Final = "RESOURCE_CONTROL_POLICY"
_KINDS: dict[str, Literal["root", "ou"]] = {"ROOT": "root", "ORGANIZATIONAL_UNIT": "ou"}


def _listing(members: str) -> Paging:
    return Paging(members=members, answered="NextToken", asked="NextToken", size=None)


class OrganizationParts:
    """Reads the organization of an account. `found` is None when it was not read."""

    def __init__(self, asking: Asking, account_id: str, *, from_elsewhere: bool) -> None:
        """Take the account, and whether somebody of another account asks for it."""
        self._asking = asking
        self._from_elsewhere = from_elsewhere
        self._account_id = account_id
        self.found: Organization | None = None

    def read(self) -> None:
        """Read it, as far as whoever asks may."""
        self._asking.told(
            self._organization,
            what="organization",
            leaves_open="whether the account is in an organization, whose SCPs and RCPs would limit it",
        )
        found = self.found
        if found is None or found.is_none:
            return
        self._asking.told(
            lambda: self._levels(found),
            what="organization",
            of=found.id,
            leaves_open="which SCPs and RCPs limit the account: the organization's management account, or one"
            " that it lets, may read them",
        )

    def _organization(self) -> None:
        if self._from_elsewhere:
            # Refused when the account is in another organization than whoever asks.
            self._asking.once("organizations", "DescribeAccount", AccountId=self._account_id)
        answer = self._asking.once("organizations", "DescribeOrganization", none=_IN_NONE)
        if answer is None:
            self.found = Organization(id=None)
            return
        organization = answer["Organization"]
        self.found = Organization(
            id=organization["Id"],
            management_account=organization.get("MasterAccountId"),
        )

    def _levels(self, found: Organization) -> None:
        roots = self._asking.listed("organizations", "ListRoots", _listing("Roots"))
        types = tuple(
            sorted(
                one["Type"]
                for root in roots
                for one in root.get("PolicyTypes") or ()
                if one["Status"] == "ENABLED"
            )
        )
        names = {root["Id"]: root.get("Name") for root in roots}
        path: list[Level] = []
        for kind, target in self._targets():
            path.append(self._level(kind, target, names.get(target), types))
        self.found = Organization(
            id=found.id,
            management_account=found.management_account,
            policy_types=types,
            path=tuple(path),
        )

    def _targets(self) -> list[tuple[Literal["root", "ou", "account"], str]]:
        """Return the levels from the root down to the account."""
        targets: list[tuple[Literal["root", "ou", "account"], str]] = [("account", self._account_id)]
        while targets[0][0] != "root":
            parents = self._asking.listed(
                "organizations", "ListParents", _listing("Parents"), ChildId=targets[0][1]
            )
            targets.insert(0, (_KINDS[parents[0]["Type"]], parents[0]["Id"]))
        return targets

    def _level(
        self,
        kind: Literal["root", "ou", "account"],
        target: str,
        name: str | None,
        types: tuple[str, ...],
    ) -> Level:
        return Level(
            id=target,
            name=self._name(kind, target) or name,
            kind=kind,
            scps=self._policies(target, _SCP) if _SCP in types else (),
            rcps=self._policies(target, _RCP) if _RCP in types else (),
        )

    def _name(self, kind: str, target: str) -> str | None:
        answer: dict[str, Any] = {}
        match kind:
            case "ou":
                answer = (
                    self._asking.once(
                        "organizations", "DescribeOrganizationalUnit", OrganizationalUnitId=target
                    )
                    or {}
                )
            case "account":
                answer = self._asking.once("organizations", "DescribeAccount", AccountId=target) or {}
        for described in answer.values():
            return str(described["Name"]) if "Name" in described else None
        return None

    def _policies(self, target: str, kind: str) -> tuple[ControlPolicy, ...]:
        listed = self._asking.listed(
            "organizations", "ListPoliciesForTarget", _listing("Policies"), TargetId=target, Filter=kind
        )
        return tuple(sorted((self._policy(entry) for entry in listed), key=lambda one: (one.name, one.id)))

    def _policy(self, entry: dict[str, Any]) -> ControlPolicy:
        answer = self._asking.once("organizations", "DescribePolicy", PolicyId=entry["Id"]) or {}
        return ControlPolicy(
            id=entry["Id"],
            arn=entry["Arn"],
            name=entry["Name"],
            document=answer["Policy"]["Content"],
        )
