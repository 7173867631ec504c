"""What the tests of roles share: profiles of roles, and what a session says of itself."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from local_aws import Key
from session.account import Account
from session.people import PROMPT, Somebody, end


def profile(person: Somebody, name: str, **settings: str) -> None:
    """Add a profile to the AWS config of `person`; `source_profile` is `work` unless said otherwise."""
    settings.setdefault("region", "eu-west-1")
    config = Path(person.environment["AWS_CONFIG_FILE"])
    if not {"source_profile", "credential_source", "credential_process"} & settings.keys():
        settings["source_profile"] = "work"
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    config.write_text(f"{config.read_text()}\n[profile {name}]\n{lines}")


def who(person: Somebody, account: Account, *arguments: str) -> str:
    """Return the ARN that a program gets in with; `arguments` are those of `exec`."""
    return str(client(person, account, "sts", *arguments).get_caller_identity()["Arn"])


def client(person: Somebody, account: Account, service: str, *arguments: str) -> Any:  # noqa: ANN401 boto3's own
    """Return a client with what `exec` puts into the environment of a program."""
    ran = person.run("exec", *arguments, "--", "env")
    assert ran.returncode == 0, ran.stderr
    found = dict(line.split("=", 1) for line in ran.stdout.splitlines() if line.startswith("AWS_"))
    key = Key(
        access_key_id=found["AWS_ACCESS_KEY_ID"],
        secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        session_token=found["AWS_SESSION_TOKEN"],
    )
    return account.sandbox.client(service, key)


def kept(person: Somebody, role: str) -> dict[str, str]:
    """Return what the store says of the session of the role with this ARN."""
    for path in person.sessions():
        about: dict[str, str] = json.loads(path.read_text().splitlines()[1])
        if about.get("role_arn") == role:
            return about
    raise AssertionError(f"no session of {role}")


def lives_seconds(person: Somebody, role: str) -> int:
    """Return how long the session of a role was made for."""
    for path in person.sessions():
        first, second = map(json.loads, path.read_text().splitlines()[:2])
        if second.get("role_arn") == role:
            ends, began = first["Expiration"], second["issued_at"]
            return round((datetime.fromisoformat(ends) - datetime.fromisoformat(began)).total_seconds())
    raise AssertionError(f"no session of {role}")


def with_code(person: Somebody, code: str, *arguments: str, exit_code: int = 0) -> str:
    """Run watchword at a terminal, answer its one question, return all that was shown."""
    terminal = person.at_terminal(*arguments)
    terminal.expect(PROMPT)
    asked = f"{terminal.before}{terminal.after}"
    terminal.sendline(code)
    return asked + end(terminal, exit_code)
