"""What services answer to a signature that they cannot read or accept, each in its own words.

Source: the Common Errors pages and "Troubleshoot Signature Version 4 signing", IAM User Guide; S3 error
codes; observed on AWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from watchword.sandbox.wire.error import AwsError, bad_signature, incomplete_signature, signature_mismatch
from watchword.sandbox.wire.protocol import Dialect

_BASIC = "%Y%m%dT%H%M%SZ"
_EXTENDED = "%Y-%m-%dT%H:%M:%SZ"


def mismatch(dialect: Dialect, access_key_id: str) -> AwsError:
    """The signature is not the one that the secret key makes."""
    return signature_mismatch(dialect, access_key_id=access_key_id)


def two_mechanisms(dialect: Dialect) -> AwsError:
    """Both an Authorization header and a presigned URL."""
    text = (
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
        "Signature query string parameter or the Authorization header should be specified"
    )
    if dialect is Dialect.S3:
        return AwsError("InvalidArgument", text, status=400)
    return incomplete_signature(dialect, text)


def two_tokens(dialect: Dialect) -> AwsError:
    """More than one session token."""
    return incomplete_signature(dialect, "Only one X-Amz-Security-Token may be given.")


def old_version(dialect: Dialect) -> AwsError:
    """A signature of version 2 or 3, which this sandbox takes for no service."""
    if dialect is Dialect.S3:
        return AwsError(
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            status=400,
        )
    return incomplete_signature(dialect, "Only Signature Version 4 (AWS4-HMAC-SHA256) is supported.")


def unreadable_header(dialect: Dialect) -> AwsError:
    """An Authorization header that is not a list of `key=value`."""
    if dialect is Dialect.S3:
        return incomplete_signature(
            dialect,
            "The authorization header is malformed; the authorization header that you provided is not valid.",
        )
    return incomplete_signature(dialect, "Authorization header is not a list of key=value pairs.")


def header_lacks(dialect: Dialect, missing: Sequence[str], *, date: bool) -> AwsError:
    """An Authorization header without one of its parts, or a request without a date."""
    if dialect is Dialect.S3:
        if not missing:
            return AwsError(
                "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", status=403
            )
        return incomplete_signature(
            dialect, f"The authorization header is malformed; {missing[0]} is missing or empty."
        )
    parts = [f"Authorization header requires '{name}' parameter." for name in missing]
    if not date:
        parts.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return incomplete_signature(dialect, f"{' '.join(parts)} Authorization=AWS4-HMAC-SHA256")


def query_lacks(dialect: Dialect, missing: Sequence[str]) -> AwsError:
    """A presigned URL without one of its parameters, or with one of them twice."""
    if dialect is Dialect.S3:
        return _query_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    parts = [f"AWS query-string parameters must include '{name}'." for name in missing]
    return incomplete_signature(dialect, " ".join([*parts, "Re-examine the query-string parameters."]))


def unreadable_credential(dialect: Dialect, *, presigned: bool) -> AwsError:
    """A credential that has not five parts."""
    form = '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"'
    if dialect is Dialect.S3 and presigned:
        return _query_error(
            f"Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting {form}."
        )
    if dialect is Dialect.S3:
        text = f"The authorization header is malformed; the Credential is mal-formed; expecting {form}."
        return incomplete_signature(dialect, text)
    return incomplete_signature(
        dialect,
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term",
    )


def unreadable_date(dialect: Dialect, text: str, *, presigned: bool) -> AwsError:
    """A date in neither of the two forms that AWS reads."""
    if dialect is Dialect.S3 and presigned:
        return _query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if dialect is Dialect.S3:
        return AwsError(
            "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", status=403
        )
    return incomplete_signature(
        dialect,
        f"Date must be in ISO-8601 'basic format'. Got '{text[:64]}'. "
        "See http://en.wikipedia.org/wiki/ISO_8601",
    )


def bad_expires(dialect: Dialect, text: str) -> AwsError:
    """An X-Amz-Expires that is no number between 1 and 604 800."""
    return _query_error(text) if dialect is Dialect.S3 else incomplete_signature(dialect, text)


def wrong_scope(dialect: Dialect, problems: str, *, presigned: bool) -> AwsError:
    """A credential scope that is not this request's."""
    if dialect is not Dialect.S3:
        return bad_signature(dialect, problems)
    if presigned:
        return _query_error(f"Error parsing the X-Amz-Credential parameter; {problems.strip()}")
    return incomplete_signature(dialect, f"The authorization header is malformed; {problems.strip()}")


