"""A test peer for where sessions come from when not from a key: the portal of Identity Center, its tokens,
the sign-in of `aws login`, an instance's and a container's metadata, a web identity.

An HTTP server that speaks as much of each as a source of roles needs. Its sessions are `session`: real ones
of a sandbox, so that roles can be assumed with them.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from local_aws import Key

ROLE = "PermissionSet"
SESSION = Key(
    access_key_id="ASIAPEEREXAMPLE00001", secret_access_key="peer/secret", session_token="peer-token"
)


@dataclass(kw_only=True)
class Portal:
    """What the peer hands out, to whom, and what it was asked."""

    session: Key
    access_token: str = "good-token"
    refresh_token: str = "good-refresh"
    container_token: str = "container-token"
    refusal: str | None = None
    lives: timedelta = timedelta(hours=1)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def ends(self) -> str:
        return f"{datetime.now(UTC) + self.lives:%Y-%m-%dT%H:%M:%SZ}"


class _No(Exception):
    def __init__(self, status: int, kind: str, **more: str) -> None:
        super().__init__(kind)
        self.status, self.kind, self.more = status, kind, more


class _Handler(BaseHTTPRequestHandler):
    portal: ClassVar[Portal]

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        self.portal.asked.append((url.path, dict(self.headers.items())))
        try:
            self._send(200, self._found(url.path, url.query, body))
        except _No as no:
            fault = (
                f"<ErrorResponse><Error><Code>{no.kind}</Code><Message>no</Message></Error></ErrorResponse>"
            )
            self._send(no.status, fault if url.path == "/" else {"message": "no", **no.more}, no.kind)

    def _found(self, path: str, query: str, body: str) -> object:
        match path:
            case "/federation/credentials":
                return self._portal(parse_qs(query))
            case "/token":
                return self._oidc(json.loads(body))
            case "/v1/token":
                return self._signin(json.loads(body))
            case "/latest/api/token":
                return "metadata-token"
            case "/latest/meta-data/iam/security-credentials/":
                return ROLE
            case "/container":
                if self.headers["Authorization"] != self.portal.container_token:
                    raise _No(401, "Unauthorized", secret="not-to-be-shown")
                return self._metadata()
            case "/":
                return self._web_identity(parse_qs(body))
        if path.endswith(f"/{ROLE}") and self.headers["X-aws-ec2-metadata-token"] == "metadata-token":
            return self._metadata()
        raise _No(404, "NotFound")

    def _portal(self, query: dict[str, list[str]]) -> object:
        if self.headers["x-amz-sso_bearer_token"] != self.portal.access_token:
            raise _No(401, "UnauthorizedException")
        if query["role_name"] != [ROLE]:
            raise _No(403, "ForbiddenException", message="No access")
        session = self.portal.session
        ends = datetime.now(UTC) + self.portal.lives
        return {
            "roleCredentials": {
                "accessKeyId": session.access_key_id,
                "secretAccessKey": session.secret_access_key,
                "sessionToken": session.session_token,
                "expiration": int(ends.timestamp() * 1000),
            }
        }

    def _oidc(self, asked: dict[str, str]) -> object:
        if asked["grantType"] != "refresh_token" or asked["refreshToken"] != self.portal.refresh_token:
            raise _No(400, "InvalidGrantException", error="invalid_grant")
        return {
            "accessToken": self.portal.access_token,
            "tokenType": "Bearer",
            "expiresIn": 3600,
            "refreshToken": "next-refresh",
        }

    def _signin(self, asked: dict[str, str]) -> object:
        if self.portal.refusal:
            raise _No(400, "AccessDeniedException", error=self.portal.refusal)
        if asked["refreshToken"] != self.portal.refresh_token or len(self.headers["DPoP"].split(".")) != 3:
            raise _No(400, "AccessDeniedException", error="TOKEN_EXPIRED")
        return {
            "accessToken": {
                "accessKeyId": self.portal.session.access_key_id,
                "secretAccessKey": self.portal.session.secret_access_key,
                "sessionToken": self.portal.session.session_token,
            },
            "tokenType": "aws_sigv4",
            "expiresIn": 900,
            "refreshToken": "next-refresh",
        }

    def _metadata(self) -> object:
        session = self.portal.session
        return {
            "Code": "Success",
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.session_token,
            "Expiration": self.portal.ends(),
        }

    def _web_identity(self, asked: dict[str, list[str]]) -> object:
        if asked["Action"] != ["AssumeRoleWithWebIdentity"] or asked["WebIdentityToken"] != ["good-identity"]:
            raise _No(400, "InvalidIdentityToken")
        session = self.portal.session
        return (
            '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            f"<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{session.access_key_id}</AccessKeyId>"
            f"<SecretAccessKey>{session.secret_access_key}</SecretAccessKey>"
            f"<SessionToken>{session.session_token}</SessionToken>"
            f"<Expiration>{self.portal.ends()}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
            "</AssumeRoleWithWebIdentityResponse>"
        )

    def _send(self, status: int, answer: Any, kind: str | None = None) -> None:  # noqa: ANN401 JSON
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response_only(status)
        if kind:
            self.send_header("x-amzn-ErrorType", kind)
        self.send_header("Content-Type", "text/plain" if isinstance(answer, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 http.server's own name
        pass


def serve(portal: Portal) -> ThreadingHTTPServer:
    """Serve `portal` on a free port of 127.0.0.1 until `shutdown`."""
    handler = type("Handler", (_Handler,), {"portal": portal})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    portal.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
