"""Users, groups, roles, keys and their policies, read from moto's IAM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from watchword.sandbox.identity.directory import DeviceEvent, LongTermKey, Role, User
from watchword.sandbox.plane.managed_policies import load_into
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.trust import trust_as_it_stands

_DEFAULT_MAX_SESSION_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """A policy that applies to somebody: `name` says which (`testuser/inline`, or an ARN)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPolicies:
    """The identity policies of a user (with those of the user's groups) or of a role, and the boundary."""

    identity: tuple[PolicyDocument, ...]
    boundary: PolicyDocument | None


class MotoDirectory:
    """The directory of one account, on moto's IAM backend. Any thread may ask.

    `root_key` is the only root key, None where nobody has one. moto's dictionaries are copied before they are
    walked: another thread may be changing them.
    """

    def __init__(self, *, account: str, partition: str, root_key: LongTermKey | None) -> None:
        self.account = account
        self._partition = partition
        self.root_key = root_key
        self._opened: MotoObject = None

    @property
    def backend(self) -> MotoObject:
        """moto's IAM backend of this account; the first use imports moto."""
        if self._opened is None:
            from moto.iam.models import iam_backends

            self._opened = iam_backends[self.account][self._partition]
        return self._opened

    # --- what identity asks ---------------------------------------------------------------------

    def user(self, account: str, name: str) -> User | None:
        """Return the user of that name, or None."""
        found = self.backend.users.get(name) if account == self.account else None
        return None if found is None else _user(found)

    def user_by_id(self, account: str, user_id: str) -> User | None:
        """Return the user with that unique ID, or None."""
        if account != self.account:
            return None
        return next((_user(user) for user in list(self.backend.users.values()) if user.id == user_id), None)

    def key(self, access_key_id: str) -> LongTermKey | None:
        """Return the long-term key of root or of a user who still exists, or None."""
        if self.root_key is not None and access_key_id == self.root_key.access_key_id:
            return self.root_key
        key = self.backend.access_keys.get(access_key_id)
        # moto keeps the old name in a key when its user is renamed: only the user's own list counts.
        owner = None if key is None else self._owner(access_key_id)
        if key is None or owner is None:
            return None
        return LongTermKey(
            access_key_id=access_key_id,
            secret_access_key=key.secret_access_key,
            account=self.account,
            user_name=owner,
            active=key.status == "Active",
        )

    def role(self, account: str, name: str) -> Role | None:
        """Return the role of that name, or None."""
        found = self.moto_role(name) if account == self.account else None
        if found is None:
            return None
        return Role(
            name=found.name,
            path=found.path,
            arn=found.arn,
            role_id=found.id,
            account=self.account,
            max_session_seconds=int(found.max_session_duration or _DEFAULT_MAX_SESSION_SECONDS),
            trust_policy=trust_as_it_stands(found, self.ids_of),
            created_at=_aware(found.create_date),
        )

    def device_changed(
        self, *, account: str, serial_number: str, event: DeviceEvent, user: User | None, at: datetime
    ) -> None:
        """Mirror a device in moto, for its credential report, account summary and authorization details."""
        from watchword.sandbox.plane.device_mirror import mirror

        if account == self.account:
            mirror(self.backend, serial_number=serial_number, event=event, user=user, at=at)

    # --- what authorise asks --------------------------------------------------------------------

    def path_of(self, kind: str, name: str) -> str | None:
        """Return the path of a named IAM entity, or None."""
        match kind:
            case "user":
                found = self.backend.users.get(name)
            case "group":
                found = self.backend.groups.get(name)
            case "role":
                found = self.moto_role(name)
            case "instance-profile":
                profiles = list(self.backend.instance_profiles.values())
                found = next((profile for profile in profiles if profile.name == name), None)
            case "server-certificate":
                certificates = list(self.backend.certificates.values())
                found = next((each for each in certificates if each.cert_name == name), None)
            case _:
                raise ValueError(kind)
        return None if found is None else str(found.path or "/")

    def key_owner(self, access_key_id: str) -> str | None:
        """Return the name of the user who has this key, or None."""
        return self._owner(access_key_id)

    def tags(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a user, role or policy; None for anything else, and for what is not there."""
        kind, _, rest = arn.rpartition(":")[2].partition("/")
        name = rest.rpartition("/")[2]
        match kind:
            case "user":
                found = self.backend.users.get(name)
                return None if found is None else _tag_mapping(found.tags or [])
            case "role":
                found = self.moto_role(name)
                return None if found is None else _tag_mapping(found.tags or [])
            case "policy":
                found = self.backend.managed_policies.get(arn)
                return None if found is None else _tag_mapping(found.get_tags())
            case _:
                return None

    def boundary(self, arn: str) -> str | None:
        """Return the ARN of the permissions boundary of a user or role, or None."""
        kind, _, rest = arn.rpartition(":")[2].partition("/")
        name = rest.rpartition("/")[2]
        found = self.backend.users.get(name) if kind == "user" else self.moto_role(name)
        return None if found is None else boundary_arn(found)

    def user_policies(self, name: str) -> IdentityPolicies:
        """Return what applies to a user: own and group policies, inline and attached, and the boundary."""
        user = self.backend.users.get(name)
        if user is None:
            return IdentityPolicies(identity=(), boundary=None)
        groups = [group for group in list(self.backend.groups.values()) if user in group.users]
        holders = [(f"user/{user.name}", user), *((f"group/{group.name}", group) for group in groups)]
        held = [document for label, holder in holders for document in _held(label, holder)]
        return IdentityPolicies(
            identity=(*held, *self._of_every_user(user)), boundary=self._document(boundary_arn(user))
        )

    def _of_every_user(self, user: MotoObject) -> tuple[PolicyDocument, ...]:
        """Return what the account's password policy grants, which no policy of anybody says.

        Source: API_PasswordPolicy (AllowUsersToChangePassword). That it counts as an identity policy, which a
        boundary limits and a Deny overrules, is an assumption.
        """
        policy = self.backend.account_password_policy
        if policy is None or not policy.allow_users_to_change_password:
            return ()
        return (PolicyDocument(name="account password policy", text=_GRANTED_TO_ALL % user.arn),)

    def role_policies(self, name: str) -> IdentityPolicies:
        """Return what applies to a role: inline and attached policies, and the boundary."""
        role = self.moto_role(name)
        if role is None:
            return IdentityPolicies(identity=(), boundary=None)
        return IdentityPolicies(
            identity=tuple(_held(f"role/{role.name}", role)), boundary=self._document(boundary_arn(role))
        )

    def managed_policy(self, arn: str) -> PolicyDocument | None:
        """Return the default version of a managed policy, or None."""
        if arn.startswith(f"arn:{self._partition}:iam::aws:"):
            load_into(self.backend)  # a session may be limited by one that nobody has asked IAM about
        found = self.backend.managed_policies.get(arn)
        return None if found is None else _default_version(found)

    def user_tags(self, name: str) -> Mapping[str, str]:
        """Return the tags of a user."""
        user = self.backend.users.get(name)
        return {} if user is None else _tag_mapping(user.tags or [])

    def role_tags(self, name: str) -> Mapping[str, str]:
        """Return the tags of a role."""
        role = self.moto_role(name)
        return {} if role is None else _tag_mapping(role.tags or [])

    def unique_ids(self) -> dict[str, str]:
        """Return the unique ID of every user and role by ARN."""
        everybody = [*self.backend.users.values(), *self.backend.roles.values()]
        return {entity.arn: entity.id for entity in everybody}

    def ids_of(self, account: str) -> Mapping[str, str] | None:
        """Return the unique IDs of an account's users and roles by ARN; None: it is not known."""
        return self.unique_ids() if account == self.account else None

    def moto_role(self, name: str) -> MotoObject:
        """Return moto's own object of a role, or None."""
        return next((role for role in list(self.backend.roles.values()) if role.name == name), None)

    def _owner(self, access_key_id: str) -> str | None:
        users = list(self.backend.users.values())
        return next((user.name for user in users if user.has_access_key(access_key_id)), None)

    def _document(self, arn: str | None) -> PolicyDocument | None:
        if arn is None:
            return None
        # A boundary that is gone allows nothing: it must never be the same as no boundary.
        return self.managed_policy(arn) or PolicyDocument(name=arn, text=_ALLOWS_NOTHING)


_GRANTED_TO_ALL = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": "%s"},
  {"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"}
]}"""
_ALLOWS_NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


def boundary_arn(entity: MotoObject) -> str | None:
    """Return the ARN of the boundary of moto's user or role; moto itself knows it for roles only."""
    boundary = getattr(entity, "permissions_boundary", None)
    return boundary["PermissionsBoundaryArn"] if boundary else None


def _held(label: str, holder: MotoObject) -> list[PolicyDocument]:
    inline = [
        PolicyDocument(name=f"{label}/{name}", text=text) for name, text in list(holder.policies.items())
    ]
    return [*inline, *(_default_version(policy) for policy in list(holder.managed_policies.values()))]


def _default_version(policy: MotoObject) -> PolicyDocument:
    text = next(
        version.document for version in policy.versions if version.version_id == policy.default_version_id
    )
    return PolicyDocument(name=policy.arn, text=text)


def _user(user: MotoObject) -> User:
    return User(
        name=user.name,
        path=user.path,
        arn=user.arn,
        user_id=user.id,
        created_at=_aware(user.create_date),
    )


def _tag_mapping(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
