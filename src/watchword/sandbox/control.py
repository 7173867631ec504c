"""The control door of a running sandbox: the phone, tokens and keys, the clock, the log, and the way out.

It is no part of AWS. It answers below `/_watchword/`, to whoever has the token from the sandbox's folder.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from watchword.sandbox.answer import Sandbox
from watchword.sandbox.control_prefix import PREFIX
from watchword.sandbox.identity.device import DeviceView
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.touched import add_hardware_token, add_roots_device, add_security_key
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.render import WireResponse
from watchword.sandbox.wire.request import WireRequest

_MOST_RECORDS = 10_000
# Pages that change what a state keeps, and do not see to that themselves.
_CHANGES = frozenset({("POST", "devices"), ("POST", "clock")})

Page = Callable[[Mapping[str, Any]], dict[str, Any]]


class ControlError(Exception):
    """The door was asked for something that it cannot do. The text and the hint are shown to the user."""

    def __init__(self, message: str, *, status: int = 400, hint: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.hint = hint


class Control:
    """Answers the requests at the control door.

    `asked_to_stop` is set by a request to end; the server ends once its answer is sent.
    """

    def __init__(self, *, sandbox: Sandbox, token: str, is_ready: Callable[[], bool]) -> None:
        self.asked_to_stop = threading.Event()
        self._sandbox = sandbox
        self._token = token.encode()
        self._is_ready = is_ready
        self._pages: dict[tuple[str, str], Page] = {
            ("GET", "status"): self._status,
            ("POST", "phone"): self._phone,
            ("POST", "devices"): self._add_device,
            ("GET", "accounts"): self._accounts,
            ("POST", "accounts"): self._add_account,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._change_clock,
            ("POST", "log"): self._log,
            ("POST", "reset"): self._reset,
            ("POST", "down"): self._down,
        }

    def answer(self, request: WireRequest) -> WireResponse:
        """Return the answer, JSON in every case."""
        if not self._is_trusted(request):
            return _json(403, {"error": "the token of the sandbox is needed"})
        page = self._pages.get((request.method, request.raw_path.removeprefix(PREFIX)))
        if page is None:
            return _json(404, {"error": "there is no such page"})
        try:
            return _json(200, self._kept(page, request))
        except ControlError as error:
            hint = {} if error.hint is None else {"hint": error.hint}
            return _json(error.status, {"error": str(error), **hint})
        except AwsError as error:
            return _json(400, {"error": error.message})
        except ValueError as error:
            return _json(400, {"error": str(error)})
        except (LookupError, TypeError, OverflowError, RecursionError):
            return _json(400, {"error": "the request lacks something, or has a value of the wrong kind"})

    def _kept(self, page: Page, request: WireRequest) -> dict[str, Any]:
        """Return what a page says; what it changes is kept before."""
        body = _read(request.body)
        if (request.method, request.raw_path.removeprefix(PREFIX)) not in _CHANGES:
            return page(body)
        with self._sandbox.keeper.change(None):
            return page(body)

    def _is_trusted(self, request: WireRequest) -> bool:
        given = (request.header("authorization") or "").encode("utf-8", "replace")
        return hmac.compare_digest(given, b"Bearer " + self._token)

    def _status(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        return {"account": self._sandbox.account, "ready": self._is_ready()}

    # --- the phone ------------------------------------------------------------------------------

    def _phone(self, body: Mapping[str, Any]) -> dict[str, Any]:
        wanted, account = str(body["wanted"]), self._account(body)
        user = self._sandbox.accounts.user(account, wanted)
        user_id = account if wanted == "root" else None
        found = self._sandbox.phone.find(wanted, user_id=user.user_id if user else user_id, account=account)
        if not found and user is not None and self._sandbox.devices.of_user(user.user_id):
            raise ControlError(f"`{wanted}` has security keys only, and they show no codes", status=404)
        if not found:
            is_user = user is not None or user_id is not None
            raise _no_device(wanted, is_user=is_user, known=self._where_users_are(wanted))
        return {"devices": [self._reading(device) for device in found]}

    def _reading(self, device: DeviceView) -> dict[str, Any]:
        reading = self._sandbox.phone.read(device.serial_number)
        return {
            "serial_number": reading.serial_number,
            "code": reading.code,
            "next_code": reading.next_code,
            "seconds_left": reading.seconds_left,
        }

    # --- devices that one can touch: no call of AWS makes them -------------------------------------

    def _add_device(self, body: Mapping[str, Any]) -> dict[str, Any]:
        name, user_name = str(body["name"]), body.get("user")
        account = self._account(body)
        owner = None if user_name is None else self._owner(account, str(user_name))
        match body["kind"]:
            case "security-key" if owner is not None:
                given = body.get("certifications") or {}
                certifications = {str(certifier): str(level) for certifier, level in given.items()}
                added = add_security_key(
                    self._sandbox, owner, name, account=account, certifications=certifications
                )
                return {"serial_number": added}
            case "hardware-token":
                return {"serial_number": add_hardware_token(self._sandbox, name, owner, account=account)}
            case "virtual" if owner is None:
                serial_number, seed = add_roots_device(self._sandbox, name, account=account)
                return {"serial_number": serial_number, "seed": seed}
            case _:
                raise ControlError(
                    "a security key of a user, a hardware token, or a virtual device of root can be added"
                )

    def _owner(self, account: str, name: str) -> Owner:
        user = self._sandbox.accounts.user(account, name)
        if user is None:
            raise ControlError(f"there is no user `{name}`", status=404, hint=self._where_users_are(name))
        return Owner.of(user)

    # --- accounts that come with a root key: no call of AWS makes these either ------------------------

    def _account(self, body: Mapping[str, Any]) -> str:
        """Return the number of the account that is named, by its number or its name: the first by default."""
        wanted = str(body.get("account") or self._sandbox.account)
        if self._sandbox.accounts.of(wanted) is not None:
            return wanted
        named = [each.id for each in self._sandbox.accounts.all() if each.name == wanted]
        if len(named) != 1:
            known = "`watchword sandbox account list` lists those there are"
            error = (
                f"there is no account `{wanted}`" if not named else f"several accounts are named `{wanted}`"
            )
            raise ControlError(error, status=404, hint=known)
        return named[0]

    def _where_users_are(self, name: str) -> str:
        """Return the hint for a user who is not in the account that was looked in."""
        for each in self._sandbox.accounts.all():
            if each.directory.user(each.id, name) is not None:
                return f"with `--account {each.id}` there is one"
        return "`aws iam list-users --profile root` lists the users there are"

    def _accounts(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "accounts": [
                {
                    "id": each.id,
                    "name": each.name,
                    "email": each.email,
                    "has_root_key": each.directory.root_key is not None,
                    "organization": self._sandbox.organizations.path_of(each.id),
                }
                for each in self._sandbox.accounts.all()
            ]
        }

    def _add_account(self, body: Mapping[str, Any]) -> dict[str, Any]:
        key = self._sandbox.add_account(
            body.get("id"), name=str(body.get("name") or ""), member=bool(body.get("member"))
        )
        return {
            "id": key.account,
            "access_key_id": key.access_key_id,
            "secret_access_key": key.secret_access_key,
        }

    # --- the clock ------------------------------------------------------------------------------

    def _clock(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        clock = self._sandbox.clock
        return {
            "now": clock.now().isoformat(timespec="seconds"),
            "offset_seconds": round(clock.offset.total_seconds()),
            "skew_seconds": round(clock.skew.total_seconds()),
        }

    def _change_clock(self, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._apply(body)
        except (ValueError, OverflowError) as error:
            text = str(error) if isinstance(error, ValueError) else "that is out of the reach of any clock"
            raise ControlError(
                text, hint="`watchword sandbox clock reset` goes back to this machine's time"
            ) from error
        return self._clock(body)

    def _apply(self, body: Mapping[str, Any]) -> None:
        clock = self._sandbox.clock
        if "move_seconds" in body:
            clock.move(timedelta(seconds=float(body["move_seconds"])))
        if "set" in body:
            clock.set(datetime.fromisoformat(str(body["set"])))
        if "skew_seconds" in body:
            clock.skew = timedelta(seconds=float(body["skew_seconds"]))
        if body.get("reset"):
            clock.reset()

    # --- the log, and the end -------------------------------------------------------------------

    def _log(self, body: Mapping[str, Any]) -> dict[str, Any]:
        records = self._sandbox.log.after(int(body.get("after", 0)))
        last = int(body.get("last", _MOST_RECORDS))
        return {"records": [record.as_json() for record in records[-last:]] if last > 0 else []}

    def _reset(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        self._sandbox.reset()
        return {}

    def _down(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        self.asked_to_stop.set()
        return {"stopping": True}


def _no_device(wanted: str, *, is_user: bool, known: str) -> ControlError:
    """Return what to say of a serial number, a user or a device that the phone has not scanned."""
    enrol = "`watchword device enroll` with the user's key, or `aws iam create-virtual-mfa-device`, makes one"
    if is_user:
        return ControlError(f"`{wanted}` has no device yet", status=404, hint=enrol)
    if wanted.startswith("arn:"):
        devices = "`aws iam list-virtual-mfa-devices --profile root` lists those there are"
        return ControlError(f"there is no device `{wanted}`", status=404, hint=devices)
    return ControlError(f"there is no user `{wanted}`, and no device of that name", status=404, hint=known)


def _read(body: bytes) -> dict[str, Any]:
    value = json.loads(body) if body else {}
    if not isinstance(value, dict):
        raise ControlError("an object is expected")
    return value


def _json(status: int, value: dict[str, Any]) -> WireResponse:
    return WireResponse(
        status=status, headers=(("Content-Type", "application/json"),), body=json.dumps(value).encode()
    )
