"""The policies of a user or a role, as far as whoever signs may read them."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from watchword.aws.caller import Signed
from watchword.aws.errors import Refusal, Unreachable

_AWS = "aws"  # the account of the managed policies that are AWS's own


class Origin(enum.StrEnum):
    """Through what a policy comes to its principal."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    BOUNDARY = "boundary"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedPolicy:
    """One policy that applies to a principal; `text` is the document as AWS keeps it.

    `group` is the group it comes through; `arn` is None for an inline policy.
    """

    name: str
    origin: Origin
    group: str | None
    arn: str | None
    text: str

    @property
    def is_of_aws(self) -> bool:
        """Return whether this is a managed policy of AWS's own, which nobody here can change."""
        return self.arn is not None and self.arn.split(":")[4] == _AWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that was not read: `what`, such as ``the groups``, the call, and AWS's code for its no.

    `code` is empty when there was no answer at all. `boundary` says that it is about the boundary, which
    takes permissions and gives none.
    """

    what: str
    operation: str
    code: str
    boundary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPolicies:
    """What was read of the policies of a user or a role, and what was not.

    `arn` is the principal's own, with its path; None when that was not told, `unique_id` and `tags` likewise.
    Not looked at: service control and resource control policies, which a member account cannot read, and
    session policies.
    """

    name: str
    arn: str | None = None
    unique_id: str | None = None
    tags: Mapping[str, str] | None = None
    documents: tuple[AppliedPolicy, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def identity(self) -> tuple[AppliedPolicy, ...]:
        """Return the policies that give permissions: all but the boundary."""
        return tuple(each for each in self.documents if each.origin is not Origin.BOUNDARY)

    @property
    def boundary(self) -> AppliedPolicy | None:
        """Return the permissions boundary; None when there is none, or none that was read."""
        return next((each for each in self.documents if each.origin is Origin.BOUNDARY), None)


def read_user_policies(signed: Signed, user_name: str) -> UserPolicies:
    """Return the policies of a user: its own, those of its groups, and its boundary.

    A read that AWS refuses is noted in `unread` and the rest goes on; when AWS is out of reach, nothing
    more is asked. Raises `Refusal` (`NoSuchEntity`) when there is no such user, and `UnusableSettings`.
    Source: IAM API Reference, GetUser, ListUserPolicies, ListAttachedUserPolicies, ListGroupsForUser.
    """
    return PolicyReader(signed=signed).of_user(user_name)


def read_role_policies(signed: Signed, role_name: str) -> UserPolicies:
    """Return the policies of a role and its boundary; as `read_user_policies`."""
    return PolicyReader(signed=signed).of_role(role_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReader:
    """Reads the policies of many: what several have in common, groups and managed policies, once.

    Each `of_…` does as `read_user_policies`.
    """

    signed: Signed
    _managed: dict[str, _Document] = field(init=False, repr=False, default_factory=dict)
    _groups: dict[str, _Reading] = field(init=False, repr=False, default_factory=dict)

    def of_user(self, name: str) -> UserPolicies:
        """Return the policies of the user of this name."""
        own = self._own_policies(Origin.USER, name)
        for group in own.pages("which groups there are", "ListGroupsForUser", "Groups", {"UserName": name}):
            own.take(self._group(group["GroupName"]))
        return self._with_boundary(own, Origin.USER, name)

    def of_role(self, name: str) -> UserPolicies:
        """Return the policies of the role of this name."""
        return self._with_boundary(self._own_policies(Origin.ROLE, name), Origin.ROLE, name)

    def _group(self, name: str) -> _Reading:
        if name not in self._groups:
            self._groups[name] = self._own_policies(Origin.GROUP, name)
        return self._groups[name]

    def _own_policies(self, origin: Origin, name: str) -> _Reading:
        """Read the inline and the attached policies of a user, a group or a role."""
        kind = origin.value.capitalize()
        group = name if origin is Origin.GROUP else None
        reading = _Reading(self.signed, whose="" if group is None else f" of the group `{group}`")
        who = {f"{kind}Name": name}
        for policy in reading.pages("the inline policies", f"List{kind}Policies", "PolicyNames", who):
            answer = reading.ask(
                f"the inline policy `{policy}`", f"Get{kind}Policy", {**who, "PolicyName": policy}
            )
            if answer is not None:
                reading.add(policy, origin, group, None, _text(answer["PolicyDocument"]))
        listed = f"ListAttached{kind}Policies"
        for policy in reading.pages("the attached policies", listed, "AttachedPolicies", who):
            name_, arn = policy["PolicyName"], policy["PolicyArn"]
            document = self._managed_document(arn)
            if document.text is None:
                reading.miss(f"the policy `{name_}`", document.operation, document.code)
            else:
                reading.add(name_, origin, group, arn, document.text)
        return reading

    def _with_boundary(self, own: _Reading, origin: Origin, name: str) -> UserPolicies:
        kind = origin.value.capitalize()
        what = "the permissions boundary"
        answer = own.ask(what, f"Get{kind}", {f"{kind}Name": name}, boundary=True)
        if answer is None:
            return UserPolicies(name=name, documents=tuple(own.documents), unread=tuple(own.unread))
        about = answer[kind]
        arn = about.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        if arn is not None:
            document = self._managed_document(arn)
            if document.text is None:
                own.miss(what, document.operation, document.code, boundary=True)
            else:
                own.add(arn.rpartition("/")[2], Origin.BOUNDARY, None, arn, document.text)
        return UserPolicies(
            name=name,
            arn=about["Arn"],
            unique_id=about[f"{kind}Id"],
            tags={tag["Key"]: tag["Value"] for tag in about.get("Tags", ())},
            documents=tuple(own.documents),
            unread=tuple(own.unread),
        )

    def _managed_document(self, arn: str) -> _Document:
        if arn not in self._managed:
            self._managed[arn] = self._read_managed(arn)
        return self._managed[arn]

    def _read_managed(self, arn: str) -> _Document:
        """Return the default version. Source: GetPolicy, GetPolicyVersion, IAM API Reference."""
        reading = _Reading(self.signed)
        about = reading.ask("", "GetPolicy", {"PolicyArn": arn})
        if about is not None:
            version = about["Policy"]["DefaultVersionId"]
            answer = reading.ask("", "GetPolicyVersion", {"PolicyArn": arn, "VersionId": version})
            if answer is not None:
                return _Document(text=_text(answer["PolicyVersion"]["Document"]))
        failed = reading.unread[0]
        return _Document(text=None, operation=failed.operation, code=failed.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """The text of a managed policy; None when it was not read, with the call that failed and AWS's code."""

    text: str | None
    operation: str = ""
    code: str = ""