def skewed(dialect: Dialect, signed_at: datetime, now: datetime, allowed: timedelta) -> AwsError:
    """A request whose time is too far from the service's."""
    minutes = int(allowed.total_seconds() // 60)
    if dialect is Dialect.S3:
        return AwsError(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            status=403,
            details=(
                ("RequestTime", signed_at.strftime(_BASIC)),
                ("ServerTime", now.strftime(_EXTENDED)),
                ("MaxAllowedSkewMilliseconds", str(minutes * 60_000)),
            ),
        )
    if dialect is Dialect.EC2 and signed_at < now:
        return AwsError("RequestExpired", "Request has expired.", status=400)
    signed, here = signed_at.strftime(_BASIC), now.strftime(_BASIC)
    if signed_at < now:
        limit = (now - allowed).strftime(_BASIC)
        text = f"Signature expired: {signed} is now earlier than {limit} ({here} - {minutes} min.)"
    else:
        limit = (now + allowed).strftime(_BASIC)
        text = f"Signature not yet current: {signed} is still later than {limit} ({here} + {minutes} min.)"
    return bad_signature(dialect, text)


def url_expired(expires_seconds: int, ended: datetime, now: datetime) -> AwsError:
    """A presigned URL of S3 whose time is over."""
    return AwsError(
        "AccessDenied",
        "Request has expired",
        status=403,
        details=(
            ("X-Amz-Expires", str(expires_seconds)),
            ("Expires", ended.strftime(_EXTENDED)),
            ("ServerTime", now.strftime(_EXTENDED)),
        ),
    )


def url_not_yet_valid(signed_at: datetime, now: datetime) -> AwsError:
    """A presigned URL of S3 that was signed in the future."""
    return AwsError(
        "AccessDenied",
        "Request is not valid yet",
        status=403,
        details=(("X-Amz-Date", signed_at.strftime(_BASIC)), ("ServerTime", now.strftime(_EXTENDED))),
    )


def headers_not_signed(dialect: Dialect, names: Sequence[str]) -> AwsError:
    """Headers that must be signed and are not: `host`, and every `x-amz-…`."""
    if dialect is Dialect.S3:
        return AwsError(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            status=403,
            details=(("HeadersNotSigned", ", ".join(names)),),
        )
    name = "'Host' or ':authority'" if "host" in names else f"'{names[0].title()}'"
    return bad_signature(dialect, f"{name} must be a 'SignedHeader' in the AWS Authorization.")


def no_payload_hash() -> AwsError:
    """A request to S3 without x-amz-content-sha256."""
    return AwsError(
        "InvalidRequest", "Missing required header for this request: x-amz-content-sha256", status=400
    )


def bad_payload_hash(given: str) -> AwsError:
    """An x-amz-content-sha256 that is neither a SHA-256 nor one of S3's names."""
    return AwsError(
        "InvalidArgument",
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "or a valid sha256 value.",
        status=400,
        details=(("ArgumentName", "x-amz-content-sha256"), ("ArgumentValue", given[:128])),
    )


def other_body(given: str, computed: str) -> AwsError:
    """A body sent to S3 that is not the one whose hash was signed."""
    return AwsError(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        status=400,
        details=(("ClientComputedContentSHA256", given), ("S3ComputedContentSHA256", computed)),
    )


def _query_error(text: str) -> AwsError:
    return AwsError("AuthorizationQueryParametersError", text, status=400)
