"""An account with people in it who have an access key and a terminal, and no device yet."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from pathlib import Path
from typing import Any

from device.at_terminal import AtTerminal

_DOCS = Path(__file__).parents[2] / "docs" / "enrol.md"


def least_policy() -> dict[str, Any]:
    """The policy that the documentation offers."""
    (block,) = re.findall(r"```json\n(.*?)```", _DOCS.read_text(), re.DOTALL)
    policy: dict[str, Any] = json.loads(block)
    return policy


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user with a profile of the same name in AWS files of their own."""

    name: str
    folder: Path
    endpoint_url: str

    def environment(self, *, endpoint_url: str | None = None) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": endpoint_url or self.endpoint_url,
            "AWS_CONFIG_FILE": str(self.folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
            "AWS_PROFILE": self.name,
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_STATE_HOME": str(self.folder / "state"),
        }

    @property
    def serial_number(self) -> str:
        """Of a device that is called like the person."""
        return f"arn:aws:iam::123456789012:mfa/{self.name}"

    def runs(
        self, *arguments: str, endpoint_url: str | None = None, columns: int = 80, lines: int = 24
    ) -> AtTerminal:
        """Type `watchword …` at a terminal."""
        environment = self.environment(endpoint_url=endpoint_url)
        return AtTerminal(list(arguments), environment, columns=columns, lines=lines)

    def files_hold(self, text: str) -> bool:
        return any(text.encode() in path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


class Account:
    """The account as its administrator sees it; `iam` is a client with all rights."""

    def __init__(self, iam: Any, endpoint_url: str, folder: Path) -> None:  # noqa: ANN401 a client made at run time
        self.iam = iam
        self.endpoint_url = endpoint_url
        self._folder = folder
        self._numbers = itertools.count(1)

    def person(self, name: str | None = None, *, policy: dict[str, Any] | None = None) -> Person:
        """Create a user with a key and a policy (the least one that lets them enrol, unless given)."""
        name = name or f"testuser{next(self._numbers)}"
        self.iam.create_user(UserName=name)
        self.iam.put_user_policy(
            UserName=name, PolicyName="enrol", PolicyDocument=json.dumps(policy or least_policy())
        )
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        folder = self._folder / f"home{next(self._numbers)}"
        folder.mkdir()
        (folder / "config").write_text(f"[profile {name}]\nregion = eu-west-1\n")
        (folder / "credentials").write_text(
            f"[{name}]\naws_access_key_id = {key['AccessKeyId']}\n"
            f"aws_secret_access_key = {key['SecretAccessKey']}\n"
        )
        return Person(name=name, folder=folder, endpoint_url=self.endpoint_url)

    def leftovers_of(self, person: Person) -> list[str]:
        """The devices that belong to nobody and are called like this person, or nearly so."""
        entries = self.iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
        return [entry["SerialNumber"] for entry in entries if f"/{person.name}" in entry["SerialNumber"]]

    def devices_of(self, person: Person) -> list[str]:
        entries = self.iam.list_mfa_devices(UserName=person.name)["MFADevices"]
        return [entry["SerialNumber"] for entry in entries]
