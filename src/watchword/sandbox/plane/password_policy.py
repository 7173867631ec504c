"""What a new password must be like: the account's own password policy, or AWS's where there is none.

Source: id_credentials_passwords_account-policy ("Default password policy"); API_UpdateAccountPasswordPolicy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.wire.error import AwsError

DEFAULT_LENGTH: Final = 8
DEFAULT_CLASSES: Final = 3
"""Of the four classes of characters, where the account has no policy of its own."""

SYMBOLS: Final = frozenset("!@#$%^&*()_+-=[]{}|'")

_Class = tuple[str, str, Callable[[str], bool]]
# The name that moto has for the option, the end of AWS's sentence, and the test of one character.
_CLASSES: Final[tuple[_Class, ...]] = (
    ("require_uppercase_characters", "uppercase letter", lambda each: each.isascii() and each.isupper()),
    ("require_lowercase_characters", "lowercase letter", lambda each: each.isascii() and each.islower()),
    ("require_numbers", "number", lambda each: each.isascii() and each.isdigit()),
    ("require_symbols", "symbol", SYMBOLS.__contains__),
)


def refuse_unfit(password: str, policy: MotoObject) -> None:
    """Refuse a password that `policy`, moto's object or None for AWS's own, does not let pass.

    Raises AwsError (PasswordPolicyViolation). Source: the texts for the length and for AWS's own policy are
    observed; the one for a class that the account's policy requires is formed after them.
    """
    length = DEFAULT_LENGTH if policy is None else int(policy.minimum_password_length)
    if len(password) < length:
        raise _violation(f"Password should have a minimum length of {length}")
    missing = [
        (option, f"Password should have at least one {name}")
        for option, name, is_one in _CLASSES
        if not any(map(is_one, password))
    ]
    if policy is None:
        lacking = DEFAULT_CLASSES - (len(_CLASSES) - len(missing))
        if lacking > 0:
            named = ", ".join(text for _, text in missing)
            raise _violation(f"Password should meet {lacking} more of the following requirements: {named}")
        return
    required = [text for option, text in missing if getattr(policy, option)]
    if required:
        raise _violation(", ".join(required))


def reused() -> AwsError:
    """Return the refusal of a password that was used before. Source: as published by others; not seen."""
    return _violation("Policy constraint violation with password reuse prevention during password change.")


def _violation(text: str) -> AwsError:
    return AwsError("PasswordPolicyViolation", text, status=400)
