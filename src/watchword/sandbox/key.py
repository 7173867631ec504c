"""Credentials as those hold them who use a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Credentials of somebody: a long-term key, or a session when there is a `session_token`."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, credentials: Mapping[str, Any]) -> Key:
        """Read the `AccessKey` of an IAM answer, or the `Credentials` of one of STS."""
        return cls(
            access_key_id=credentials["AccessKeyId"],
            secret_access_key=credentials["SecretAccessKey"],
            session_token=credentials.get("SessionToken"),
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables in which SDKs look for credentials."""
        token = {} if self.session_token is None else {"AWS_SESSION_TOKEN": self.session_token}
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            **token,
        }
