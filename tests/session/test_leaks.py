from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pexpect
import pytest

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody
from session.processes import Processes
from watchword.fastpath import session_file

SECRET_NAME = re.compile(r"secret|token|seed|password|_code$|credentials$|^output$|^qr")


@dataclass(kw_only=True)
class Talk:
    """What was said aloud: on stderr, on terminals, and on stdout where nothing secret is asked for."""

    person: Somebody
    said: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def run(self, *arguments: str, **more: str) -> None:
        """Run a command without a terminal."""
        done = self.person.run(*arguments, **more)
        self.said += [done.stderr, done.stdout]

    def data(self, *arguments: str, **more: str) -> None:
        """Run a command whose stdout is for a program, and secret."""
        self.said.append(self.person.run(*arguments, **more).stderr)

    def shell(self, script: str, **more: str) -> None:
        done = self.person.shell(["sh", "-c", script], **more)
        self.said += [done.stderr, done.stdout]

    def at_terminal(self, *arguments: str, answers: list[str], **more: str) -> None:
        """Run a command at a terminal and type the answers, each at a prompt."""
        terminal = self.person.at_terminal(*arguments, **more)
        for answer in answers:
            self.codes.append(answer)
            assert terminal.expect([PROMPT, pexpect.EOF]) == 0, terminal.before
            self.said.append(terminal.before or "")
            terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        self.said.append(terminal.before or "")
        terminal.close()


def sessions(person: Somebody) -> Iterator[session_file.Credentials]:
    for path in person.sessions():
        yield session_file.read(str(path))[0]


