"""The other side of the control door: how a command asks a running sandbox."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from watchword.errors import WatchwordError
from watchword.sandbox.control_prefix import PREFIX
from watchword.sandbox.folder import SEE, Door, Folder

_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.05
_FOLLOW_SECONDS = 0.25


class DoorClosed(WatchwordError):
    """The sandbox did not answer, or could not do what it was asked for."""


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the sandbox in `folder`. Each method raises NoSandbox if none is up, DoorClosed if it refuses."""

    folder: Folder

    def status(self) -> dict[str, Any]:
        """Return `account` and `ready`."""
        return self._ask("GET", "status")

    def accounts(self) -> list[dict[str, Any]]:
        """Return every account: `id`, `name`, `email`, `has_root_key`, `organization` (its path or None)."""
        accounts: list[dict[str, Any]] = self._ask("GET", "accounts")["accounts"]
        return accounts

    def add_account(
        self, account_id: str | None = None, *, name: str = "", member: bool = False
    ) -> dict[str, str]:
        """Add an account, and return its `id` and its root's `access_key_id` and `secret_access_key`.

        A `member` joins the organization of the sandbox's own account.
        """
        asked = {"id": account_id, "name": name, "member": member}
        added: dict[str, str] = self._ask("POST", "accounts", asked)
        return added

    def phone(self, wanted: str, *, account: str | None = None) -> list[dict[str, Any]]:
        """Return the devices meant by a serial number, a user's or a device's name, with their codes.

        `account` is that of the user; by default the sandbox's own.
        """
        asked = {"wanted": wanted, "account": account}
        devices: list[dict[str, Any]] = self._ask("POST", "phone", asked)["devices"]
        return devices

    def add_device(
        self,
        *,
        kind: str,
        name: str,
        user: str | None,
        account: str | None = None,
        certifications: Mapping[str, str] | None = None,
    ) -> str:
        """Add a `security-key`, or a `hardware-token` (nobody's without `user`); return its serial number.

        `account` is where it is added; by default the sandbox's own. `certifications` are a security key's.
        """
        asked: dict[str, Any] = {"kind": kind, "name": name, "user": user, "account": account}
        if certifications:
            asked["certifications"] = dict(certifications)
        serial_number: str = self._ask("POST", "devices", asked)["serial_number"]
        return serial_number

    def clock(self) -> dict[str, Any]:
        """Return `now` (ISO 8601), `offset_seconds` and `skew_seconds`."""
        return self._ask("GET", "clock")

    def change_clock(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Change `move_seconds`, `set`, `skew_seconds` or `reset`, and return the clock."""
        return self._ask("POST", "clock", change)

    def log(self, *, after: int = 0, last: int | None = None) -> list[dict[str, Any]]:
        """Return the decisions that follow number `after`, the `last` so many of them."""
        asked = {"after": after} | ({} if last is None else {"last": last})
        records: list[dict[str, Any]] = self._ask("POST", "log", asked)["records"]
        return records

    def follow_log(self, *, last: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield decisions as they are made, for as long as the sandbox is up."""
        records, after = self.log(last=last), 0
        while True:
            for record in records:
                after = record["number"]
                yield record
            time.sleep(_FOLLOW_SECONDS)
            records = self.log(after=after)

    def stop(self) -> None:
        """Stop the sandbox, and return when it has ended."""
        self._ask("POST", "down")
        end = time.monotonic() + _PATIENCE_SECONDS
        while self.folder.is_held():
            if time.monotonic() > end:
                raise DoorClosed("the sandbox does not end", hint="its process log says more", see=SEE)
            time.sleep(_POLL_SECONDS)

    def _ask(self, method: str, page: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return ask(self.folder.open_door(), method, page, body)


def ask(door: Door, method: str, page: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Ask the control door for one page. Raises DoorClosed."""
    address = urlsplit(door.endpoint_url)
    connection = http.client.HTTPConnection(
        address.hostname or "127.0.0.1", address.port, timeout=_PATIENCE_SECONDS
    )
    try:
        connection.request(
            method,
            f"{PREFIX}{page}",
            body=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {door.token}"},
        )
        answer = connection.getresponse()
        value: dict[str, Any] = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DoorClosed(
            f"the sandbox at {door.endpoint_url} (process {door.process_id}) does not answer",
            hint="`watchword sandbox down`, then `watchword sandbox up`, gives a fresh one",
            see=SEE,
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise DoorClosed(str(value.get("error", "the sandbox refused")), hint=value.get("hint"), see=SEE)
    return value
