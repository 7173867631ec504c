"""Many calls of one service: one client for all of them, from several threads, patient when AWS throttles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from botocore import exceptions
from botocore.client import BaseClient
from botocore.config import Config

from watchword.aws.call import config, unusable
from watchword.aws.caller import TWICE, Signed, Signing, called, open_client

# The SDK waits up to 1, 2, 4, 8, 16 and 20 s between them, each time a random part of that.
# Source: "Retry behavior", AWS SDKs and Tools Reference Guide: `standard`.
_ATTEMPTS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptClient:
    """Somebody who signs as before, for one service only, whose connections are kept.

    What changes something does not belong here: a call may be sent again.
    """

    service: str
    _client: BaseClient = field(repr=False)

    def call(self, service: str, operation: str, *, _attempts: int = TWICE, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        """Call an operation by AWS's names, from any thread; raise `Refusal`, `Unreachable`."""
        if service != self.service:
            raise ValueError(f"a client of {self.service} cannot call {service}")
        return called(self._client, service, operation, params)


def kept_client(signed: Signed, service: str, *, at_once: int, attempts: int = _ATTEMPTS) -> Signed:
    """Return who signs as `signed` does, for many calls of `service`, `at_once` of them at the same time.

    A call is tried `attempts` times at most; fewer suit a caller who waits for AWS itself.
    Raises `UnusableSettings`.
    """
    signing = getattr(signed, "signing", None)
    if not isinstance(signing, Signing):
        return signed
    settings = config(attempts=attempts).merge(Config(max_pool_connections=at_once))
    try:
        client = open_client(
            signing.session, signing.signer, service, region=signing.region, config_=settings
        )
    except (exceptions.BotoCoreError, ValueError) as error:
        raise unusable(service, error) from None
    return KeptClient(service=service, _client=client)
