"""One file a session. Its first line is exactly what a credential process prints; the second says what it is.

Standard library only, and little of that: a credential process is run for every command of other people.

    {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …, "SessionToken": …, "Expiration": …}
    {"profile": …, "account": …, …}                                   nothing secret on this line

Source: "Sourcing credentials with an external process", AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from watchword.fastpath.private_file import BrokenSessionFile, UnsafeSessionFile, read_private, replace

__all__ = [
    "BrokenSessionFile",
    "Credentials",
    "UnsafeSessionFile",
    "read",
    "read_private",
    "replace",
    "write",
    "written",
]

_WANTED = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")


class Credentials:
    """Short-lived credentials. Prints without its secrets; `expires_at` is aware UTC.

    A plain class: the import of `dataclasses` alone costs more than the rest of this file.
    """

    __slots__ = ("access_key_id", "expires_at", "secret_access_key", "session_token")

    def __init__(
        self, *, access_key_id: str, secret_access_key: str, session_token: str, expires_at: datetime
    ) -> None:
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.session_token = session_token
        self.expires_at = expires_at

    def __repr__(self) -> str:
        return (
            f"Credentials(access_key_id={self.access_key_id!r}, secret_access_key=•••, "
            f"session_token=•••, expires_at={self.expires_at!r})"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Credentials) and self.process_json() == other.process_json()

    def __hash__(self) -> int:
        return hash((self.access_key_id, self.expires_at))

    def process_json(self) -> str:
        """Return the one line that `credential_process` asks for."""
        return json.dumps(
            {
                "Version": 1,
                "AccessKeyId": self.access_key_id,
                "SecretAccessKey": self.secret_access_key,
                "SessionToken": self.session_token,
                "Expiration": written(self.expires_at),
            }
        )


def written(moment: datetime) -> str:
    """Return `moment` (aware) as AWS writes it: ISO 8601, UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(path: str, credentials: Credentials, about: Mapping[str, str]) -> None:
    """Write the file at once or not at all, mode 0600; raise OSError when it cannot be written.

    `about` holds nothing secret: what a list of sessions shows.
    """
    replace(path, f"{credentials.process_json()}\n{json.dumps(dict(about))}\n")


def read(path: str) -> tuple[Credentials, dict[str, str]]:
    """Return the credentials of a file and what is said about them.

    Raises FileNotFoundError, `UnsafeSessionFile` when others own it or may read it, `BrokenSessionFile`
    when it holds something else.
    """
    first, _, second = read_private(path).partition("\n")
    try:
        return _credentials(json.loads(first)), _about(json.loads(second))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        # Without the cause: it could quote what it did not understand.
        raise BrokenSessionFile(path) from None


def _credentials(value: dict[str, object]) -> Credentials:
    texts = [value[name] for name in _WANTED]
    access_key_id, secret_access_key, session_token, expiration = (
        text for text in texts if isinstance(text, str) and text
    )
    expires_at = datetime.fromisoformat(expiration)
    if value["Version"] != 1 or expires_at.tzinfo is None:
        raise ValueError
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key=secret_access_key,
        session_token=session_token,
        expires_at=expires_at.astimezone(UTC),
    )


def _about(value: dict[str, object]) -> dict[str, str]:
    return {name: text for name, text in value.items() if isinstance(text, str)}
