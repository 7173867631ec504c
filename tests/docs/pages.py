"""The commands that the documentation shows, and a person who types them."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pexpect

from watchword.tour import STEPS, Stage, perform

ROOT = Path(__file__).resolve().parents[2]
USER = "testuser"
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_EXITS = re.compile(r"\s+# exits (\d+)$")
# A prompt is the last that was written; data can have such words in the middle of it.
_CODE_PROMPT = r"(?i)\bcode[^\r\n]*: $"
_YES_OR_NO = r"\[y/N\] "
_ENDED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line after `$ `, with the lines that continue it, and the exit code it should have."""

    text: str
    exit_code: int = 0


def pages() -> list[Path]:
    """Return the README and every page of docs/ that shows a command."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if commands(page)]


def commands(page: Path) -> list[Command]:
    """Return what the `console` blocks of a page say to type, in order.

    `# exits N` after a command says that this exit code is right. A line that ends with a backslash
    goes on in the next; all other lines are output.
    """
    found = []
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for match in re.finditer(r"^\$ ((?:.*\\\n)*.*)$", block, re.MULTILINE):
            text = match.group(1)
            exits = _EXITS.search(text)
            found.append(Command(text=_EXITS.sub("", text), exit_code=int(exits.group(1)) if exits else 0))
    return found


def prepare(stage: Stage, *, enrolled: bool) -> None:
    """Play the story up to the point where a page begins: a user with a key, or with a device too."""
    last = "watchword device enroll" if enrolled else "aws iam list-mfa-devices"
    ends = max(index for index, step in enumerate(STEPS) if step.command.startswith(last))
    for played in perform(STEPS[: ends + 1], stage):
        assert played.as_expected, (played.step.command, played.problems, played.output)
    stage.environment["AWS_PROFILE"] = USER
    if enrolled:
        # Pages begin with somebody who is not signed in; the code that enrolment used is not good any more.
        stage.type(f"watchword logout {USER}")
        stage.notes["used"] = stage.notes["code"]


def type_all(stage: Stage, page: Path) -> list[str]:
    """Type all commands of a page into one shell, codes from the phone; return what went wrong."""
    wanted = commands(page)
    script = "\n".join(f"{command.text}\necho @exit:$?" for command in wanted)
    shown = _type(stage, script)
    codes = [int(code) for code in re.findall(r"@exit:(\d+)", shown)]
    wrong = [
        f"`{command.text}` ended with {code}, not {command.exit_code}"
        for command, code in zip(wanted, codes, strict=False)
        if code != command.exit_code
    ]
    if len(codes) != len(wanted):
        wrong.append(f"only {len(codes)} of {len(wanted)} commands came to an end")
    return [*wrong, shown] if wrong else []


def _type(stage: Stage, script: str) -> str:
    shell = pexpect.spawn(
        "/bin/sh",
        ["-c", script],
        cwd=str(stage.folder),
        env=stage.environment,
        dimensions=(45, 100),
        encoding="utf-8",
        codec_errors="replace",
        timeout=100,
    )
    shell.logfile_read = shown = StringIO()
    while (asked := shell.expect([_CODE_PROMPT, _YES_OR_NO, pexpect.EOF])) != _ENDED:
        answer = "y" if asked else _fresh_code(stage)
        # A prompt that counts seconds was written again meanwhile: it is one prompt all the same.
        shell.expect([pexpect.TIMEOUT, pexpect.EOF], timeout=0.2)
        shell.buffer = ""
        shell.sendline(answer)
    shell.close()
    return shown.getvalue()


def _fresh_code(stage: Stage) -> str:
    """Return a code that has not been typed yet, waiting for the phone when it must."""
    used = stage.notes.setdefault("used", "").split()
    for which in ("", " --next"):
        output, exit_code = stage.type(f"watchword sandbox phone --user {shlex.quote(USER)} --code{which}")
        code = output.strip()
        if exit_code == 0 and code not in used:
            stage.notes["used"] += f" {code}"
            return code
    time.sleep(5)
    return _fresh_code(stage)
