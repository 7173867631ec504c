"""The federation endpoint: `getSigninToken` and `login`, with credentials that are really looked at.

Source: IAM User Guide, id_roles_providers_enable-console-custom-url.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from watchword.iam import CredentialKind, Layer
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity.caller import Caller, identify_caller
from watchword.sandbox.identity.directory import Directory
from watchword.sandbox.identity.sessions import Session, Sessions
from watchword.sandbox.kept import Store
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.signin.page import refusal_page, signed_in_page, token_answer
from watchword.sandbox.signin.refusals import (
    SigninRefused,
    invalid_credentials,
    not_for_federated_login,
    unsupported,
)
from watchword.sandbox.signin.tokens import ConsoleSession, SigninTokens
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.protocol import Dialect
from watchword.sandbox.wire.render import WireResponse
from watchword.sandbox.wire.request import WireRequest, parse_query

PATH: Final = "/federation"
SHORTEST_SECONDS: Final = 900
LONGEST_SECONDS: Final = 43_200

_ACTIONS: Final = {
    "getSigninToken": frozenset({"Action", "Session", "SessionDuration", "SessionType"}),
    "login": frozenset({"Action", "Issuer", "Destination", "SigninToken"}),
}
_FORM: Final = "application/x-www-form-urlencoded"


class Federation:
    """The endpoint. Credentials come in the request itself, which nobody signs."""

    def __init__(
        self, *, directory: Directory, sessions: Sessions, clock: SandboxClock, log: DecisionLog
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._clock = clock
        self._log = log
        self._tokens = SigninTokens(clock=clock)

    def store(self) -> Store:
        """Return the sign-in tokens, to be kept."""
        return self._tokens.store()

    def answer(self, request: WireRequest, *, request_id: str) -> WireResponse:
        """Return what the endpoint says: JSON with a token, or a page. Never raises `SigninRefused`."""
        try:
            params = _parameters(request)
            if params["Action"] == "login":
                return self._login(params, request_id)
            return self._signin_token(params, request_id)
        except SigninRefused as refused:
            return refusal_page(refused.message)

    def _signin_token(self, params: Mapping[str, str], request_id: str) -> WireResponse:
        caller, session = self._holder(params.get("Session", ""))
        try:
            seconds = _console_seconds(session, params.get("SessionDuration"))
        except SigninRefused as refused:
            self._write(caller, "GetSigninToken", request_id, refused=refused)
            raise
        expires_at = session.expires_at
        if seconds is not None:
            expires_at = self._clock.now().replace(microsecond=0) + timedelta(seconds=seconds)
        self._write(caller, "GetSigninToken", request_id)
        return token_answer(self._tokens.make(ConsoleSession(caller=caller, expires_at=expires_at)))

    def _login(self, params: Mapping[str, str], request_id: str) -> WireResponse:
        if not params.get("Destination"):
            raise unsupported("a login has a Destination")
        console = self._tokens.redeem(params.get("SigninToken", ""))
        if console is None:
            raise unsupported("the sign-in token is none of this sandbox's, or is older than 15 minutes")
        try:
            if console.caller.kind in {CredentialKind.SESSION, CredentialKind.SESSION_MFA}:
                raise not_for_federated_login()
            if self._clock.now() >= console.expires_at:
                raise unsupported("the session behind this sign-in token is over")
        except SigninRefused as refused:
            self._write(console.caller, "ConsoleLogin", request_id, refused=refused)
            raise
        self._write(console.caller, "ConsoleLogin", request_id)
        return signed_in_page(console, destination=params["Destination"])

    def _holder(self, session_json: str) -> tuple[Caller, Session]:
        """Return whose temporary credentials these are."""
        key, secret, token = _credentials(session_json)
        try:
            identified = identify_caller(
                key, token, directory=self._directory, sessions=self._sessions, dialect=Dialect.QUERY
            )
        except AwsError as error:
            raise invalid_credentials(error.message) from None
        session = identified.caller.session
        if session is None:
            raise invalid_credentials("a long-term key cannot sign in to the console")
        if not hmac.compare_digest(secret.encode(), identified.secret_access_key.encode()):
            raise invalid_credentials("the secret key is not the session's")
        return identified.caller, session

    def _write(
        self, caller: Caller, action: str, request_id: str, *, refused: SigninRefused | None = None
    ) -> None:
        self._log.write(
            time=self._clock.now(),
            request_id=request_id,
            principal=caller.principal.arn,
            credential=caller.kind,
            mfa=caller.mfa.value,
            action=f"signin:{action}",
            resource="*",
            outcome="allowed" if refused is None else "refused",
            layer=Layer.SERVICE.value,
            reason=None if refused is None else f"{refused.message}: {refused.why}",
        )


def is_federation(request: WireRequest) -> bool:
    """Tell whether a request is for the federation endpoint, and not for a bucket of that name.

    Requests of S3 are signed; these never are.
    """
    return (
        request.raw_path == PATH
        and request.header("authorization") is None
        and not request.query_values("X-Amz-Signature")
        and any(name == "Action" for name, _ in _pairs(request))
    )


def _pairs(request: WireRequest) -> tuple[tuple[str, str], ...]:
    if request.method != "POST" or (request.header("content-type") or "").partition(";")[0] != _FORM:
        return request.query
    return (*request.query, *parse_query(request.body.decode("latin-1")))


def _parameters(request: WireRequest) -> dict[str, str]:
    if request.method not in {"GET", "POST"}:
        raise unsupported("the federation endpoint takes GET and POST")
    pairs = _pairs(request)
    params = dict(pairs)
    if len(params) < len(pairs):
        raise unsupported("a parameter appears twice")
    known = _ACTIONS.get(params["Action"])
    if known is None:
        raise unsupported(f"the federation endpoint has no such action; there is {' and '.join(_ACTIONS)}")
    unknown = sorted(params.keys() - known)
    if unknown:
        raise unsupported(f"{params['Action']} takes {', '.join(sorted(known))} only")
    return params


def _credentials(session_json: str) -> tuple[str, str, str]:
    try:
        value = json.loads(session_json)
        key, secret, token = (value[name] for name in ("sessionId", "sessionKey", "sessionToken"))
    except (ValueError, LookupError, TypeError, RecursionError):
        raise invalid_credentials(
            "the Session is not JSON with sessionId, sessionKey, sessionToken"
        ) from None
    if not (isinstance(key, str) and isinstance(secret, str) and isinstance(token, str)):
        raise invalid_credentials("sessionId, sessionKey and sessionToken are texts")
    return key, secret, token


def _console_seconds(session: Session, asked: str | None) -> int | None:
    """Return how long the console session was asked to last; None: as long as the credentials do."""
    if asked is None:
        return None
    if session.role is None:
        raise invalid_credentials("SessionDuration is for sessions of roles only")
    if session.chained:
        raise invalid_credentials("SessionDuration is not for a role that was assumed with a session")
    if not (asked.isascii() and asked.isdigit() and SHORTEST_SECONDS <= int(asked) <= LONGEST_SECONDS):
        raise invalid_credentials("SessionDuration is 900 to 43200 seconds")
    return int(asked)
