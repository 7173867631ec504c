"""From an access key to whoever holds it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from watchword.iam import (
    ContextValue,
    CredentialKind,
    MfaState,
    Principal,
    PrincipalKind,
    mfa_keys,
    mfa_state,
)
from watchword.sandbox.identity.directory import Directory, LongTermKey, User
from watchword.sandbox.identity.sessions import Session, Sessions
from watchword.sandbox.wire.error import invalid_access_key, invalid_session_token
from watchword.sandbox.wire.protocol import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a request, and what their credentials carry.

    `user_name` is None for root, role sessions and federated users. `user_id` is what `aws:userid` holds:
    `AIDA…`, the account number for root, `AROA…:SESSION` for a role session, `ACCOUNT:NAME` for a federated
    user. `source_user_name` is the user who asked for a federated user's session, and whose policies it has.
    `issued_at` is `aws:TokenIssueTime` and None for long-term keys; `mfa_at` is when the code was checked.
    `session` is None for long-term keys. `called_via` are the services that call on the caller's behalf, the
    first one first; nobody else's request has any.
    """

    principal: Principal
    kind: CredentialKind
    access_key_id: str
    user_name: str | None
    user_id: str
    issued_at: datetime | None = None
    mfa_at: datetime | None = None
    session: Session | None = None
    source_user_name: str | None = None
    called_via: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """The account that the caller belongs to."""
        return self.principal.account

    @property
    def is_root(self) -> bool:
        """Whether it is root, by key or by session."""
        return self.principal.kind is PrincipalKind.ROOT

    @property
    def signing_kind(self) -> CredentialKind:
        """What the caller signed with, also when a service calls on their behalf."""
        return self.session.kind if self.called_via and self.session is not None else self.kind

    @property
    def is_role_session(self) -> bool:
        """Whether it is a session of a role."""
        return self.principal.kind is PrincipalKind.ROLE_SESSION

    @property
    def mfa(self) -> MfaState:
        """The MFA state that the caller's requests carry."""
        return mfa_state(self.kind) if self.session is None else self.session.mfa

    def mfa_age_seconds(self, now: datetime) -> int | None:
        """Return the whole seconds since the code was checked; None when none was."""
        return None if self.mfa_at is None else max(0, int((now - self.mfa_at).total_seconds()))

    def mfa_keys(self, now: datetime) -> dict[str, ContextValue]:
        """Return the MFA keys, and only those, of a request of this caller at `now`."""
        return mfa_keys(self.mfa, age_seconds=self.mfa_age_seconds(now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A caller, and the secret key that the request's signature must have been made with."""

    caller: Caller
    secret_access_key: str = field(repr=False)


def identify_caller(
    access_key_id: str,
    session_token: str | None,
    *,
    directory: Directory,
    sessions: Sessions,
    dialect: Dialect,
) -> Identified:
    """Return who holds these credentials. The signature is checked afterwards, with the secret key.

    The order is AWS's: the token, its expiry, and whether the user or the role it was issued to still
    exists under the same unique ID, all before the signature.

    Raises AwsError in the words of `dialect`: nobody has the key, it is inactive, the token is missing
    or another's, or it has expired.

    Source: observed on AWS.
    """
    key = directory.key(access_key_id)
    if key is not None:
        return _of_key(key, session_token, directory, dialect)
    found = sessions.find(access_key_id, session_token, dialect=dialect)
    caller = _of_session(found, directory)
    if caller is None:
        raise invalid_access_key(dialect, access_key_id)
    return Identified(caller=caller, secret_access_key=found.secret_access_key)


def _of_key(key: LongTermKey, token: str | None, directory: Directory, dialect: Dialect) -> Identified:
    if token:
        raise invalid_session_token(dialect, key.access_key_id)
    caller = _holder(key, directory) if key.active else None
    if caller is None:
        raise invalid_access_key(dialect, key.access_key_id)
    return Identified(caller=caller, secret_access_key=key.secret_access_key)


def _holder(key: LongTermKey, directory: Directory) -> Caller | None:
    if key.user_name is None:
        return Caller(
            principal=root_principal(key.account),
            kind=CredentialKind.ROOT_KEY,
            access_key_id=key.access_key_id,
            user_name=None,
            user_id=key.account,
        )
    user = directory.user(key.account, key.user_name)
    if user is None:
        return None
    return Caller(
        principal=user_principal(user, key.account),
        kind=CredentialKind.ACCESS_KEY,
        access_key_id=key.access_key_id,
        user_name=user.name,
        user_id=user.user_id,
    )


def _of_session(found: Session, directory: Directory) -> Caller | None:
    if found.role is not None:
        return _of_role_session(found, directory)
    if found.user_id == found.account:
        principal, name = root_principal(found.account), None
    else:
        user = directory.user_by_id(found.account, found.user_id)
        if user is None:
            return None
        if found.federated_name is not None:
            return _federated_caller(found, user)
        principal, name = user_principal(user, found.account), user.name
    return _session_caller(found, principal, name)


def _of_role_session(found: Session, directory: Directory) -> Caller | None:
    role = found.role
    now_there = None if role is None else directory.role(found.account, role.name)
    if role is None or now_there is None or now_there.role_id != role.role_id:
        return None
    principal = Principal(
        arn=found.arn,
        account=found.account,
        kind=PrincipalKind.ROLE_SESSION,
        role_arn=role.arn,
        unique_id=role.role_id,
    )
    return _session_caller(found, principal, None)


def _federated_caller(found: Session, user: User) -> Caller:
    principal = Principal(
        arn=found.arn, account=found.account, kind=PrincipalKind.FEDERATED_USER, user_arn=user.arn
    )
    caller = _session_caller(found, principal, None)
    return replace(caller, user_id=f"{found.account}:{found.federated_name}", source_user_name=user.name)


def _session_caller(found: Session, principal: Principal, user_name: str | None) -> Caller:
    return Caller(
        principal=principal,
        kind=found.kind,
        access_key_id=found.access_key_id,
        user_name=user_name,
        user_id=found.user_id,
        issued_at=found.issued_at,
        mfa_at=found.mfa_at,
        session=found,
    )


def root_principal(account: str) -> Principal:
    """Return the root user of `account`."""
    return Principal(arn=f"arn:aws:iam::{account}:root", account=account, kind=PrincipalKind.ROOT)


def user_principal(user: User, account: str) -> Principal:
    """Return an IAM user as a principal."""
    return Principal(arn=user.arn, account=account, kind=PrincipalKind.USER, unique_id=user.user_id)
