"""Many calls that change nothing, of several services and regions, at a pace that AWS sets."""

from __future__ import annotations

import threading
from typing import Any

from botocore import exceptions
from botocore.client import BaseClient
from botocore.config import Config

from watchword.aws.call import config, unusable
from watchword.aws.caller import Signed, Signing, called, open_client

# Source: "Retry behavior", AWS SDKs and Tools Reference Guide: `adaptive` is `standard`, and when AWS
# throttles, all calls of a client wait until there is room for them.
_ATTEMPTS = 8


class ManyCalls:
    """Signs as before, from several threads, with one client for each service and region.

    What changes something does not belong here: a call may be sent again.
    """

    def __init__(self, signed: Signed, *, at_once: int, attempts: int = _ATTEMPTS) -> None:
        """Take who signs, how many calls there may be at the same time, and how often one is tried."""
        self._signed = signed
        self._signing: Signing | None = getattr(signed, "signing", None)
        self._config = config(attempts=attempts).merge(
            Config(max_pool_connections=at_once, retries={"mode": "adaptive", "total_max_attempts": attempts})
        )
        self._clients: dict[tuple[str, str | None], BaseClient] = {}
        self._making = threading.Lock()

    @property
    def region(self) -> str | None:
        """Return the region that the profile names; None when nothing names one."""
        return self._signing.region if self._signing else None

    def call(
        self,
        service: str,
        operation: str,
        *,
        region: str | None = None,
        **params: Any,  # noqa: ANN401 AWS's own shapes
    ) -> dict[str, Any]:
        """Call an operation by AWS's names; raise `Refusal`, `Unreachable`, `UnusableSettings`.

        `region` is the profile's when it is None.
        """
        if self._signing is None:
            return self._signed.call(service, operation, **params)
        return called(self._client(self._signing, service, region), service, operation, params)

    def _client(self, signing: Signing, service: str, region: str | None) -> BaseClient:
        with self._making:  # making clients is not safe for threads
            client = self._clients.get((service, region))
            if client is None:
                client = self._open(signing, service, region)
                self._clients[service, region] = client
            return client

    def _open(self, signing: Signing, service: str, region: str | None) -> BaseClient:
        try:
            return open_client(
                signing.session,
                signing.signer,
                service,
                region=region or signing.region,
                config_=self._config,
            )
        except (exceptions.BotoCoreError, ValueError) as error:
            raise unusable(service, error) from None
