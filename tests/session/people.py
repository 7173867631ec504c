"""Somebody with AWS files, a cache and a shell: what the commands need to be run for real."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pexpect

BIN = Path(sys.executable).parent
WATCHWORD = str(BIN / "watchword")
PROMPT = r"code of `[^\n]*: "
AT = r"(?:\w{3} \d\d? \w{3} )?\d\d:\d\d"  # a time of day, with its date if that is not today's


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A home folder and the environment of a shell in it."""

    home: Path
    environment: dict[str, str]

    @property
    def cache(self) -> Path:
        return self.home / "cache" / "watchword"

    def sessions(self) -> list[Path]:
        return sorted((self.cache / "sessions").glob("*.session"))

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run watchword without any terminal."""
        return self.shell([WATCHWORD, *arguments], **more)

    def shell(self, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
            check=False,
        )

    def at_terminal(self, *arguments: str, **more: str) -> pexpect.spawn[str]:
        """Start watchword at a terminal of its own."""
        return self.terminal(WATCHWORD, *arguments, **more)

    def terminal(self, program: str, *arguments: str, **more: str) -> pexpect.spawn[str]:
        return pexpect.spawn(
            program,
            list(arguments),
            env={**self.environment, **more},
            encoding="utf-8",
            timeout=60,
            dimensions=(40, 200),
        )

    def login(self, code: str, *arguments: str) -> str:
        """Sign in at a terminal, return what was shown."""
        terminal = self.at_terminal("login", *arguments)
        terminal.expect(PROMPT)
        terminal.sendline(code)
        return end(terminal, 0)


def end(terminal: pexpect.spawn[str], exit_code: int) -> str:
    """Wait for the end, return what was shown since the last prompt."""
    terminal.expect(pexpect.EOF)
    shown = terminal.before or ""
    terminal.close()
    assert (terminal.exitstatus, terminal.signalstatus) == (exit_code, None), shown
    return shown


def somebody(home: Path, endpoint_url: str, access_key_id: str, secret_access_key: str) -> Somebody:
    """Return a person whose profile `work` holds a key."""
    files = home / "aws"
    files.mkdir(parents=True)
    (files / "config").write_text("[profile work]\nregion = eu-west-1\n")
    (files / "credentials").write_text(
        f"[work]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {secret_access_key}\n"
    )
    environment = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "AWS_CONFIG_FILE": str(files / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(files / "credentials"),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_PROFILE": "work",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "SHELL": "/bin/bash",
        "TERM": "dumb",
        "TZ": "UTC",
        "LANG": "C.UTF-8",
    }
    return Somebody(home=home, environment=environment)