class _Reading:
    """What was found so far, and what was not. Nothing is asked any more once AWS is out of reach."""

    def __init__(self, signed: Signed, *, whose: str = "") -> None:
        self._signed = signed
        self._whose = whose
        self._lost = False
        self.documents: list[AppliedPolicy] = []
        self.unread: list[Unread] = []

    def ask(
        self, what: str, operation: str, params: Mapping[str, str], *, boundary: bool = False
    ) -> dict[str, Any] | None:
        """Return AWS's answer; None, and a note, when there was none."""
        if self._lost:
            self.miss(what, f"iam:{operation}", "", boundary=boundary)
            return None
        try:
            return self._signed.call("iam", operation, **dict[str, Any](params))
        except Unreachable:
            self._lost = True
            self.miss(what, f"iam:{operation}", "", boundary=boundary)
        except Refusal as refusal:
            if refusal.code == "NoSuchEntity" and operation in _SAYS_WHETHER_THERE_IS_ONE:
                raise
            self.miss(what, refusal.operation, refusal.code, boundary=boundary)
        return None

    def pages(self, what: str, operation: str, member: str, params: Mapping[str, str]) -> list[Any]:
        """Return every entry of a list; those of the pages that came, and a note, when one did not."""
        found: list[Any] = []
        while (answer := self.ask(what, operation, params)) is not None:
            found += answer[member]
            if not answer.get("IsTruncated"):
                break
            params = {**params, "Marker": answer["Marker"]}
        return found

    def add(self, name: str, origin: Origin, group: str | None, arn: str | None, text: str) -> None:
        self.documents.append(AppliedPolicy(name=name, origin=origin, group=group, arn=arn, text=text))

    def miss(self, what: str, operation: str, code: str, *, boundary: bool = False) -> None:
        self.unread.append(
            Unread(what=f"{what}{self._whose}", operation=operation, code=code, boundary=boundary)
        )

    def take(self, other: _Reading) -> None:
        """Take over what was read of a group; what two have in common stands twice, as it applies twice."""
        self.documents += other.documents
        self.unread += other.unread


_SAYS_WHETHER_THERE_IS_ONE = frozenset({"GetUser", "GetRole", "ListUserPolicies", "ListRolePolicies"})


def _text(document: object) -> str:
    """Return a document as text: AWS sends it URL-encoded. Source: IAM API Reference, GetUserPolicy.

    What the SDK has decoded is written anew: its lines, and keys that stand in it twice, are lost then.
    """
    return unquote(document) if isinstance(document, str) else json.dumps(document, indent=2)
