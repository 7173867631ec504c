"""Who was used last, when, where and for what: keys and roles, from real calls by the sandbox's clock.

Source: IAM User Guide, id_credentials_getting-report ("When an access key is used more than once in a
15-minute span, only the first use is recorded"); API_AccessKeyLastUsed; API_RoleLastUsed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.kept import Kept, Store
from watchword.sandbox.plane.moto_object import MotoObject

KEY_SPAN: Final = timedelta(minutes=15)
"""Of the uses of a key within this time only the first is kept."""

ROLE_REPORTED: Final = timedelta(days=400)
"""How long ago the use of a role is still reported. Source: API_RoleLastUsed."""

NOTHING: Final = "N/A"

# Source: id_credentials_getting-report ("The last used service is not Region-specific, such as Amazon S3").
_WITHOUT_REGION: Final = frozenset({"s3"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One call: when, by the sandbox's clock, in which region, and the prefix of the service (`iam`)."""

    at: datetime
    region: str
    service: str


class LastUsed:
    """The last use of every key and role. Thread-safe: each is one entry that is replaced.

    Every call counts that was signed rightly, also one that is denied then. Long-term keys are kept by
    their ID, roles by their unique ID, so that a role made anew has not been used. Nobody signs in with a
    password here, so passwords are never used.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: Kept[str, Use] = Kept()
        self._roles: Kept[str, Use] = Kept()

    def called(self, caller: Caller, *, service: str, region: str, at: datetime) -> None:
        """Note one signed call of `caller`, to the service with the prefix `service`."""
        use = Use(at=at.replace(microsecond=0), region=region, service=service)
        with self._lock:
            if caller.session is None:
                before = self._keys.get(caller.access_key_id)
                if before is None or abs(use.at - before.at) >= KEY_SPAN:
                    self._keys[caller.access_key_id] = use
            elif caller.session.role is not None:
                self._roles[caller.session.role.role_id] = use

    def of_key(self, access_key_id: str) -> Use | None:
        """Return the last use of a long-term key, None when there was none."""
        found = self._keys.get(access_key_id)
        if found is None or found.service not in _WITHOUT_REGION:
            return found
        return Use(at=found.at, region=NOTHING, service=found.service)

    def of_role(self, role_id: str, *, now: datetime) -> Use | None:
        """Return the last use of a role, None when there was none in the last 400 days."""
        found = self._roles.get(role_id)
        return None if found is None or now - found.at > ROLE_REPORTED else found

    def stores(self) -> tuple[Store, ...]:
        """Return every use, to be kept."""
        return Store.of("last-used-keys", Use, self._keys), Store.of("last-used-roles", Use, self._roles)


def key_last_used(use: Use | None) -> dict[str, Any]:
    """Return the element `AccessKeyLastUsed`. Source: API_AccessKeyLastUsed."""
    if use is None:
        return {"ServiceName": NOTHING, "Region": NOTHING}
    return {"LastUsedDate": use.at, "ServiceName": use.service, "Region": use.region}


def role_last_used(use: Use | None) -> dict[str, Any]:
    """Return the element `RoleLastUsed`, empty for a role that was not used. Source: API_RoleLastUsed."""
    return {} if use is None else {"LastUsedDate": use.at, "Region": use.region}


def mirror_role(role: MotoObject, use: Use | None) -> None:
    """Put a role's last use into moto's role, which GetRole shows."""
    role.last_used = None if use is None else use.at.replace(tzinfo=None)
    role.last_used_region = None if use is None else use.region
