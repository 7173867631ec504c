"""IAM's operations on console passwords: moto has half of them, and checks nothing.

A password is kept as a salted hash; moto only hears that there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from watchword.sandbox.kept import Kept, Store
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.password_policy import refuse_unfit, reused
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

OPERATIONS: Final = frozenset(
    {"ChangePassword", "CreateLoginProfile", "DeleteLoginProfile", "GetLoginProfile", "UpdateLoginProfile"}
)
_REMEMBERED: Final = 24
"""The most that PasswordReusePrevention can ask for. Source: API_UpdateAccountPasswordPolicy."""

_IS_SET = "•••"  # moto's place for the password: its reports ask only whether there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hashed:
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, password: str) -> _Hashed:
        salt = secrets.token_bytes(16)
        return cls(salt=salt, digest=_digest(password, salt))

    def is_of(self, password: str) -> bool:
        return hmac.compare_digest(self.digest, _digest(password, self.salt))


@dataclass(slots=True, kw_only=True)
class _Profile:
    """A user's login profile; `passwords` holds the present one first, then those before it."""

    created_at: datetime
    changed_at: datetime
    passwords: list[_Hashed]
    reset_required: bool


class Passwords:
    """The login profiles of the account, by the users' unique IDs. Whoever calls holds the lock of IAM.

    `now` returns the sandbox's time.
    """

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._profiles: Kept[str, _Profile] = Kept()

    def changed_at(self, user_id: str) -> datetime | None:
        """Return when a user's password was last set; None for a user without one."""
        found = self._profiles.get(user_id)
        return None if found is None else found.changed_at

    def run(
        self, operation: str, params: Mapping[str, Any], backend: MotoObject, *, caller: str | None
    ) -> dict[str, Any]:
        """Return the result of one of `OPERATIONS`; `caller` is the user who calls, None for anybody else.

        Raises AwsError, SandboxRefusal.
        Source: API_ChangePassword, API_CreateLoginProfile, API_UpdateLoginProfile.
        """
        user = _user(backend, caller if operation == "ChangePassword" else params["UserName"])
        policy = backend.account_password_policy
        match operation:
            case "CreateLoginProfile":
                return self._create(user, params, policy)
            case "GetLoginProfile":
                return {"LoginProfile": _shown(user, self._profile(user))}
            case "UpdateLoginProfile":
                self._update(user, params, policy)
            case "DeleteLoginProfile":
                self._profile(user)
                del self._profiles[user.id]
                user.password = None
            case "ChangePassword":
                self._change(user, params, policy)
            case _:
                raise ValueError(operation)
        return {}

    def store(self) -> Store:
        """Return the login profiles, to be kept."""
        return Store.of("passwords", _Profile, self._profiles)

    def _create(self, user: MotoObject, params: Mapping[str, Any], policy: MotoObject) -> dict[str, Any]:
        if user.id in self._profiles:
            # Source: as published by others; not seen.
            text = f"Login Profile for user {user.name} already exists."
            raise AwsError("EntityAlreadyExists", text, status=409)
        if params.get("Password") is None:
            # Only AssumeRoot leaves it out (API_CreateLoginProfile); what AWS says to others is not known.
            raise SandboxRefusal("CreateLoginProfile needs a Password here")
        refuse_unfit(params["Password"], policy)
        now = self._now()
        made = _Profile(
            created_at=now,
            changed_at=now,
            passwords=[_Hashed.of(params["Password"])],
            reset_required=_is_true(params.get("PasswordResetRequired")),
        )
        self._profiles[user.id] = made
        user.password = _IS_SET
        return {"LoginProfile": _shown(user, made)}

    def _update(self, user: MotoObject, params: Mapping[str, Any], policy: MotoObject) -> None:
        """What is not named stays as it is: the model gives neither parameter a default."""
        profile = self._profile(user)
        if params.get("Password") is not None:
            refuse_unfit(params["Password"], policy)
            self._remember(profile, params["Password"])
        if params.get("PasswordResetRequired") is not None:
            profile.reset_required = _is_true(params["PasswordResetRequired"])

    def _change(self, user: MotoObject, params: Mapping[str, Any], policy: MotoObject) -> None:
        profile = self._profile(user)
        if not profile.passwords[0].is_of(params["OldPassword"]):
            raise wrong_old_password()
        refuse_unfit(params["NewPassword"], policy)
        barred = int((policy and policy.password_reuse_prevention) or 0)
        if any(used.is_of(params["NewPassword"]) for used in profile.passwords[:barred]):
            raise reused()
        self._remember(profile, params["NewPassword"])
        profile.reset_required = False

    def _remember(self, profile: _Profile, password: str) -> None:
        profile.passwords = [_Hashed.of(password), *profile.passwords][:_REMEMBERED]
        profile.changed_at = self._now()

    def _profile(self, user: MotoObject) -> _Profile:
        found = self._profiles.get(user.id)
        if found is None:
            text = f"Login Profile for User {user.name} cannot be found."  # observed on AWS
            raise AwsError("NoSuchEntity", text, status=404)
        return found


def wrong_old_password() -> AwsError:
    """ChangePassword with an old password that is not the user's.

    AWS documents no error for it, and none is published: code and text are an assumption.
    """
    return AwsError("AccessDenied", "The old password was incorrect.", status=403)


def _user(backend: MotoObject, name: str | None) -> MotoObject:
    found = backend.users.get(name)
    if found is None:
        raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", status=404)
    return found


def _shown(user: MotoObject, profile: _Profile) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "CreateDate": profile.created_at,
        "PasswordResetRequired": profile.reset_required,
    }


def _digest(password: str, salt: bytes) -> bytes:
    # A sandbox lives for hours and holds nobody's real password: this need not be slow.
    return hashlib.scrypt(password.encode(), salt=salt, n=2**10, r=8, p=1)


def _is_true(value: object) -> bool:
    return value is True or str(value).lower() == "true"
