"""A company of thirty in one account, and an administrator who invites them."""

from __future__ import annotations

import functools
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local_aws import Key, LocalAws
from watchword.aws import caller_identity
from watchword.device.acting import Acting
from watchword.device.invite import InviteWish, invite
from watchword.device.invite_list import parse_list
from watchword.device.invite_result import Invited
from watchword.session import Entrance, SessionStore, Wish, chain_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PEOPLE = [f"person{number:02}" for number in range(30)]
PAGE = Path(__file__).parents[2] / "docs" / "devices" / "invite.md"


def documented_policy() -> str:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


class Company:
    """Thirty people in the group `staff`, whose policy lets them enrol; each has a key."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.iam = aws.client("iam")
        self.iam.create_group(GroupName="staff")
        self.iam.put_group_policy(GroupName="staff", PolicyName="enrol", PolicyDocument=_ENROL)
        for name in PEOPLE:
            self.iam.create_user(UserName=name)
            self.iam.create_access_key(UserName=name)
            self.iam.add_user_to_group(GroupName="staff", UserName=name)

    def user(self, name: str, *, staff: bool = True, key: bool = True, path: str = "/") -> str:
        """Add somebody."""
        self.iam.create_user(UserName=name, Path=path)
        if key:
            self.iam.create_access_key(UserName=name)
        if staff:
            self.iam.add_user_to_group(GroupName="staff", UserName=name)
        return name

    def deny(self, name: str, *actions: str, sid: str = "NotYou") -> None:
        statement = {"Sid": sid, "Effect": "Deny", "Action": list(actions), "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        self.iam.put_user_policy(UserName=name, PolicyName="denial", PolicyDocument=json.dumps(document))

    def leftover(self, name: str) -> str:
        """Leave a device that belongs to nobody."""
        made = self.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
        return str(made["VirtualMFADevice"]["SerialNumber"])

    def unassigned(self) -> set[str]:
        entries = self.iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
        return {entry["SerialNumber"] for entry in entries}

    def looked_at(self, since: int = 0) -> list[str]:
        """Whose devices were listed, after the record of that number."""
        records = [each for each in self.aws.inner.log.after(since) if each.action == "iam:ListMFADevices"]
        return [each.resource.rpartition("/")[2] for each in records]

    def last_record(self) -> int:
        return max((each.number for each in self.aws.log), default=0)


class Administrator:
    """Somebody with a key who invites, in this process."""

    def __init__(self, company: Company, key: Key, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        home.mkdir()
        (home / "config").write_text("[profile admin]\nregion = eu-west-1\n")
        (home / "credentials").write_text(
            f"[admin]\naws_access_key_id = {key.access_key_id}\n"
            f"aws_secret_access_key = {key.secret_access_key}\n"
        )
        monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "config"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
        monkeypatch.setenv("AWS_ENDPOINT_URL", company.aws.endpoint_url)
        self.folder = home / "round"
        self.progress: list[tuple[int, int]] = []
        self._home = home

    @functools.cached_property
    def acting(self) -> Acting:
        way_in = Entrance(
            chain=chain_of("admin", Wish()),
            store=SessionStore(self._home / "cache"),
            open_terminal=lambda: pytest.fail("nobody is asked"),
            now=lambda: NOON,
            wish=Wish(),
        )
        signed = way_in.profile
        return Acting(
            entrance=way_in,
            signed=signed,
            identity=caller_identity(signed),
            has_session=False,
            user_name=None,
        )

    def invites(self, *names: str, at: datetime = NOON, text: str | None = None, **wish: Any) -> Invited:  # noqa: ANN401 the fields of a wish
        """Invite these, or everybody."""
        listed = parse_list((text or "\n".join(names or PEOPLE)).encode(), name="users.csv")
        return invite(
            self.acting,
            listed,
            InviteWish(folder=self.folder, **wish),
            progress=lambda done, total, _: self.progress.append((done, total)),
            say=pytest.fail,
            now=lambda: at,
            wait=lambda seconds: pytest.fail(f"nobody waits {seconds} s here"),
        )


_ENROL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OwnDevice",
                "Effect": "Allow",
                "Action": ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
                "Resource": "arn:aws:iam::*:mfa/${aws:username}",
            },
            {
                "Sid": "OwnUser",
                "Effect": "Allow",
                "Action": ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:DeactivateMFADevice"],
                "Resource": ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"],
            },
            {"Sid": "See", "Effect": "Allow", "Action": "iam:ListVirtualMFADevices", "Resource": "*"},
        ],
    },
    indent=2,
)
