"""What the tests of roles share: profiles of roles, and what a session says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from session.people import PROMPT, Somebody, end


def profile(person: Somebody, name: str, **settings: str) -> None:
    """Add a profile to the AWS config of `person`; `source_profile` is `work` unless said otherwise."""
    config = Path(person.environment["AWS_CONFIG_FILE"])
    if not {"source_profile", "credential_source", "credential_process"} & settings.keys():
        settings["source_profile"] = "work"
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    config.write_text(f"{config.read_text()}\n[profile {name}]\n{lines}")


def who(person: Somebody, *arguments: str) -> str:
    """Return the ARN that a program gets in with; `arguments` are those of `exec`."""
    return str(_identity(person, *arguments)["Arn"])


def _identity(person: Somebody, *arguments: str) -> dict[str, Any]:
    ran = person.run("exec", *arguments, "--", "aws", "sts", "get-caller-identity", "--output", "json")
    assert ran.returncode == 0, ran.stderr
    identity: dict[str, Any] = json.loads(ran.stdout)
    return identity


def kept(person: Somebody, role: str) -> dict[str, str]:
    """Return what the store says of the session of the role with this ARN."""
    for path in person.sessions():
        about: dict[str, str] = json.loads(path.read_text().splitlines()[1])
        if about.get("role_arn") == role:
            return about
    raise AssertionError(f"no session of {role}")


def lives_seconds(person: Somebody, role: str) -> int:
    """Return how long the session of a role was made for."""
    from datetime import datetime

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
