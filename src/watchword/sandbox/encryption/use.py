"""One key of KMS that a service uses on behalf of its caller, and for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from watchword.sandbox.wire.error import AwsError


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """Calls to KMS with one key.

    `key` is the key as it was named, None for `managed`, the alias of the one that AWS manages. `region` is
    the key's, None for that of the call. `context` is the encryption context. `stored`: what is written is
    encrypted with it. `missing` and `unusable` make the service's refusals of a key that is not there (with
    the name), or that is in no state to be used (with ARN and state).
    """

    operations: tuple[str, ...]
    key: str | None
    managed: str
    context: Mapping[str, str]
    missing: Callable[[str], AwsError]
    unusable: Callable[[str, str], AwsError]
    region: str | None = None
    stored: bool = False

    def params(self, operation: str, arn: str) -> dict[str, Any]:
        """Return the parameters of one of the calls. It does not run: what would be decrypted is nothing."""
        common: dict[str, Any] = {"KeyId": arn, "EncryptionContext": dict(self.context)}
        match operation:
            case "GenerateDataKey":
                return {**common, "KeySpec": "AES_256"}
            case "Encrypt":
                return {**common, "Plaintext": b"-"}
            case _:
                return {**common, "CiphertextBlob": b"-"}
