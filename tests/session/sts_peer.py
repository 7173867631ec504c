"""A test peer for what a sandbox cannot be: users with security keys, a root with a device.

An HTTP server that speaks as much of AWS's query protocol as getting in needs.
It verifies codes, not signatures.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pyotp

ACCOUNT = "123456789012"
KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OTHER_SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
INVALID = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
UNABLE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
_NAMESPACE = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
}


def serial(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:mfa/{name}"


class No(Exception):
    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


@dataclass(kw_only=True)
class Peer:
    """What the peer knows, and what it was asked."""

    key: str = KEY
    secret: str = SECRET
    arn: str = f"arn:aws:iam::{ACCOUNT}:user/people/testuser"
    devices: dict[str, str] = field(default_factory=lambda: {serial("testuser"): pyotp.random_base32()})
    used: set[tuple[str, str]] = field(default_factory=set)
    sessions: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def code(self, name: str) -> str:
        """Return the code that the phone shows now."""
        return pyotp.TOTP(self.devices[serial(name)]).at(datetime.now(UTC))

    def calls(self, action: str) -> list[dict[str, str]]:
        return [params for name, params in self.asked if name == action]

    def answer(self, key: str, params: dict[str, str]) -> str:
        action = params["Action"]
        with self.lock:
            self.asked.append((action, params))
            self._known(key)
            match action:
                case "GetCallerIdentity":
                    return f"<Arn>{self.arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>"
                case "ListMFADevices":
                    return self._list()
                case "GetSessionToken":
                    return self._session(params)
        raise No("InvalidAction", f"no {action} here", 400)

    def _known(self, key: str) -> None:
        if key != KEY and key not in self.sessions:
            raise No("InvalidClientTokenId", "The security token included in the request is invalid.")

    def _list(self) -> str:
        entries = "".join(
            f"<member><SerialNumber>{each}</SerialNumber><UserName>testuser</UserName>"
            "<EnableDate>2026-01-01T00:00:00Z</EnableDate></member>"
            for each in self.devices
        )
        return f"<IsTruncated>false</IsTruncated><MFADevices>{entries}</MFADevices>"

    def _session(self, params: dict[str, str]) -> str:
        device, code = params["SerialNumber"], params["TokenCode"]
        if device not in self.devices:
            raise No("AccessDenied", UNABLE)
        good = pyotp.TOTP(self.devices[device]).verify(code, valid_window=2)
        if not good or (device, code) in self.used:
            raise No("AccessDenied", INVALID)
        self.used.add((device, code))
        key = f"ASIA{secrets.token_hex(8).upper()}"
        self.sessions[key] = secrets.token_hex(40)
        expires = datetime.now(UTC) + timedelta(seconds=int(params["DurationSeconds"]))
        return (
            f"<Credentials><AccessKeyId>{key}</AccessKeyId>"
            f"<SecretAccessKey>{secrets.token_hex(20)}</SecretAccessKey>"
            f"<SessionToken>{self.sessions[key]}</SessionToken>"
            f"<Expiration>{expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
        )


class _Handler(BaseHTTPRequestHandler):
    peer: ClassVar[Peer]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = {name: values[0] for name, values in parse_qs(body).items()}
        scope = self.headers["Authorization"].partition("Credential=")[2].split("/")
        try:
            result = self.peer.answer(scope[0], params)
        except No as no:
            text = f"<Code>{no.code}</Code><Message>{escape(no.message)}</Message>"
            fault = f"<Error><Type>Sender</Type>{text}</Error>"
            self._send(no.status, "ErrorResponse", _NAMESPACE[scope[3]], fault)
            return
        action = params["Action"]
        self._send(
            200, f"{action}Response", _NAMESPACE[scope[3]], f"<{action}Result>{result}</{action}Result>"
        )

    def _send(self, status: int, root: str, namespace: str, inner: str) -> None:
        data = f'<{root} xmlns="{namespace}">{inner}<RequestId>1</RequestId></{root}>'.encode()
        self.send_response_only(status)
        self.send_header("Date", format_datetime(datetime.now(UTC), usegmt=True))
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 http.server's own name
        pass


def serve(peer: Peer) -> ThreadingHTTPServer:
    """Serve `peer` on a free port of 127.0.0.1 until `shutdown`."""
    handler = type("Handler", (_Handler,), {"peer": peer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    peer.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
