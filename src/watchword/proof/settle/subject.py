"""Who asks, with what, and under which policies: one side of every question of a proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watchword.iam import (
    DEFAULT_ASSUMPTIONS,
    UNKNOWN,
    Assumptions,
    Context,
    ContextValue,
    CredentialKind,
    MfaState,
    PolicySet,
    Principal,
)
from watchword.proof.states import State


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Existing:
    """What an account has.

    - `by_kind`: its users, groups, roles and policies, by what their ARNs begin with (`user/`).
    - `guarded`: resources whose own policies are known, by service: they are asked one by one.
    - `tags`: of its users and roles, by ARN, the names in lower case; of those that have none nothing. None:
      they can be any.
    """

    by_kind: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, Mapping[str, str]] | None = field(default_factory=dict)
    guarded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: dict[str, object] = field(default_factory=dict, repr=False)
    """What has been made of them so far."""
    called: dict[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    """What has been found of `by_kind` by what follows the last `/` of the ARNs."""
    names: dict[str, list[str]] = field(default_factory=dict, repr=False)
    """The same of all kinds together."""

    def tag(self, arn: str, name: str) -> ContextValue:
        """Return a tag of a user, group or role, `()` for none; a policy's is not known.

        Groups have none. Source: IAM User Guide, id_tags (what can be tagged), and
        GetAccountAuthorizationDetails, which does not tell the tags of policies.
        """
        if ":policy/" in arn or (self.tags is None and ":group/" not in arn):
            return UNKNOWN
        if self.tags is None:
            return ()
        return self.tags.get(arn, {}).get(name, ())

    def is_there(self, arn: str) -> bool:
        """Whether it is one of the users, groups, roles and policies that the account has."""
        everything = self.kept.get("everything")
        if not isinstance(everything, frozenset):
            everything = frozenset(each for arns in self.by_kind.values() for each in arns)
            self.kept["everything"] = everything
        return arn in everything

    def of_name(self, name: str) -> tuple[str, ...]:
        """Return what there is of a name, with a sign in place of the name."""
        if not self.names:
            for arn in (each for arns in self.by_kind.values() for each in arns):
                self.names.setdefault(arn.rpartition("/")[2], []).append(arn)
        return tuple(arn.replace(name, "\0") for arn in self.names.get(name, ()))

    def guards(self, names: Iterable[str]) -> bool:
        """Whether any of these names stands in a resource whose own policy is known."""
        text = self.kept.get("guarded")
        if not isinstance(text, str):
            text = "\n".join(arn for arns in self.guarded.values() for arn in arns)
            self.kept["guarded"] = text
        return any(name in text for name in names)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """A principal in one state, with the policies that decide about its requests.

    - `principal`: who signs; of a role, a session of it. `arn` is the user's, role's or root's own.
    - `policies`: without a trust or a resource's policy; `solve` adds those of the resource.
    - `known`: the condition keys that every request of it has, without those of the credential. A key of the
      principal (`aws:PrincipalTag/…`, `aws:PrincipalOrgID`) that is not there is absent.
    - `problems`: what of its policies could not be read: nothing is certain of it then.
    - `existing`: what its account has; None: nobody knows, and any name will do.
    - `since`: no request is made before this moment; None: at any time.
    """

    principal: Principal
    arn: str
    state: State
    policies: PolicySet
    known: Context = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    existing: Existing | None = None
    since: datetime | None = None
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS

    @property
    def mfa(self) -> MfaState:
        """What `aws:MultiFactorAuthPresent` is in its requests."""
        return self.state.mfa

    @property
    def credential(self) -> CredentialKind:
        """What signs its requests."""
        return self.state.credential


__all__ = ["Context", "ContextValue", "Subject"]
