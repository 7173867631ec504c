"""One call to AWS: short waits, no silent repeats, and one clear error for whatever goes wrong."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast

from botocore import exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from watchword import __version__
from watchword.aws.dead_sandbox import if_endpoint_is_its
from watchword.aws.errors import Refusal, Unreachable, UnusableSettings
from watchword.aws.silent import silent

_SEE = "docs/rooms/aws.md"
_CONNECT_SECONDS = 5
_READ_SECONDS = 15
_SDK = exceptions.BotoCoreError
_NEVER_LEFT = (
    exceptions.EndpointConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.ProxyConnectionError,
    exceptions.SSLError,
)
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_HINTS = {
    "InvalidClientTokenId": "the access key is unknown to AWS or inactive: check the profile",
    "SignatureDoesNotMatch": "the secret access key does not belong to this access key id",
    "ExpiredToken": "`watchword login --force` opens a new session",
    "AccessDenied": "the user's policies do not allow this call",
}


def config(*, attempts: int) -> Config:
    """Return how calls are made: at most `attempts` times, and never waiting long."""
    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra=f"watchword/{__version__}",
    )


def perform(operation: str, endpoint: str, call: Callable[[], Any]) -> dict[str, Any]:
    """Return what `call` answers; `operation` is its name, such as `sts:GetSessionToken`.

    Raises `Refusal` for AWS's no, `Unreachable` when there is no answer, `UnusableSettings` when nothing
    could be sent. The SDK's own exceptions are not chained to them: they can quote what was sent.
    """
    try:
        with silent():
            answer: dict[str, Any] = call()
    except exceptions.ClientError as error:
        raise _refusal(operation, endpoint, error) from None
    except (exceptions.ParamValidationError, ValueError) as error:
        raise unusable(operation, error) from None
    except (exceptions.BotoCoreError, ResponseParserError, OSError) as error:
        raise _unreachable(operation, endpoint, error) from None
    return answer


def unusable(operation: str, error: Exception) -> UnusableSettings:
    """Return the error for settings that the SDK cannot make a call of: its own text says which."""
    said = " ".join(str(error).removeprefix("Parameter validation failed:").split()).rstrip(".")
    return UnusableSettings(
        f"`{operation}` cannot be called with these settings: {without_userinfo(said)}",
        hint="check the profile (region, endpoint_url, mfa_serial) and the variables that begin with AWS_",
        see=_SEE,
    )


def server_time(answer: dict[str, Any]) -> datetime | None:
    """Return the `Date` of an answer as aware UTC; None when it has none."""
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def without_userinfo(url: str) -> str:
    """Return `url` without the user and password it may hold."""
    return re.sub(r"//[^/@]*@", "//", url)


def _refusal(operation: str, endpoint: str, error: exceptions.ClientError) -> Refusal | Unreachable:
    answer = cast("dict[str, Any]", error.response)
    code = str(answer.get("Error", {}).get("Code", ""))
    text = str(answer.get("Error", {}).get("Message", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if not code or code.isdigit():
        # An error in no protocol of AWS: a proxy, a captive portal, or a wrong endpoint.
        return Unreachable(
            f"`{endpoint}` answered {status}, but not as AWS does",
            endpoint=endpoint,
            request_left=True,
            hint="check AWS_ENDPOINT_URL, HTTPS_PROXY and whether this network asks to sign in",
            see=_SEE,
        )
    return Refusal(
        f"AWS refused `{operation}` ({code}): {text.strip()}",
        code=code,
        aws_message=text,
        status=status,
        operation=operation,
        server_time=server_time(answer),
        hint=_refusal_hint(code, text, answer),
        see=_SEE,
    )


def _refusal_hint(code: str, text: str, answer: dict[str, Any]) -> str | None:
    if "ignature expired" in text or "not yet current" in text:
        return _clock_hint(answer)
    if "valid region" in text:
        return "check the region of the profile and AWS_DEFAULT_REGION"
    return _HINTS.get(code)


def _clock_hint(answer: dict[str, Any]) -> str:
    moment = server_time(answer)
    if moment is None:
        return "this machine's clock is wrong; set it"
    off = datetime.now(UTC) - moment
    side = "ahead of" if off > timedelta(0) else "behind"
    return (
        f"this machine's clock is {timedelta(seconds=round(abs(off).total_seconds()))} {side} AWS's; set it"
    )


def _unreachable(operation: str, endpoint: str, error: Exception) -> Unreachable:
    request_left = not isinstance(error, _NEVER_LEFT)
    return Unreachable(
        f"no answer to `{operation}` from `{endpoint}`: {_reason(error)}",
        endpoint=endpoint,
        request_left=request_left,
        hint=_hint(error, endpoint),
        see=_SEE,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, exceptions.ProxyConnectionError):
        return "the proxy cannot be reached"
    if isinstance(error, exceptions.SSLError):
        return "its certificate was not accepted"
    if isinstance(error, exceptions.ConnectTimeoutError):
        return f"no connection within {_CONNECT_SECONDS} s"
    if isinstance(error, exceptions.ReadTimeoutError):
        return f"silence for {_READ_SECONDS} s"
    if any(isinstance(cause, socket.gaierror) for cause in _causes(error)):
        return "its name cannot be resolved"
    if _was_refused(error):
        return "the connection was refused"
    if isinstance(error, ResponseParserError):
        return "what came back is not an answer of AWS"
    return f"the connection failed ({type(error).__name__})"


def _hint(error: Exception, endpoint: str) -> str:
    proxy = next((name for name in _PROXIES if os.environ.get(name)), None)
    if isinstance(error, exceptions.ProxyConnectionError) and proxy:
        return f"check {proxy}, which is `{without_userinfo(os.environ[proxy])}`, or set NO_PROXY"
    if isinstance(error, exceptions.SSLError):
        return "check AWS_CA_BUNDLE (or `ca_bundle` of the profile) and whether a proxy opens the connection"
    if _was_refused(error) and (way_out := if_endpoint_is_its(endpoint, os.environ)):
        return way_out
    if "AWS_ENDPOINT_URL" in os.environ or "AWS_ENDPOINT_URL_STS" in os.environ:
        return "AWS_ENDPOINT_URL is set: is that endpoint running? (a sandbox: `watchword sandbox up`)"
    return "check the network, the region of the profile, and HTTPS_PROXY"


def _was_refused(error: Exception) -> bool:
    return any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        wrapped = getattr(error, "kwargs", {}).get("error") if isinstance(error, _SDK) else None
        error = wrapped or getattr(error, "reason", None) or error.__cause__ or error.__context__
