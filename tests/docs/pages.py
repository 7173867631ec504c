"""The commands that the documentation shows, and a person who types them."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import boto3
import pexpect

from watchword.tour import FIRST_ACT, Stage, perform

ROOT = Path(__file__).resolve().parents[2]
USER = "testuser"
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_EXITS = re.compile(r"\s+# exits (\d+)$")
# A prompt is the last that was written; data can have such words in the middle of it.
_CODE_PROMPT = r"(?i)\bcode[^\r\n]*: $"
_YES_OR_NO = r"\[y/N\] "
_ENDED = 2
# The files of the story's policies, and what it calls them.
_MANAGED = "describe-regions-with-mfa"
_POLICIES = {
    _MANAGED: "DescribeRegionsWithMfa",
    "list-devices-and-describe-with-mfa": "ListDevices",
    "enrol-own-device": "EnrolOwnDevice",
}


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
    """Have what the story makes up to the point where a page begins: a user with a key, or with a device too.

    The administrator's part is done by calls and not typed: the story is played as it stands elsewhere.
    """
    _play(stage, "watchword sandbox up", 'eval "$(watchword sandbox env)"')
    _make_user(stage)
    stage.environment["AWS_PROFILE"] = USER
    if enrolled:
        _play(stage, "watchword device enroll")
        # Pages begin with somebody who is not signed in; the code that enrolment used is not good any more.
        stage.type(f"watchword logout {USER}")
        stage.notes["used"] = stage.notes["code"]


def _play(stage: Stage, *commands: str) -> None:
    steps = [step for command in commands for step in FIRST_ACT if step.command.startswith(command)]
    for played in perform(steps, stage):
        assert played.as_expected, (played.step.command, played.problems, played.output)


def _make_user(stage: Stage) -> None:
    """Make the user of the story, with its policies, and the profile that `aws configure` would have made."""
    credentials = Path(stage.environment["AWS_SHARED_CREDENTIALS_FILE"])
    root = ConfigParser()
    root.read(credentials)
    iam = boto3.client(
        "iam",
        endpoint_url=stage.environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id=root["root"]["aws_access_key_id"],
        aws_secret_access_key=root["root"]["aws_secret_access_key"],
    )
    iam.create_user(UserName=USER)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    text = {name: (stage.folder / f"{name}.json").read_text(encoding="utf-8") for name in _POLICIES}
    policy = iam.create_policy(PolicyName="DescribeRegionsWithMfa", PolicyDocument=text[_MANAGED])["Policy"]
    iam.attach_user_policy(UserName=USER, PolicyArn=policy["Arn"])
    for name, policy_name in _POLICIES.items():
        if name != _MANAGED:
            iam.put_user_policy(UserName=USER, PolicyName=policy_name, PolicyDocument=text[name])
    with credentials.open("a") as file:
        file.write(
            f"[{USER}]\naws_access_key_id = {key['AccessKeyId']}\n"
            f"aws_secret_access_key = {key['SecretAccessKey']}\n"
        )
    with Path(stage.environment["AWS_CONFIG_FILE"]).open("a") as file:
        file.write(f"[profile {USER}]\nregion = eu-west-1\noutput = json\n")


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
    """Return a code that has not been typed yet, moving the sandbox's clock to the next when it must."""
    used = stage.notes.setdefault("used", "").split()
    for which in ("", " --next"):
        output, exit_code = stage.type(f"watchword sandbox phone --user {shlex.quote(USER)} --code{which}")
        code = output.strip()
        if exit_code == 0 and code not in used:
            stage.notes["used"] += f" {code}"
            return code
    stage.type("watchword sandbox clock move +30s")
    return _fresh_code(stage)
