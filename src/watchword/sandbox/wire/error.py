"""What AWS answers when it refuses: code, status and exact text, in the words of each protocol.

Everything in the sandbox that refuses raises one of these; `render.render_error` turns it into bytes.
The texts are AWS's, spaces and missing full stops included, and clients do match on them.
"""

from __future__ import annotations

import enum

from watchword.sandbox.wire.protocol import Dialect


class AwsError(Exception):
    """AWS says no: `code` and `message` as a client sees them, and the HTTP `status`.

    `details` are further elements of the error, as (name, value), that S3 sends beside code and message.
    Nothing in it is ever a secret or a code of a device.
    """

    def __init__(
        self, code: str, message: str, *, status: int, details: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.details = details

    @property
    def sender_fault(self) -> bool:
        """Whether the caller is to blame, not the service."""
        return self.status < 500

    def __str__(self) -> str:
        return f"{self.code} ({self.status}): {self.message}"


class SandboxRefusal(AwsError):
    """The sandbox cannot identify or do what is asked. It never looks like an answer of AWS."""

    def __init__(self, reason: str, *, status: int = 400) -> None:
        super().__init__("SandboxUnsupported", f"watchword sandbox: {reason}", status=status)


# --- MFA at STS and IAM, which speak the query protocol -----------------------------------------


def wrong_mfa_code() -> AwsError:
    """A wrong code, or one that was used. Source: observed on AWS (the space at the end is AWS's)."""
    return _access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")


def mfa_not_validated() -> AwsError:
    """A serial number that is not this user's, or a device with no checks left. Source: observed."""
    return _access_denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  "
        "Please verify your MFA serial number is valid and associated with this user."
    )


def mfa_half_given() -> AwsError:
    """Only one of SerialNumber and TokenCode. Source: observed on AWS."""
    return _access_denied(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
    )


def session_token_from_session() -> AwsError:
    """GetSessionToken called with temporary credentials. Source: observed on AWS."""
    return _access_denied("Cannot call GetSessionToken with session credentials")


def mfa_session_required() -> AwsError:
    """Someone with a device changes their devices without MFA. Source: AWS-2023-001, observed."""
    return _access_denied(
        "To complete this action, please ensure that you are authenticated "
        "with an MFA device that is enabled for this user."
    )


def invalid_enrolment_pair() -> AwsError:
    """EnableMFADevice or ResyncMFADevice with codes that do not fit. Source: observed on AWS."""
    return AwsError("InvalidAuthenticationCode", "Authentication code for device is not valid.", status=403)


def iam_without_mfa() -> AwsError:
    """An IAM call from a GetSessionToken session without MFA. Source: observed (no full stop)."""
    return AwsError(
        "InvalidClientTokenId", "The security token included in the request is invalid", status=403
    )


def _access_denied(message: str) -> AwsError:
    return AwsError("AccessDenied", message, status=403)


# --- who is calling -------------------------------------------------------------------------------

_MISSING = "Request is missing Authentication Token"
_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_EC2_AUTH_FAILURE = "AWS was not able to validate the provided access credentials"


def missing_token(dialect: Dialect) -> AwsError:
    """The request is not signed. Source: the services' Common Errors pages, observed."""
    match dialect:
        case Dialect.S3:
            return _access_denied("Access Denied")
        case Dialect.EC2:
            return AwsError(
                "MissingParameter", "The request must contain the parameter AWSAccessKeyId", status=400
            )
        case _:
            return _by_dialect(dialect, "MissingAuthenticationToken", _MISSING)


def invalid_access_key(dialect: Dialect, access_key_id: str) -> AwsError:
    """Nobody has this access key, or it is inactive. Source: the Common Errors pages, observed."""
    match dialect:
        case Dialect.S3:
            return AwsError(
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
                status=403,
                details=(("AWSAccessKeyId", access_key_id),),
            )
        case Dialect.EC2:
            return AwsError("AuthFailure", _EC2_AUTH_FAILURE, status=401)
        case _:
            return _by_dialect(dialect, "InvalidClientTokenId", _INVALID)


def invalid_session_token(dialect: Dialect, access_key_id: str) -> AwsError:
    """Temporary credentials without their session token, or with another's. Source: S3 error codes."""
    if dialect is Dialect.S3:
        return AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", status=400)
    return invalid_access_key(dialect, access_key_id)


def expired_token(dialect: Dialect) -> AwsError:
    """The session has ended. Source: observed on AWS."""
    match dialect:
        case Dialect.S3:
            return AwsError("ExpiredToken", "The provided token has expired.", status=400)
        case Dialect.EC2:
            return AwsError("RequestExpired", "Request has expired.", status=400)
        case _:
            return _by_dialect(dialect, "ExpiredToken", _EXPIRED)