def test_no_secret_and_no_code_is_ever_seen(person: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    talk, secrets = Talk(person=person), {account.key.secret_access_key}
    debug = {"WATCHWORD_DEBUG": "1"}
    with Processes() as processes:
        in_all_ways(talk, account, debug, secrets)
    assert len(processes.arguments) > 10
    secrets |= {text for each in sessions(person) for text in (each.secret_access_key, each.session_token)}
    assert len(secrets) > 4
    files = [path for path in person.home.rglob("*") if "aws" not in path.parts]
    talk.said += [str(path) for path in files]
    talk.said += [path.read_text() for path in files if "audit" in path.parts and path.is_file()]
    aloud = "\n".join(talk.said)
    arguments = b"\n".join(processes.arguments).decode(errors="replace")
    for code in talk.codes:
        assert not re.search(rf"(?<!\d){code}(?!\d)", aloud), code
        assert not re.search(rf"(?<!\d){code}(?!\d)", arguments), code
        assert not {*processes.environments_with(code)}
    for secret in secrets:
        assert secret not in aloud
        assert secret not in arguments
        assert processes.environments_with(secret) <= {b"sleep\x000.5\x00"}
    assert not {*processes.environments_with(account.key.secret_access_key)}


def in_all_ways(talk: Talk, account: Account, debug: dict[str, str], secrets: set[str]) -> None:
    """Get in, and fail to, in every way that takes a code or hands out a session."""
    person, role = talk.person, f"arn:aws:iam::{account.sandbox.account}:role/Support"
    talk.run("login", **debug)
    talk.at_terminal("login", answers=["12345", *account.wrong_codes(1), account.code()], **debug)
    talk.run("exec", "--", "sleep", "0.5")
    talk.run("exec", "--role", role, "--", "sleep", "0.5")
    talk.run("exec", "--role", role.replace("Support", "Nobody"), "--", "true", **debug)
    talk.data("credential-process")
    talk.data("env", "--shell", "bash")
    talk.run("login", "--output", "json")
    talk.run("status", "--check")
    talk.run("status", "--output", "json")
    talk.data("console", "--role", role, "--print", **debug)
    code = account.sandbox.fresh_code(account.serial())
    talk.codes.append(code)
    # A file: what a shell is told to echo stands in its arguments, which is the caller's own doing.
    (person.home / "aws" / "code").write_text(f"{code}\n")
    talk.shell(f"{WATCHWORD} login --force --mfa-code - <{person.home}/aws/code", **debug)
    code = account.sandbox.fresh_code(account.serial())
    talk.codes.append(code)
    (person.home / "aws" / "code").write_text(f"{code}\n")
    talk.run("login", "--force", "--mfa-from", f"process:cat {person.home}/aws/code", **debug)
    talk.run("login", "--force", "--mfa-from", f"process:cat {person.home}/aws/credentials", **debug)
    secrets |= {text for each in sessions(person) for text in (each.secret_access_key, each.session_token)}
    talk.run("audit-log")
    talk.run("audit-log", "--output", "json")
    talk.run("profile", "list")
    talk.run("profile", "write", **debug)
    talk.run("login", AWS_ENDPOINT_URL="http://127.0.0.1:9", **debug)
    kept = {path: path.read_text() for path in person.sessions()}
    for path, text in kept.items():
        path.write_text(text[:-200])
    talk.run("status", **debug)
    talk.run("exec", "--", "true", **debug)
    for path in kept:
        path.chmod(0o644)
    talk.run("exec", "--", "true", **debug)
    for path, text in kept.items():
        path.chmod(0o600)
        path.write_text(text)
    account.deactivate_key()
    talk.at_terminal("login", "--force", answers=[], **debug)


@pytest.mark.parametrize("arguments", [("login",), ("login", "--mfa-code"), ("exec",), ("console", "--role")])
def test_a_code_in_the_arguments_is_refused_and_not_repeated(
    person: Somebody, account: Account, arguments: tuple[str, ...]
) -> None:
    code = account.code()
    result = person.run(*arguments, code, WATCHWORD_DEBUG="1")
    assert result.returncode == 2, result.stderr
    assert code not in result.stderr
    assert account.calls() == []


def test_the_debug_log_of_a_program_holds_neither_code_nor_secret(person: Somebody, account: Account) -> None:
    code = account.code()
    program = (
        "import logging; logging.basicConfig(level=logging.DEBUG); from watchword import boto3_session; "
        "import sys; session = boto3_session(ask=lambda *_: sys.stdin.readline().strip()); "
        "session.client('sts').get_caller_identity()"
    )
    (person.home / "code").write_text(code)
    done = person.shell(["sh", "-c", f'{sys.executable} -c "{program}" <{person.home}/code'])
    assert done.returncode == 0, done.stderr
    assert "DEBUG:botocore" in done.stderr
    (session,) = sessions(person)
    assert not re.search(rf"(?<!\d){code}(?!\d)", done.stderr)
    assert session.secret_access_key not in done.stderr
    assert account.key.secret_access_key not in done.stderr


def _dataclasses() -> Iterator[type]:
    for room in ("aws", "local", "session", "device"):
        package = importlib.import_module(f"watchword.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if dataclasses.is_dataclass(value) and isinstance(value, type):
                    yield value


def test_what_is_secret_in_a_value_is_not_printed_with_it() -> None:
    printed = {
        f"{each.__module__}.{each.__name__}.{one.name}"
        for each in _dataclasses()
        # What dataclasses write themselves wraps a function; whoever writes another knows what to leave out.
        if hasattr(each.__repr__, "__wrapped__")
        for one in dataclasses.fields(each)
        if one.repr and SECRET_NAME.search(one.name) and str(one.type).split(" ")[0] in {"str", "bytes"}
    }
    assert printed == set()


def test_a_line_of_the_log_is_made_of_all_that_a_session_is_but_its_secrets(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    (session,) = sessions(person)
    value = json.loads(person.run("audit-log", "--output", "json").stdout)
    (entry,) = value["entries"]
    assert entry["access_key_id"] == session.access_key_id
    assert entry["who"] == account.arn
    assert entry["serial_number"] == account.serial()
    assert (entry["how"], entry["profile"]) == ("code", "work")
    assert abs(entry["duration_seconds"] - 14_400) < 30
    assert entry["source_access_key_id"] == account.key.access_key_id
