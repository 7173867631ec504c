"""An account to read, and reading it: in this process, or by the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.session
import msgspec
import pytest

from local_aws import Key, LocalAws, local_aws
from watchword.account.snapshot import Snapshot
from watchword.audit.asking import AT_ONCE, Calls
from watchword.audit.kept_answers import Answers, InMemory
from watchword.audit.snapshot import Wanted, take_snapshot
from watchword.aws import caller_identity
from watchword.aws.caller import KeyPair, Signing, signed_call
from watchword.aws.many_calls import ManyCalls

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
# As a person writes it: AWS returns it to the letter.
ODD = (
    '{\n    "Version" : "2012-10-17",\n  "Statement":[ {"Effect":"Allow","Action":"s3:*","Resource":"*"}]\n}'
)
TRUST = (
    '{"Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "ec2.amazonaws.com"}}}'
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One server for a module."""
    path: Path = tmp_path_factory.mktemp("read")
    with local_aws(path / "sandbox") as running:
        yield running


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    """A sandbox with nothing in it."""
    server.reset()
    server.write_profiles()
    return server


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Somebody who signs, as `watchword.aws` has it."""

    signing: Signing

    def call(self, service: str, operation: str, *, _attempts: int = 1, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        """Call once."""
        signing = self.signing
        return signed_call(
            signing.session,
            signing.signer,
            service,
            operation,
            region=signing.region,
            attempts=_attempts,
            params=params,
        )


def holder(key: Key) -> Holder:
    """Return somebody with this key, whose calls go where the environment says."""
    pair = KeyPair(
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=key.session_token,
    )
    return Holder(signing=Signing(session=botocore.session.Session(), signer=pair, region="us-east-1"))


@dataclass(frozen=True, kw_only=True)
class Altered:
    """Calls as root, with what is asked or answered changed."""

    aws: LocalAws
    asked: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _operation, params: params
    answered: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _operation, answer: answer

    def call(
        self,
        service: str,
        operation: str,
        *,
        region: str | None = None,
        **params: Any,  # noqa: ANN401 AWS's own shapes
    ) -> dict[str, Any]:
        """Call once."""
        answer = holder(self.aws.root).call(service, operation, **self.asked(operation, params))
        return self.answered(operation, answer)


def read(
    aws: LocalAws,
    key: Key | None = None,
    *,
    url: str | None = None,
    wanted: Wanted | None = None,
    answers: Answers | None = None,
    calls: Calls | None = None,
    attempts: int = 8,
) -> Snapshot:
    """Read the account as root, or as whoever has `key`, over HTTP; through `url` if one is named."""
    with aws.acting_as(None), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url or aws.endpoint_url)
        somebody = holder(key or aws.root)
        return take_snapshot(
            calls or ManyCalls(somebody, at_once=AT_ONCE, attempts=attempts),
            caller_identity(somebody),
            wanted=wanted or Wanted(),
            region="us-east-1",
            answers=answers or InMemory(),
            taken_at=NOW,
            version="0",
            progress=lambda _done, _of: None,
            wait=aws.move_clock,
        )


def people(aws: LocalAws) -> None:
    """Fill the account: users with all that can be had, a group, a role, policies."""
    iam = aws.client("iam")
    own = iam.create_policy(PolicyName="Own", PolicyDocument=ODD)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=own, PolicyDocument=ODD.replace("s3:*", "sqs:*"), SetAsDefault=True)
    iam.create_group(GroupName="staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    iam.put_group_policy(GroupName="staff", PolicyName="inline", PolicyDocument=ODD)
    alice = aws.user("alice", [ODD, own], groups=["staff"])
    aws.client("s3", alice).list_buckets()
    iam.create_login_profile(UserName="alice", Password="correct-Horse-7", PasswordResetRequired=True)
    iam.tag_user(UserName="alice", Tags=[{"Key": "team", "Value": "blue"}])
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=own)
    aws.device("alice")
    aws.add_security_key("alice")
    iam.create_user(UserName="bob", Path="/guests/")
    aws.add_hardware_token("bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="bob", AccessKeyId=key, Status="Inactive")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="nobody")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=7200)
    iam.create_instance_profile(InstanceProfileName="worker")
    iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=ODD)
    iam.create_account_alias(AccountAlias="house")


def run(
    aws: LocalAws, folder: Path, *arguments: str, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `watchword account snapshot` with a profile of the sandbox, in a folder."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(aws, folder, more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def command(*arguments: str) -> list[str]:
    """Return the command line."""
    return [str(Path(sys.executable).with_name("watchword")), "account", "snapshot", *arguments]


def environment(aws: LocalAws, folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a command: the sandbox's, with a cache of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        **aws.environment,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        **(more or {}),
    }


def profile(aws: LocalAws, folder: Path, name: str, key: Key) -> dict[str, str]:
    """Write a profile with a key, and return the variables that name its files."""
    (folder / "credentials").write_text(
        f"[{name}]\naws_access_key_id = {key.access_key_id}\n"
        f"aws_secret_access_key = {key.secret_access_key}\n"
    )
    return {"AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"), "AWS_PROFILE": name}


def shared(snapshot: Snapshot) -> dict[str, Any]:
    """Return the part that GetAccountAuthorizationDetails tells."""
    value: dict[str, Any] = msgspec.to_builtins(snapshot)
    for role in value["roles"]:
        del role["max_session_seconds"]
    return {name: value[name] for name in ("users", "groups", "roles", "policies", "account_id", "partition")}
