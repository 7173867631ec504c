"""AWS's federation endpoint: temporary credentials become a URL that signs in to the console.

Source for all rules here: IAM User Guide, id_roles_providers_enable-console-custom-url.
"""

from __future__ import annotations

import html
import ipaddress
import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from watchword import __version__
from watchword.aws.call import perform, without_userinfo
from watchword.aws.endpoints import configured_endpoint
from watchword.aws.errors import Refusal, Unreachable, UnusableSettings
from watchword.fastpath.session_file import Credentials

_SEE: Final = "docs/getting-in/console.md"
_OPERATION: Final = "signin:GetSigninToken"
_TIMEOUT_SECONDS: Final = (5, 15)
_LONGEST_TEXT: Final = 200

SIGNIN_TOKEN_SECONDS: Final = 900
"""How long a sign-in URL can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hosts:
    """Where a partition signs in to its console, and where that is."""

    signin: str
    console: str


# Source: the page above for `aws`; else the SDK's endpoint rules of `signin`, and the pages on signing in of
# AWS in China, AWS GovCloud (US) and the AWS European Sovereign Cloud. Those of the `aws-iso` partitions are
# not public.
_HOSTS: Final = {
    "aws": _Hosts(signin="signin.aws.amazon.com", console="console.aws.amazon.com"),
    "aws-cn": _Hosts(signin="signin.amazonaws.cn", console="console.amazonaws.cn"),
    "aws-us-gov": _Hosts(signin="signin.amazonaws-us-gov.com", console="console.amazonaws-us-gov.com"),
    "aws-eusc": _Hosts(signin="eusc-de-east-1.signin.amazonaws-eusc.eu", console="console.amazonaws-eusc.eu"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """A partition's console, and the endpoint that signs in to it. `ca_bundle` is None for the usual one."""

    signin_url: str
    console_url: str
    ca_bundle: str | None = None

    def page(self, path: str | None, region: str | None) -> str:
        """Return the address of a page: `path` as `ec2` or `s3/buckets/NAME`, None for the first page."""
        wanted = "console" if path is None else path.strip("/")
        if "/" not in wanted:
            wanted += "/home"
        query = f"?{urlencode({'region': region})}" if region else ""
        return f"{self.console_url}/{wanted}{query}"

    def login_url(self, signin_token: str, destination: str) -> str:
        """Return the URL that signs in whoever opens it. It is a secret for as long as it is good."""
        query = {"Action": "login", "Destination": destination, "SigninToken": signin_token}
        return f"{self.signin_url}?{urlencode(query)}"

    def signin_token(self, credentials: Credentials, *, duration_seconds: int | None = None) -> str:
        """Return a sign-in token, good for 15 minutes.

        `duration_seconds` is how long the console session shall last, 900 to 43 200; None: as long as the
        credentials do. AWS takes one only for a role that a long-term key assumed. It refuses the sessions of
        GetSessionToken, though in the browser only. Raises `Refusal`, `Unreachable`, `UnusableSettings`.
        """
        session = {
            "sessionId": credentials.access_key_id,
            "sessionKey": credentials.secret_access_key,
            "sessionToken": credentials.session_token,
        }
        form = {"Action": "getSigninToken", "Session": json.dumps(session)}
        if duration_seconds is not None:
            form["SessionDuration"] = str(duration_seconds)
        answer = perform(_OPERATION, without_userinfo(self.signin_url), lambda: self._post(form))
        return str(answer["SigninToken"])

    def _post(self, form: dict[str, str]) -> dict[str, Any]:
        # In the body, not in the URL as in AWS's samples: URLs are logged, and these are credentials.
        request = AWSRequest(
            method="POST",
            url=self.signin_url,
            data=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "User-Agent": f"watchword/{__version__}",
            },
        )
        http = URLLib3Session(
            verify=self.ca_bundle or True,  # type: ignore[arg-type] # the stubs know less than the SDK
            proxies=_proxies(self.signin_url),
            timeout=_TIMEOUT_SECONDS,  # type: ignore[arg-type] # as above
        )
        try:
            response = http.send(request.prepare())
        finally:
            http.close()
        if response.status_code != 200:
            raise _refused(response.status_code, response.text)
        return _token(response.text, self.signin_url)


def console_of(profile: str, partition: str) -> Console:
    """Return the console of a partition, as the settings of `profile` say how to reach it.

    AWS_ENDPOINT_URL_SIGNIN, AWS_ENDPOINT_URL and their settings move the endpoint, but not the console.
    Raises `UnusableSettings` for a partition whose console is not known, and for an endpoint without TLS that
    is not on this machine: the credentials themselves are sent there, not a signature made with them.
    """
    hosts = _HOSTS.get(partition)
    if hosts is None:
        raise UnusableSettings(
            f"the console of the partition `{partition}` is not known to watchword",
            hint=f"it knows those of {', '.join(_HOSTS)}",
            see=_SEE,
        )
    session = botocore.session.Session(profile=profile)
    endpoint = configured_endpoint(session, "signin") or f"https://{hosts.signin}"
    _refuse_in_the_clear(endpoint)
    return Console(
        signin_url=f"{endpoint.rstrip('/')}/federation",
        console_url=f"https://{hosts.console}",
        ca_bundle=session.get_config_variable("ca_bundle"),
    )


def _refuse_in_the_clear(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(parts.hostname or "")):
        raise UnusableSettings(
            f"credentials are not sent to `{without_userinfo(endpoint)}`, which is reached without TLS",
            hint="AWS_ENDPOINT_URL_SIGNIN names another sign-in endpoint, beginning with https",
            see=_SEE,
        )


def _proxies(url: str) -> dict[str, str]:
    # What may go in the clear to this machine must not go in the clear to a proxy.
    return {} if _is_this_machine(urlsplit(url).hostname or "") else get_environ_proxies(url)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token(text: str, endpoint: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
        if isinstance(value["SigninToken"], str):
            return dict(value)
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    raise Unreachable(
        f"`{without_userinfo(endpoint)}` answered, but with no sign-in token",
        endpoint=endpoint,
        request_left=True,
        hint="check AWS_ENDPOINT_URL_SIGNIN, AWS_ENDPOINT_URL and HTTPS_PROXY",
        see=_SEE,
    )


def _refused(status: int, page: str) -> Refusal:
    said = _text_of(page)
    return Refusal(
        f"AWS refused `{_OPERATION}` ({status}): {said}",
        code=str(status),
        aws_message=said,
        status=status,
        operation=_OPERATION,
        server_time=None,
        hint="`watchword status --check` tells whether AWS still takes the session"
        if status == 400
        else None,
        see=_SEE,
    )


def _text_of(page: str) -> str:
    """Return what a page of HTML says; it is shown, and AWS's endpoint answers with nothing else."""
    without_style = re.sub(r"(?is)<(style|script|title)\b.*?</\1>", " ", page[:20_000])
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", without_style)).split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
