"""What an error about a policy says, word for word."""

from __future__ import annotations

from watchword.iam import PolicySyntaxError
from watchword.iam.errors import Problem


def several(count: int) -> tuple[Problem, ...]:
    return tuple(Problem(line=at, column=2 * at, message=f"expected {at}") for at in range(1, count + 1))


def test_one_line_says_what_is_wrong_with_which_document() -> None:
    error = PolicySyntaxError("mfa.json", several(1))
    assert str(error).splitlines()[0] == "`mfa.json` is not a valid policy: line 1, column 2: expected 1"
    assert (error.name, error.problems, error.more, error.counted) == ("mfa.json", several(1), 0, True)
    assert error.see == "docs/rooms/iam.md"


def test_three_problems_are_said_in_the_line_itself() -> None:
    assert PolicySyntaxError("p", several(3)).message == (
        "`p` is not a valid policy: line 1, column 2: expected 1; line 2, column 4: expected 2; "
        "line 3, column 6: expected 3"
    )


def test_of_four_problems_the_last_is_counted() -> None:
    assert PolicySyntaxError("p", several(4)).message == (
        "`p` is not a valid policy: line 1, column 2: expected 1; line 2, column 4: expected 2; "
        "line 3, column 6: expected 3; and 1 more"
    )


def test_those_that_are_not_listed_count_as_well() -> None:
    assert PolicySyntaxError("p", several(5), more=7).message.endswith("expected 3; and 9 more")
    uncounted = PolicySyntaxError("p", several(2), more=7, counted=False)
    assert uncounted.message.endswith("expected 2; and at least 7 more")
    assert (uncounted.more, uncounted.counted) == (7, False)


def test_the_long_form_has_a_line_for_every_problem() -> None:
    assert PolicySyntaxError("p", several(4)).diagnostics() == (
        "error: `p` is not a valid policy\n"
        "  line 1, column 2: expected 1\n"
        "  line 2, column 4: expected 2\n"
        "  line 3, column 6: expected 3\n"
        "  line 4, column 8: expected 4\n"
        "see: docs/rooms/iam.md"
    )


def test_the_long_form_counts_what_it_does_not_list() -> None:
    assert PolicySyntaxError("p", several(1), more=1).diagnostics() == (
        "error: `p` is not a valid policy\n"
        "  line 1, column 2: expected 1\n"
        "  and 1 more\n"
        "see: docs/rooms/iam.md"
    )
    assert PolicySyntaxError("p", several(1), more=2, counted=False).diagnostics() == (
        "error: `p` is not a valid policy\n"
        "  line 1, column 2: expected 1\n"
        "  and at least 2 more\n"
        "see: docs/rooms/iam.md"
    )
