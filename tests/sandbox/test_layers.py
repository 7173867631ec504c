"""Who is named in a resource's policy, and what of their own side must allow beside it.

Source: IAM User Guide, reference_policies_evaluation-logic_policy-eval-denyallow.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.policy_texts import (
    ACCOUNT,
    allow,
    deny,
    policy,
    role_for,
    sandbox_in,
    session_of,
    user_arn,
)

BUCKET = "layered"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/work"
NOT_S3 = policy(allow("ec2:DescribeRegions"))


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with sandbox_in(tmp_path_factory.mktemp("layers")) as running:
        iam, s3 = running.client("iam"), running.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.delete_public_access_block(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
        iam.create_policy(PolicyName="boundary", PolicyDocument=NOT_S3)
        yield running


@pytest.fixture(scope="module")
def plain(account: LocalAws) -> Key:
    """A user who may assume roles, and nothing else."""
    return account.user("plain", policy(allow("sts:AssumeRole", "sts:GetFederationToken")))


@pytest.fixture(scope="module")
def bounded(account: LocalAws) -> Key:
    """A user whose boundary does not allow S3."""
    key = account.user("bounded", policy(allow("s3:*")))
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    account.client("iam").put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=boundary)
    return key


@pytest.fixture(scope="module")
def worker(account: LocalAws, plain: Key) -> Key:
    """A session of a role without policies."""
    role_for(account, "worker", user_arn("plain"))
    return session_of(account, plain, "worker")


@pytest.fixture(scope="module")
def bounded_worker(account: LocalAws, plain: Key) -> Key:
    """A session of a role whose boundary does not allow S3."""
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    role_for(account, "bounded-worker", user_arn("plain"), PermissionsBoundary=boundary)
    return session_of(account, plain, "bounded-worker")


@pytest.fixture(scope="module")
def narrow_worker(account: LocalAws, plain: Key, worker: Key) -> Key:
    """A session of `worker` with a session policy that does not allow S3."""
    del worker  # it makes the role
    return session_of(account, plain, "worker", Policy=NOT_S3)


def put(account: LocalAws, principal: object, **more: object) -> None:
    statement = allow("s3:GetObject", resource=f"arn:aws:s3:::{BUCKET}/*", Principal=principal, **more)
    account.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=policy(statement))


def reads(account: LocalAws, key: Key) -> str:
    """Return `allowed`, or how the refusal ends."""
    try:
        account.client("s3", key).get_object(Bucket=BUCKET, Key="k")
    except account.client("s3").exceptions.ClientError as error:
        return str(error.response["Error"]["Message"]).partition('/k" ')[2]
    return "allowed"


NO_IDENTITY = "because no identity-based policy allows the s3:GetObject action"
NO_BOUNDARY = "because no permissions boundary allows the s3:GetObject action"
NO_SESSION = "because no session policy allows the s3:GetObject action"


def test_a_policy_that_names_the_user_needs_nothing_else_and_no_boundary_limits_it(
    account: LocalAws, plain: Key, bounded: Key
) -> None:
    put(account, {"AWS": user_arn("plain")})
    assert reads(account, plain) == "allowed"
    assert reads(account, bounded) == NO_BOUNDARY
    put(account, {"AWS": user_arn("bounded")})
    assert reads(account, bounded) == "allowed"
    assert reads(account, plain) == NO_IDENTITY


def test_a_policy_that_names_the_account_only_delegates(account: LocalAws, plain: Key, bounded: Key) -> None:
    put(account, {"AWS": ACCOUNT})
    assert reads(account, plain) == NO_IDENTITY
    assert reads(account, bounded) == NO_BOUNDARY


def test_a_policy_that_names_everybody_does_not_lift_a_boundary(
    account: LocalAws, plain: Key, bounded: Key
) -> None:
    put(account, "*")
    assert reads(account, plain) == "allowed"
    assert reads(account, bounded) == NO_BOUNDARY


def test_a_policy_that_names_the_role_is_limited_by_boundary_and_session_policy(
    account: LocalAws, worker: Key, bounded_worker: Key, narrow_worker: Key
) -> None:
    put(account, {"AWS": [ROLE, f"arn:aws:iam::{ACCOUNT}:role/bounded-worker"]})
    assert reads(account, worker) == "allowed"
    assert reads(account, bounded_worker) == NO_BOUNDARY
    assert reads(account, narrow_worker) == NO_SESSION


def test_a_policy_that_names_the_session_is_limited_by_neither(
    account: LocalAws, worker: Key, bounded_worker: Key, narrow_worker: Key
) -> None:
    put(account, {"AWS": [SESSION, SESSION.replace("worker", "bounded-worker", 1)]})
    assert [reads(account, key) for key in (worker, bounded_worker, narrow_worker)] == ["allowed"] * 3


def test_a_federated_user_is_limited_by_the_session_policy_if_only_the_user_is_named(
    account: LocalAws, plain: Key
) -> None:
    sts = account.client("sts", plain)
    federated = Key.of(sts.get_federation_token(Name="guest", Policy=NOT_S3)["Credentials"])
    put(account, {"AWS": user_arn("plain")})
    assert reads(account, federated) == NO_SESSION
    put(account, {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/guest"})
    assert reads(account, federated) == "allowed"


def test_a_session_of_the_user_is_the_user(account: LocalAws, bounded: Key) -> None:
    session = Key.of(account.client("sts", bounded).get_session_token()["Credentials"])
    put(account, {"AWS": user_arn("bounded")})
    assert reads(account, session) == "allowed"


def test_a_deny_in_the_bucket_s_policy_goes_before_all_and_says_what_it_is(
    account: LocalAws, bounded: Key
) -> None:
    named = {"AWS": user_arn("bounded")}
    resource = f"arn:aws:s3:::{BUCKET}/*"
    account.client("s3").put_bucket_policy(
        Bucket=BUCKET,
        Policy=policy(
            allow("s3:GetObject", resource=resource, Principal=named),
            deny("s3:GetObject", resource=resource, Principal="*"),
        ),
    )
    text = "with an explicit deny in a resource-based policy"
    assert reads(account, bounded) == text
    assert reads(account, account.root) == text


def test_root_puts_a_policy_right_that_shuts_everybody_out(account: LocalAws) -> None:
    s3 = account.client("s3")
    shut = deny("s3:*", resource=[f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"], Principal="*")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(shut))
    code, status, _ = refusal(s3.list_objects_v2, Bucket=BUCKET)
    assert (code, status) == ("AccessDenied", 403)
    s3.delete_bucket_policy(Bucket=BUCKET)
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


@pytest.mark.parametrize("with_code", [False, True])
def test_a_bucket_can_ask_for_mfa(account: LocalAws, with_code: bool) -> None:
    name = f"mfa-{with_code}".lower()
    key = account.user(name)
    if with_code:
        serial = account.device(name)
        sts = account.client("sts", key)
        code = account.fresh_code(name)
        key = Key.of(sts.get_session_token(SerialNumber=serial, TokenCode=code)["Credentials"])
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    put(account, {"AWS": user_arn(name)}, Condition=condition)
    assert reads(account, key) == ("allowed" if with_code else NO_IDENTITY)
