from typing import Any

import pytest

from watchword.report.style import Style
from watchword.report.tour import step_as_text, summary, summary_as_text

PLAIN = Style(color=False)


@pytest.fixture
def step() -> dict[str, Any]:
    return {
        "part": "The key alone is refused",
        "title": "call EC2",
        "command": "aws ec2 describe-regions \\\n  --region eu-west-1",
        "typed": [],
        "output": "An error occurred",
        "expectation": "refused",
        "as_expected": True,
        "problems": [],
    }


def test_a_step_shows_the_command_as_typed_its_output_and_the_verdict(step: dict[str, Any]) -> None:
    assert step_as_text(step, PLAIN, part_is_new=True).splitlines()[1:] == [
        "== The key alone is refused ==",
        "",
        "# call EC2",
        "$ aws ec2 describe-regions \\",
        ">   --region eu-west-1",
        "  An error occurred",
        "✓ as it should be: refused",
    ]


def test_what_was_typed_unseen_is_said_in_words(step: dict[str, Any]) -> None:
    step["typed"] = ["a wrong code", "the code that the phone shows"]
    text = step_as_text(step, PLAIN, part_is_new=False)
    assert "(typed when asked: a wrong code, then the code that the phone shows)" in text


def test_a_step_that_went_wrong_says_how_and_the_summary_names_it(step: dict[str, Any]) -> None:
    step |= {"as_expected": False, "problems": ["exit code 0, not 254"]}
    text = step_as_text(step, PLAIN, part_is_new=False)
    assert "✗ NOT as it should be: refused\n  ✗ exit code 0, not 254" in text
    value = summary([step], duration_seconds=1.26)
    assert (value["schema"], value["as_expected"], value["duration_seconds"]) == (
        "watchword/tour/v1",
        False,
        1.3,
    )
    assert summary_as_text(value) == "\n1 steps, 1 not as they should be (1 s):\n  ✗ call EC2"


def test_a_sign_stands_beside_every_colour(step: dict[str, Any]) -> None:
    assert "\x1b[32m✓ as it should be" in step_as_text(step, Style(color=True), part_is_new=False)
