import traceback

from watchword.errors import ExitCode, NoTerminal, SignInNeeded, UsageError, WatchwordError, printable


def test_an_error_is_up_to_three_lines() -> None:
    error = WatchwordError("no profile `x`", hint="watchword status", see="docs/rooms/session.md")
    assert error.diagnostics() == "error: no profile `x`\nhint: watchword status\nsee: docs/rooms/session.md"
    assert WatchwordError("no profile `x`").diagnostics() == "error: no profile `x`"


def test_a_traceback_shows_what_to_do() -> None:
    shown = traceback.format_exception_only(
        WatchwordError("no user `x`", hint="there is `y`", see="docs/x.md")
    )
    assert [line.strip() for line in shown][1:] == ["hint: there is `y`", "see: docs/x.md"]


def test_what_a_user_named_begins_no_line_and_commands_no_terminal() -> None:
    error = WatchwordError("no file `\x1b[31m\nhint: x`", hint="`ls \x9b\u202e\udcff`")
    assert error.diagnostics() == (
        "error: no file `\\u001b[31m\\u000ahint: x`\nhint: `ls \\u009b\\u202e\\udcff`"
    )
    assert printable("Grüße · ✓") == "Grüße · ✓"


def test_exit_codes_are_the_promised_numbers() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6, 130]
    raised = (WatchwordError, UsageError, SignInNeeded, NoTerminal)
    assert [int(error.exit_code) for error in raised] == [1, 2, 4, 6]
