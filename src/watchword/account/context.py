"""What is the same in every request of a principal: the condition keys that follow from who it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from watchword.iam import UNKNOWN, ContextValue, PrincipalKind, PrincipalType, principal_context
from watchword.iam.context import fold

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal
    from watchword.iam import CompiledPolicy

_TAG: Final = "aws:PrincipalTag/"
_TAG_LOWER: Final = _TAG.lower()
_ABSENT: Final = ()

_OF_SESSIONS_OF_ROLES: Final = (
    "aws:AssumedRoot",
    "aws:ChatbotSourceArn",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:FederatedProvider",
    "aws:SourceIdentity",
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:CredentialIssuingService",
    "glue:RoleAssumedBy",
    "identitystore:UserId",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
)
"""Keys that AWS sends for sessions of roles only (`aws:AssumedRoot`: of root, made by AssumeRoot).

Source: IAM User Guide, reference_policies_condition-keys, properties of a role session.
"""

_OF_ORGANIZATIONS: Final = (
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgMasterAccount",
    "aws:PrincipalOrgPaths",
)

_OF_SERVICES: Final = ("aws:PrincipalServiceName", "aws:PrincipalServiceNamesList")


class KnownContext(dict[str, ContextValue]):
    """A context in which a key that is not given is free: the caller may choose it, or bring it about.

    An empty tuple says that a key is surely absent, `UNKNOWN` that nobody here can tell.

    `open_tags`: what `aws:PrincipalTag/…` holds under a key that is not given: surely nothing (False), or
    whatever was passed when the session was made (True).
    """

    __slots__ = ("_folded", "open_tags")

    def __init__(self, keys: Mapping[str, ContextValue], *, open_tags: bool) -> None:
        super().__init__(keys)
        self.open_tags = open_tags
        self._folded: dict[str, ContextValue] | None = None

    def update(self, keys: Mapping[str, ContextValue]) -> None:  # type: ignore[override]  # only this form
        """Take over keys, as of a session of the role."""
        super().update(keys)
        self._folded = None

    def says(self, key: str) -> ContextValue | None:
        """Return what is known of a key, in any spelling of upper and lower case.

        Its value; `()` when it is surely absent; `UNKNOWN` when nobody here can tell; None when it is free.
        """
        if self._folded is None:
            gone: dict[str, ContextValue] = {name.lower(): _ABSENT for name in self if self[name] == _ABSENT}
            self._folded = {**gone, **fold(self)}
        folded = key.lower()
        found = self._folded.get(folded)
        if found is None and folded.startswith(_TAG_LOWER):
            return UNKNOWN if self.open_tags else _ABSENT
        return found


def known(account: Account, principal: AccountPrincipal) -> KnownContext:
    """Return what is fixed for every request of a principal of an account.

    The keys of `iam.principal_context`, its tags, and its organization. The MFA keys, `aws:TokenIssueTime`
    and whatever else the credential brings are those of a state, and not here.

    A user's tags are all there are. A session of a role has the role's, and tags of its own when the trust
    policy lets anybody pass some (`sts:TagSession`): these come before the role's.

    Source: IAM User Guide, reference_policies_condition-keys (properties of the principal) and
    id_session-tags.
    """
    keys: dict[str, ContextValue] = dict(principal_context(principal.principal))
    keys.update(dict.fromkeys(_OF_SERVICES, _ABSENT))
    keys.update(_organization(account))
    open_tags = False
    if principal.kind is PrincipalKind.ROLE:
        in_force = account.attached(principal.arn).trust
        trust = None if in_force is None else in_force.compiled
        open_tags = _lets(trust, "tagsession")
        keys.update(_of_session(trust))
    else:
        keys.update(dict.fromkeys(_OF_SESSIONS_OF_ROLES, _ABSENT))
    for name, value in principal.tags.items():
        keys[f"{_TAG}{name}"] = UNKNOWN if open_tags else value
    return KnownContext(keys, open_tags=open_tags)


def _of_session(trust: CompiledPolicy | None) -> dict[str, ContextValue]:
    """Return what a session of the role surely does not carry, given who may make one, and how."""
    keys: dict[str, ContextValue] = {"aws:AssumedRoot": _ABSENT}
    if not _lets(trust, "setsourceidentity"):
        keys["aws:SourceIdentity"] = _ABSENT
    if trust is not None and not _names_provider(trust):
        keys["aws:FederatedProvider"] = _ABSENT
    return keys


def _lets(trust: CompiledPolicy | None, operation: str) -> bool:
    """Whether a trust policy allows an action of STS to anybody; one that is not known may."""
    return trust is None or any(not rule.deny and operation in rule.actions.of("sts") for rule in trust.rules)


def _names_provider(trust: CompiledPolicy) -> bool:
    named = (each for statement in trust.policy.statements for each in statement.principals or ())
    return any(each.type in {PrincipalType.FEDERATED, PrincipalType.ANYONE} for each in named)


def _organization(account: Account) -> dict[str, ContextValue]:
    """Return the keys of the principal's organization; all absent in an account that is in none.

    Source: IAM User Guide, reference_policies_condition-keys; the path is that of the units above the
    account, with a `/` at its end: `o-…/r-…/ou-…/`.
    """
    organization = account.snapshot.organization
    if organization is None:
        return dict.fromkeys(_OF_ORGANIZATIONS, UNKNOWN)
    if organization.id is None:
        return dict.fromkeys(_OF_ORGANIZATIONS, _ABSENT)
    path: ContextValue = UNKNOWN
    if organization.path is not None:
        units = [level.id for level in organization.path if level.kind != "account"]
        path = ("/".join([organization.id, *units, ""]),)
    master = organization.management_account or UNKNOWN
    return dict(zip(_OF_ORGANIZATIONS, (organization.id, master, path), strict=True))
