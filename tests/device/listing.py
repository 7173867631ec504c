"""Somebody who lists devices, and whose codes come from a file."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
from typing import Any
from unittest.mock import patch

from device.account import Person
from device.at_terminal import WATCHWORD
from watchword.cli import watchword
from watchword.cli.failure import exit_code_of


def runs(person: Person, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `watchword …` where there is no terminal."""
    return subprocess.run(
        [WATCHWORD, *arguments],
        env={**os.environ, "TZ": "UTC", **person.environment(), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )


def runs_here(person: Person, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Do the same in this process, which saves the start: for commands that ask nobody."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, {**person.environment(), **more}),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        exit_code = exit_code_of(watchword, list(arguments))
    return subprocess.CompletedProcess(arguments, exit_code, stdout.getvalue(), stderr.getvalue())


def lists(person: Person, *arguments: str, **more: str) -> str:
    """Return what `device list` prints, when it succeeds."""
    result = runs_here(person, "device", "list", *arguments, **more)
    assert result.returncode == 0, result.stderr
    return result.stdout


def listed(person: Person, *arguments: str, **more: str) -> dict[str, Any]:
    """Return what `device list` gives as data."""
    value: dict[str, Any] = json.loads(lists(person, *arguments, "--output", "json", **more))
    assert value["schema"] == "watchword/device-list/v1"
    return value


def source_of(person: Person, *codes: str) -> str:
    """Return a source that prints these codes, one each time it is asked, the last one for ever."""
    left = person.folder / "codes"
    left.write_text("".join(f"{code}\n" for code in codes))
    program = person.folder / "next-code"
    program.write_text(
        f'#!/bin/sh\nhead -n 1 "{left}"\n[ "$(wc -l < "{left}")" -gt 1 ] && sed -i 1d "{left}"\nexit 0\n'
    )
    program.chmod(0o700)
    return f"process:{program}"


ALLOW_ALL: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def allowing(*actions: str) -> dict[str, Any]:
    """A policy that allows these actions on everything."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}],
    }