def signature_mismatch(dialect: Dialect, *, access_key_id: str = "") -> AwsError:
    """The signature is not the one that the secret key makes. Source: the Common Errors pages, observed."""
    match dialect:
        case Dialect.S3:
            return AwsError(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.",
                status=403,
                details=(("AWSAccessKeyId", access_key_id),) if access_key_id else (),
            )
        case Dialect.EC2:
            return AwsError("AuthFailure", _EC2_AUTH_FAILURE, status=401)
        case _:
            return bad_signature(dialect, _MISMATCH)


def bad_signature(dialect: Dialect, message: str) -> AwsError:
    """The signature cannot be right, for the reason in `message`."""
    if dialect is Dialect.EC2:
        return AwsError("SignatureDoesNotMatch", message, status=403)
    return _by_dialect(dialect, "SignatureDoesNotMatch", message)


def incomplete_signature(dialect: Dialect, message: str) -> AwsError:
    """A signature that lacks parts, or whose parts cannot be read."""
    if dialect is Dialect.S3:
        return AwsError("AuthorizationHeaderMalformed", message, status=400)
    return _by_dialect(dialect, "IncompleteSignature", message)


# --- what may be done -----------------------------------------------------------------------------


class PolicyType(enum.Enum):
    """A kind of policy, in the words of a denial. Source: troubleshoot_access-denied."""

    IDENTITY = "an identity-based policy"
    RESOURCE = "a resource-based policy"
    BOUNDARY = "a permissions boundary"
    SESSION = "a session policy"
    TRUST = "the role trust policy"
    SCP = "a service control policy"
    RCP = "a resource control policy"
    VPC_ENDPOINT = "a VPC endpoint policy"

    def implicit_ending(self, action: str) -> str:
        """Return how a denial ends when no policy of this type allows `action` (`ec2:DescribeRegions`)."""
        return f"because no {self.value.split(' ', 1)[1]} allows the {action} action"

    def explicit_ending(self) -> str:
        """Return how a denial ends when a policy of this type denies."""
        return f"with an explicit deny in {self.value}"


def denied(
    dialect: Dialect, *, principal_arn: str, action: str, resource: str | None = None, ending: str = ""
) -> AwsError:
    """A call that the policies do not allow.

    `action` is the IAM action (`s3:PutObject`); `resource` is the ARN or the name that is printed, and
    None leaves it out, as AWS does for some; `ending` is `PolicyType.implicit_ending` or
    `.explicit_ending`, and empty when AWS names no policy. EC2 prints no resource for actions that have
    none; its encoded authorization message, which it adds for the others, is left out here.
    Source: troubleshoot_access-denied; EC2's and S3's forms observed on AWS.
    """
    where = _denied_resource(dialect, resource)
    text = f"User: {principal_arn} is not authorized to perform: {action}{where}"
    if ending:
        text = f"{text} {ending}"
    if dialect is Dialect.EC2:
        text = f"You are not authorized to perform this operation. {text}"
        return AwsError("UnauthorizedOperation", text, status=403)
    return _by_dialect(dialect, "AccessDenied", text)


def _denied_resource(dialect: Dialect, resource: str | None) -> str:
    if resource is None or (dialect is Dialect.EC2 and resource == "*"):
        return ""
    if dialect is Dialect.S3:
        return f' on resource: "{resource}"'
    return f" on resource: {resource}"


# --- what cannot be read --------------------------------------------------------------------------


def invalid_uri() -> AwsError:
    """A path or query string that is not percent-encoded UTF-8. Source: S3 error codes."""
    return AwsError("InvalidURI", "Couldn't parse the specified URI.", status=400)


def unreadable_body(dialect: Dialect) -> AwsError:
    """A body that is not what the protocol says. Source: S3 error codes; observed on JSON services."""
    match dialect:
        case Dialect.S3 | Dialect.REST_XML:
            return AwsError(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema",
                status=400,
            )
        case Dialect.JSON | Dialect.REST_JSON | Dialect.RPC_V2_CBOR:
            return AwsError("SerializationException", "Unable to parse the request body", status=400)
        case Dialect.QUERY | Dialect.EC2:
            return AwsError("MalformedQueryString", "The query string contains a syntax error", status=404)


# The one table of codes: what the query protocol calls it, and what services that speak JSON call it.
JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}


def _by_dialect(dialect: Dialect, code: str, message: str) -> AwsError:
    match dialect:
        case Dialect.JSON | Dialect.RPC_V2_CBOR:
            return AwsError(JSON_CODES[code], message, status=400)
        case Dialect.REST_JSON:
            return AwsError(JSON_CODES[code], message, status=403)
        case Dialect.QUERY | Dialect.EC2 | Dialect.REST_XML | Dialect.S3:
            return AwsError(code, message, status=400 if code == "IncompleteSignature" else 403)
