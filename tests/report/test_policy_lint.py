import pytest

from watchword.iam.policy import Lines
from watchword.lint import Finding, Severity
from watchword.report.diff import diff_text
from watchword.report.policy_lint import LintedFile, lint_value
from watchword.report.policy_lint_text import lint_text
from watchword.report.style import Style

PLAIN = Style(color=False)


def shown(text: str, at: int, length: int, *, width: int | None = None, message: str = "it is wrong") -> str:
    lines = Lines.of(text)
    finding = Finding(
        rule="placeholder",
        severity=Severity.ERROR,
        message=message,
        place=lines.place(at),
        end=lines.place(at + length),
    )
    file = LintedFile(name="p.json", text=text, kind="identity", findings=(finding,), lines=lines)
    return lint_text(lint_value([file]), PLAIN, width=width)


def test_the_caret_stands_under_what_is_meant() -> None:
    text = '{\n\t\t"Resource": "<arn>"\n}'
    assert shown(text, text.index('"<'), 7).split("\n")[:3] == [
        "p.json:2:15: error placeholder: it is wrong",
        '  2 | "Resource": "<arn>"',
        "    |             ^^^^^^^",
    ]


def test_wide_signs_take_two_columns() -> None:
    text = '{"日本": "<arn>"}'
    line, carets = shown(text, text.index('"<'), 7).split("\n")[1:3]
    assert line == '  1 | {"日本": "<arn>"}'
    assert carets == "    |          ^^^^^^^"


def test_a_line_of_a_hundred_thousand_characters_is_cut_around_the_finding() -> None:
    text = "[" + '"a",' * 25_000 + '"<arn>"' + ',"a"' * 25_000 + "]"
    output = shown(text, text.index('"<'), 7, width=80)
    line, carets = output.split("\n")[1:3]
    assert len(line) <= 80
    assert line[carets.index("^") :].startswith('"<arn>"')
    assert line.count("…") == 2


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    text = '{"Resource": "' + "x" * 200 + '"}'
    output = shown(text, 13, 202, width=width, message="this is wrong in many words " * 8)
    assert max(len(line) for line in output.split("\n")) <= width
    assert not any(line.endswith(" ") for line in output.split("\n"))


def test_a_program_gets_one_line_a_message() -> None:
    message = "this is wrong in many words " * 8
    assert message.rstrip() in shown("{}", 0, 2, message=message.rstrip())


def test_no_sign_of_a_document_commands_the_terminal() -> None:
    text = '{"Resource": "\x1b[2J\u202e<arn>"}'
    output = shown(text, 13, 10, message="`\x1b[31m` is odd")
    assert "\x1b" not in output
    assert "\u202e" not in output


def test_a_diff_can_be_given_to_patch() -> None:
    text = diff_text("p.json", "a\nb\n", "a\nc", PLAIN, to_read=False)
    assert text == "--- a/p.json\n+++ b/p.json\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n"
    assert diff_text("p.json", "a\n", "a\n", PLAIN, to_read=False) == ""
    assert "\x9b" in diff_text("p.json", "a\n", "\x9b\r\n", PLAIN, to_read=False)


def test_a_diff_that_people_read_commands_no_terminal() -> None:
    text = diff_text("p\x1b[31m\n.json", "a\r\n", "\x9b31m\u202e\r\n", PLAIN, to_read=True)
    assert not {"\x1b", "\x9b", "\u202e"} & {*text}
    assert text.count("\n") == 5
    assert "-a\r\n" in text


def test_the_summary_counts_what_there_is() -> None:
    files = [LintedFile(name="a", kind="identity"), LintedFile(name="b", problem="gone")]
    assert lint_text(lint_value(files), PLAIN, width=None) == "ok: nothing found in 1 document; 1 failed"
    assert lint_text(lint_value(files[1:]), PLAIN, width=None) == "no document was read"
