"""What is claimed of an account: who reaches nothing, or only who reaches something, in which MFA states."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from watchword.iam import MfaState, PrincipalKind

if TYPE_CHECKING:
    from watchword.account.model import AccountPrincipal


class Mfa(enum.StrEnum):
    """The states that a claim is about. The values are those of claim files."""

    WITHOUT = "without"
    WITH = "with"
    ANY = "any"

    @property
    def states(self) -> tuple[MfaState, ...]:
        """What `aws:MultiFactorAuthPresent` is in them."""
        return {
            Mfa.WITHOUT: (MfaState.ABSENT, MfaState.FALSE),
            Mfa.WITH: (MfaState.TRUE,),
            Mfa.ANY: (MfaState.ABSENT, MfaState.FALSE, MfaState.TRUE),
        }[self]


class WhoKind(enum.StrEnum):
    """How principals are named."""

    EVERYBODY = "everybody"
    """Root, every user, and whoever may enter a role from outside."""
    ROOT = "root"
    USERS = "users"
    ROLES = "roles"
    OUTSIDE = "outside"
    """Whoever of another account, or of none, may enter a role of this one."""
    NAME = "name"
    """`user/PATH/NAME` or `role/PATH/NAME`, as an ARN ends."""
    ARN = "arn"
    GROUP = "group"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Some principals. `pattern` has `*` and `?`; of a tag, `key` is its name and `pattern` its value."""

    kind: WhoKind
    pattern: str = ""
    key: str = ""

    def covers(self, principal: AccountPrincipal) -> bool:
        """Whether a principal of an account is meant."""
        match self.kind:
            case WhoKind.EVERYBODY:
                return principal.kind is not PrincipalKind.ROLE
            case WhoKind.ROOT:
                return principal.kind is PrincipalKind.ROOT
            case WhoKind.USERS:
                return principal.kind is PrincipalKind.USER
            case WhoKind.ROLES:
                return principal.kind is PrincipalKind.ROLE
            case WhoKind.OUTSIDE:
                return False
            case WhoKind.NAME:
                return fits(self.pattern, principal.arn.split(":", 5)[5])
            case WhoKind.ARN:
                return fits(self.pattern, principal.arn)
            case WhoKind.GROUP:
                return any(fits(self.pattern, group) for group in groups_of(principal))
            case WhoKind.TAG:
                return fits(self.pattern, principal.tags[self.key]) if self.key in principal.tags else False

    def covers_outside(self, arn: str) -> bool:
        """Whether somebody from outside is meant: an ARN, an account, or `*` for anybody."""
        match self.kind:
            case WhoKind.EVERYBODY | WhoKind.OUTSIDE:
                return True
            case WhoKind.ARN:
                return fits(self.pattern, arn)
            case _:
                return False


def groups_of(principal: AccountPrincipal) -> tuple[str, ...]:
    """Return the names of a user's groups."""
    return tuple(getattr(principal.entry, "groups", ()))


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    first, *rest = (
        "".join("." if sign == "?" else re.escape(sign) for sign in part) for part in text.split("*")
    )
    if not rest:
        return re.compile(first, re.DOTALL)
    *between, last = rest
    # What stands between two stars is taken where it comes first, and no other way is tried.
    return re.compile(f"{first}{''.join(f'(?>.*?{part})' for part in between)}.*{last}", re.DOTALL)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says: `*` stands for any signs, `?` for one."""
    return _pattern(pattern).fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimException:
    """What is let be, who answers for it, why, and until when (that day included).

    `actions` and `resources` are patterns; `("*",)` for all of them.
    """

    who: tuple[Who, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    owner: str
    reason: str
    expires: date
    written_at: str

    def holds(self, today: date) -> bool:
        """Whether it has not expired yet."""
        return today <= self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Nobody of `who`, but `only` these, reaches any of `actions` on any of `resources` in the states `mfa`.

    - `only`: None where nobody does.
    - `actions`, `resources`: patterns as in a policy; `("*",)` for all.
    - `written_at`: `FILE:LINE`, None for the claim that is made when none is given.

    In the states without MFA the enrolment of one's own device never counts (`own_enrolment`).
    """

    name: str
    description: str
    who: tuple[Who, ...]
    only: tuple[Who, ...] | None = None
    mfa: Mfa = Mfa.WITHOUT
    actions: tuple[str, ...] = ("*",)
    resources: tuple[str, ...] = ("*",)
    exceptions: tuple[ClaimException, ...] = ()
    written_at: str | None = None

    def is_about(self, principal: AccountPrincipal) -> bool:
        """Whether a principal should not reach it."""
        return _among(self.who, principal) and not _among(self.only or (), principal)

    def is_about_outside(self, arn: str) -> bool:
        """Whether somebody from outside should not."""
        named = any(each.covers_outside(arn) for each in self.who)
        return named and not any(each.covers_outside(arn) for each in self.only or ())


def _among(who: Sequence[Who], principal: AccountPrincipal) -> bool:
    return any(each.covers(principal) for each in who)


def exceptions_for(claim: Claim, principal: AccountPrincipal, today: date) -> tuple[ClaimException, ...]:
    """Return the exceptions that hold for a principal today."""
    return tuple(each for each in claim.exceptions if each.holds(today) and _among(each.who, principal))


EVERYBODY: Final = (Who(kind=WhoKind.EVERYBODY),)

DEFAULT_CLAIM: Final = Claim(
    name="nothing-without-mfa",
    description="Without MFA, nobody reaches anything but enrolling their own device.",
    who=EVERYBODY,
)
"""What is claimed when no file says otherwise."""
