"""The texts of the facts, letter by letter: clients match on them."""

from __future__ import annotations

import pytest

from watchword.sandbox.wire import error
from watchword.sandbox.wire.error import AwsError, PolicyType
from watchword.sandbox.wire.protocol import Dialect

NOT_VALIDATED = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
MFA_SESSION_REQUIRED = (
    "To complete this action, please ensure that you are authenticated with an MFA device "
    "that is enabled for this user."
)
USER = "arn:aws:iam::123456789012:user/testuser"


@pytest.mark.parametrize(
    ("raised", "code", "status", "text"),
    [
        (error.wrong_mfa_code(), "AccessDenied", 403,
         "MultiFactorAuthentication failed with invalid MFA one time pass code. "),
        (error.mfa_not_validated(), "AccessDenied", 403,
         NOT_VALIDATED),
        (error.mfa_half_given(), "AccessDenied", 403,
         "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."),
        (error.session_token_from_session(), "AccessDenied", 403,
         "Cannot call GetSessionToken with session credentials"),
        (error.mfa_session_required(), "AccessDenied", 403,
         MFA_SESSION_REQUIRED),
        (error.invalid_enrolment_pair(), "InvalidAuthenticationCode", 403,
         "Authentication code for device is not valid."),
        (error.iam_without_mfa(), "InvalidClientTokenId", 403,
         "The security token included in the request is invalid"),
    ],
)  # fmt: skip
def test_the_texts_about_mfa_are_those_of_aws(raised: AwsError, code: str, status: int, text: str) -> None:
    assert (raised.code, raised.status, raised.message) == (code, status, text)


@pytest.mark.parametrize(
    ("dialect", "missing", "unknown_key", "expired", "mismatch", "denied"),
    [
        (Dialect.QUERY, ("MissingAuthenticationToken", 403), ("InvalidClientTokenId", 403),
         ("ExpiredToken", 403), ("SignatureDoesNotMatch", 403), ("AccessDenied", 403)),
        (Dialect.EC2, ("MissingParameter", 400), ("AuthFailure", 401),
         ("RequestExpired", 400), ("AuthFailure", 401), ("UnauthorizedOperation", 403)),
        (Dialect.JSON, ("MissingAuthenticationTokenException", 400), ("UnrecognizedClientException", 400),
         ("ExpiredTokenException", 400), ("InvalidSignatureException", 400), ("AccessDeniedException", 400)),
        (Dialect.REST_JSON,
         ("MissingAuthenticationTokenException", 403), ("UnrecognizedClientException", 403),
         ("ExpiredTokenException", 403), ("InvalidSignatureException", 403), ("AccessDeniedException", 403)),
        (Dialect.REST_XML, ("MissingAuthenticationToken", 403), ("InvalidClientTokenId", 403),
         ("ExpiredToken", 403), ("SignatureDoesNotMatch", 403), ("AccessDenied", 403)),
        (Dialect.S3, ("AccessDenied", 403), ("InvalidAccessKeyId", 403),
         ("ExpiredToken", 400), ("SignatureDoesNotMatch", 403), ("AccessDenied", 403)),
    ],
)  # fmt: skip
def test_each_dialect_has_its_own_codes(
    dialect: Dialect,
    missing: tuple[str, int],
    unknown_key: tuple[str, int],
    expired: tuple[str, int],
    mismatch: tuple[str, int],
    denied: tuple[str, int],
) -> None:
    raised = (
        error.missing_token(dialect),
        error.invalid_access_key(dialect, "AKIA"),
        error.expired_token(dialect),
        error.signature_mismatch(dialect),
        error.denied(dialect, principal_arn=USER, action="a:B"),
    )

    assert [(one.code, one.status) for one in raised] == [missing, unknown_key, expired, mismatch, denied]


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (Dialect.QUERY, "The security token included in the request is expired"),
        (Dialect.JSON, "The security token included in the request is expired"),
        (Dialect.EC2, "Request has expired."),
        (Dialect.S3, "The provided token has expired."),
    ],
)
def test_an_ended_session_is_told_in_the_words_of_the_service(dialect: Dialect, text: str) -> None:
    assert error.expired_token(dialect).message == text


def test_a_denial_for_want_of_an_allow() -> None:
    raised = error.denied(
        Dialect.QUERY,
        principal_arn=USER,
        action="iam:ListUsers",
        resource="arn:aws:iam::123456789012:user/",
        ending=PolicyType.IDENTITY.implicit_ending("iam:ListUsers"),
    )

    assert raised.message == (
        f"User: {USER} is not authorized to perform: iam:ListUsers "
        "on resource: arn:aws:iam::123456789012:user/ "
        "because no identity-based policy allows the iam:ListUsers action"
    )


def test_a_denial_by_ec2_begins_in_its_own_way_and_prints_no_star() -> None:
    raised = error.denied(
        Dialect.EC2,
        principal_arn=USER,
        action="ec2:DescribeRegions",
        resource="*",
        ending=PolicyType.IDENTITY.explicit_ending(),
    )

    assert raised.message == (
        f"You are not authorized to perform this operation. User: {USER} is not authorized to perform: "
        "ec2:DescribeRegions with an explicit deny in an identity-based policy"
    )


def test_a_denial_by_s3_quotes_the_resource() -> None:
    raised = error.denied(
        Dialect.S3,
        principal_arn=USER,
        action="s3:GetObject",
        resource="arn:aws:s3:::b/k",
        ending=PolicyType.IDENTITY.implicit_ending("s3:GetObject"),
    )

    assert raised.message == (
        f'User: {USER} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" '
        "because no identity-based policy allows the s3:GetObject action"
    )


@pytest.mark.parametrize(
    ("policy", "implicit", "explicit"),
    [
        (PolicyType.BOUNDARY, "because no permissions boundary allows the a:B action",
         "with an explicit deny in a permissions boundary"),
        (PolicyType.SESSION, "because no session policy allows the a:B action",
         "with an explicit deny in a session policy"),
        (PolicyType.TRUST, "because no role trust policy allows the a:B action",
         "with an explicit deny in the role trust policy"),
        (PolicyType.VPC_ENDPOINT, "because no VPC endpoint policy allows the a:B action",
         "with an explicit deny in a VPC endpoint policy"),
    ],
)  # fmt: skip
def test_each_kind_of_policy_has_its_ending(policy: PolicyType, implicit: str, explicit: str) -> None:
    assert (policy.implicit_ending("a:B"), policy.explicit_ending()) == (implicit, explicit)


def test_a_refusal_of_the_sandbox_never_looks_like_aws() -> None:
    raised = error.SandboxRefusal("no idea")

    assert raised.code == "SandboxUnsupported"
    assert raised.message == "watchword sandbox: no idea"
    assert raised.sender_fault


@pytest.mark.parametrize("dialect", list(Dialect))
def test_an_unreadable_body_has_an_answer_in_every_dialect(dialect: Dialect) -> None:
    assert 400 <= error.unreadable_body(dialect).status < 500
