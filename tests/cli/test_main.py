from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody, end
from session.sts_peer import SECRET
from watchword.cli import COMMANDS
from watchword.cli.failure import without_secrets


def test_help_leads_with_what_it_is_and_names_every_command(person: Somebody) -> None:
    result = person.run("--help")
    assert result.returncode == 0
    assert "Short-lived, MFA-checked access to AWS." in result.stdout.splitlines()[2]
    for section in COMMANDS.values():
        for entry in section:
            assert f"  {entry.name} " in result.stdout


def test_help_imports_no_command_and_no_sdk() -> None:
    script = (
        "import sys\nfrom watchword.cli import run\n"
        "try:\n    run(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('boto3', 'botocore', 'moto', 'msgspec', 'segno') or m == 'watchword.session'), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stderr == "[]\n"


@pytest.mark.parametrize("command", [(), ("login",), ("logout",), ("status",), ("exec",), ("env",)])
def test_every_command_has_help_with_an_example(person: Somebody, command: tuple[str, ...]) -> None:
    result = person.run("--color", "never", *command, "--color", "never", "--help")
    assert result.returncode == 0
    assert "Examples: `" in result.stdout


def test_version(person: Somebody) -> None:
    from watchword import __version__

    assert person.run("--version").stdout == f"watchword {__version__}\n"


def test_the_name_that_a_command_has_elsewhere_leads_to_ours(person: Somebody) -> None:
    assert "hint: did you mean `watchword role assume`?" in person.run("assume", "supervise").stderr
    assert "hint: `watchword role --help` lists them" in person.run("role", "export").stderr


def test_a_choice_that_is_left_out_is_said_on_one_line(person: Somebody) -> None:
    first = person.run("completion").stderr.splitlines()[0]
    assert first == "error: missing argument `{bash|zsh|fish}`: one of bash, zsh, fish"


def test_a_mistyped_command_is_three_lines_and_2(person: Somebody) -> None:
    result = person.run("logn")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "error: there is no command `logn`",
        "hint: did you mean `watchword login`?",
        "see: docs/rooms/cli.md",
    ]


def test_a_mistyped_option_is_in_our_form(person: Somebody) -> None:
    result = person.run("login", "--froce")
    assert result.returncode == 2
    assert result.stderr.startswith("error: no such option `--froce` (did you mean")


def test_an_unknown_profile_names_those_there_are(person: Somebody) -> None:
    result = person.run("login", "wrok")
    assert result.returncode == 1
    assert result.stderr.splitlines()[:2] == [
        "error: there is no profile `wrok` in the AWS files",
        "hint: there is `work`; name one: `--profile NAME`, or AWS_PROFILE for the whole shell",
    ]


def test_a_reader_that_has_had_enough_is_no_error(person: Somebody, account: Account) -> None:
    result = person.shell(["sh", "-c", f"{WATCHWORD} --help | true"])
    assert result.stderr == ""


def test_a_bug_is_one_line_and_the_way_to_more(person: Somebody) -> None:
    script = (
        "import click, sys\nfrom watchword.cli.failure import exit_code_of\n"
        f"@click.command()\ndef broken():\n    raise KeyError('{SECRET} 123456')\n"
        "sys.exit(exit_code_of(broken, []))"
    )
    for debug in ("", "1"):
        result = person.shell([sys.executable, "-c", script], WATCHWORD_DEBUG=debug)
        assert result.returncode == 1
        assert "error: watchword itself failed: KeyError" in result.stderr
        assert SECRET not in result.stderr
        assert "123456" not in result.stderr
        assert ("Traceback" in result.stderr) == bool(debug)


def test_no_output_ever_holds_a_secret_a_token_or_a_code(person: Somebody, account: Account) -> None:
    debug = {"WATCHWORD_DEBUG": "1"}
    typed = [account.wrong_codes()[0], account.code()]
    terminal = person.at_terminal("login", **debug)
    shown = ""
    for code in typed:
        terminal.expect(PROMPT)
        shown += str(terminal.before)
        terminal.sendline(code)
    shown += end(terminal, 0)
    runs = [
        person.run("login", "--output", "json", **debug),
        person.run("status", "--output", "json", **debug),
        person.run("status", "--check", **debug),
        person.run("login", "--force", **debug),
        person.run("exec", "--", "true", **debug),
        person.run("exec", "--", "no-such-program", **debug),
        person.run("status", "--check", AWS_ENDPOINT_URL="http://127.0.0.1:9", **debug),
    ]
    held = json.loads(person.sessions()[0].read_text().splitlines()[0])
    account.end_sessions()
    runs += [person.run("status", "--check", **debug), person.run("logout", "--all", **debug)]
    account.deactivate_key()
    shown += end(person.at_terminal("login", **debug), 5)
    everything = shown + "".join(run.stdout + run.stderr for run in runs)
    assert "Traceback" in everything
    for secret in (account.key.secret_access_key, held["SecretAccessKey"], held["SessionToken"], *typed):
        assert secret not in everything


def test_what_looks_like_a_secret_becomes_dots() -> None:
    assert without_secrets("code 123456.") == "code ••••••."
    assert without_secrets("account 123456789012") == "account 123456789012"
    assert without_secrets(f"x {SECRET} y") == "x ••• y"


def test_a_closed_output_fails_only_when_there_is_something_to_write(person: Somebody) -> None:
    for command, code in (("status", 1), ("logout", 0), ("--help", 1), ("nosuch", 2)):
        result = person.shell(["sh", "-c", f"{WATCHWORD} {command} >&-"])
        assert (result.returncode, "Traceback" in result.stderr) == (code, False), result.stderr


def test_a_closed_error_output_leaves_the_exit_code_to_speak(person: Somebody) -> None:
    for closed in ("2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"):
        for command, code in (("nosuch", 2), ("login", 6), ("exec -- true", 6)):
            assert person.shell(["sh", "-c", f"{WATCHWORD} {command} {closed}"]).returncode == code


def test_no_file_takes_the_number_of_a_closed_stream(person: Somebody, account: Account) -> None:
    terminal = person.terminal("sh", "-c", f"{WATCHWORD} login <&- >&- 2>&-")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)
    seen = person.shell(["sh", "-c", f"{WATCHWORD} exec -- sh -c 'test -e /proc/$$/fd/2; exit $?' 2>&-"])
    assert seen.returncode == 1, "the program finds it closed, as it was"


def test_a_path_is_no_secret_however_long(tmp_path: Path) -> None:
    folder = tmp_path / "x-" / ("a" * 20) / ("b2" * 20)
    folder.mkdir(parents=True)
    assert without_secrets(f"{folder}").endswith("•••"), "without quotes it is any long text"
    for said in (f"cannot write `{folder / 'c'}`: full", f'File "{folder}/x.py", line 3'):
        assert without_secrets(said) == said
    assert without_secrets(f"`/{SECRET}`") == "`•••`"
    assert without_secrets(f"`{folder}` and {SECRET} and `{SECRET}`") == f"`{folder}` and ••• and `•••`"


def test_a_long_name_is_no_secret_where_it_is_known_to_be_one() -> None:
    sid = "AllowUsersToCreateDeleteTheirOwnVirtualMFADevices"
    assert without_secrets(f"`{sid}` denies it", (sid,)) == f"`{sid}` denies it"
    assert without_secrets(f"`{sid}` denies it") == "`•••` denies it"
    assert without_secrets(f"`{sid}`, {sid} and `{SECRET}`", (sid,)) == f"`{sid}`, ••• and `•••`"
