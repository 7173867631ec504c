"""A root key, as AWS's look."""

from __future__ import annotations

import secrets
import string
from typing import Final

from watchword.sandbox.identity.directory import LongTermKey

_KEY_ALPHABET: Final = string.ascii_uppercase + "234567"


def new_root_key(account: str) -> LongTermKey:
    """Return a random root key of an account."""
    return LongTermKey(
        access_key_id="AKIA" + "".join(secrets.choice(_KEY_ALPHABET) for _ in range(16)),
        secret_access_key=secrets.token_urlsafe(30),
        account=account,
        user_name=None,
        active=True,
    )
