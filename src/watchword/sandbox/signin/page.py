"""What a browser is shown: who is signed in, until when, and which MFA keys that session carries."""

from __future__ import annotations

import json
from html import escape

from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.signin.refusals import OWN_WORDS
from watchword.sandbox.signin.tokens import ConsoleSession
from watchword.sandbox.wire.render import WireResponse

_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)
_DESCRIPTION = "The request sent by the client was syntactically incorrect."
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}"
    "th{text-align:left;padding-right:1.5rem;vertical-align:top;font-weight:600}td{word-break:break-word}"
)


def token_answer(token: str) -> WireResponse:
    """Return the answer of getSigninToken."""
    headers = (("Content-Type", "application/json"), *_HEADERS)
    return WireResponse(status=200, headers=headers, body=json.dumps({"SigninToken": token}).encode())


def signed_in_page(console: ConsoleSession, *, destination: str) -> WireResponse:
    """Return the page in the place of AWS's console. It leads nowhere: that console is not here."""
    caller = console.caller
    rows = {
        "signed in as": caller.principal.arn,
        "account": caller.account,
        "until": f"{console.expires_at:%Y-%m-%d %H:%M:%S} UTC, by the sandbox's clock",
        "MFA": _mfa(caller),
        "destination": destination,
    }
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items())
    return _page(200, "Console of the watchword sandbox", f"<table>{table}</table>")


def refusal_page(message: str) -> WireResponse:
    """Return the page of a refusal, with AWS's words. Source: re:Post, invalid-credentials-parameter."""
    inner = f"<p>message <u>{escape(message)}</u></p>"
    if not message.startswith(OWN_WORDS):
        inner += f"<p>description <u>{_DESCRIPTION}</u></p>"
    return _page(400, f"HTTP Status 400 - {message}", inner)


def _mfa(caller: Caller) -> str:
    said = f"aws:MultiFactorAuthPresent is {caller.mfa.value} in every request of this session"
    if caller.session is None or caller.session.contested is None:
        return said
    if caller.is_role_session:
        return f"{said} (contested: AWS's page says so, others have seen true)"
    return f"{said} (observed; AWS's pages do not say)"


def _page(status: int, title: str, inner: str) -> WireResponse:
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{inner}</body></html>"
    )
    headers = (("Content-Type", "text/html; charset=utf-8"), *_HEADERS)
    return WireResponse(status=status, headers=headers, body=body.encode())
