"""Every way out, with the programs of others: the `aws` command, boto3, and the SDK for JavaScript."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from session.account import Account
from session.people import WATCHWORD, Somebody
from watchword.fastpath.line import process_line

HERE = Path(__file__).parent
_PROGRAMS = {
    "aws": ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
    "boto3": [sys.executable, "-c", "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"],
    "node": ["node", str(HERE / "identity.mjs")],
}


@pytest.mark.parametrize("name", list(_PROGRAMS))
def test_a_program_gets_in_by_every_way_out(
    person: Somebody, account: Account, node_modules: Path, name: str
) -> None:
    program = _PROGRAMS[name]
    person.environment["NODE_MODULES"] = str(node_modules)
    with (person.home / "aws" / "config").open("a") as config:
        config.write(f"[profile app]\nregion = eu-west-1\ncredential_process = {process_line('work')}\n")
    person.login(account.code())
    ran = {
        "credential-process": person.shell(program, AWS_PROFILE="app"),
        "serve": person.run("serve", "--", *program),
        "exec": person.run("exec", "--", *program),
        "env": person.shell(["bash", "-euc", f'eval "$({WATCHWORD} env)"; exec "$@"', "-", *program]),
    }
    wrong = {
        way: (each.stdout, each.stderr) for way, each in ran.items() if each.stdout.strip() != account.arn
    }
    assert wrong == {}
    asked = [record for record in account.calls("sts:GetCallerIdentity") if record.mfa == "true"]
    assert len(asked) == len(ran)


@pytest.mark.parametrize("way", ["credential-process", "serve", "env"])
def test_without_a_session_the_sdk_for_javascript_gets_nothing(
    person: Somebody, account: Account, node_modules: Path, way: str
) -> None:
    program = _PROGRAMS["node"]
    person.environment["NODE_MODULES"] = str(node_modules)
    with (person.home / "aws" / "config").open("a") as config:
        config.write(f"[profile app]\nregion = eu-west-1\ncredential_process = {process_line('work')}\n")
    match way:
        case "credential-process":
            result = person.shell(program, AWS_PROFILE="app")
        case "serve":
            result = person.run("serve", "--", *program)
        case _:
            result = person.shell(["bash", "-euc", f'eval "$({WATCHWORD} env)"; exec "$@"', "-", *program])
    assert result.returncode != 0
    assert account.arn not in result.stdout
    assert account.calls() == []
