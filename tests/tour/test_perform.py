from collections.abc import Iterator

import pytest

from watchword.tour import Answer, Played, Stage, Step, open_stage, perform


@pytest.fixture
def stage() -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage


def play(stage: Stage, step: Step) -> Played:
    (played,) = perform([step], stage)
    return played


def step(command: str, **rest: object) -> Step:
    return Step(part="p", title="t", command=command, expectation="e", **rest)  # type: ignore[arg-type]


def test_a_command_that_does_what_it_should_is_as_expected(stage: Stage) -> None:
    played = play(stage, step("echo hello; exit 3", exit_codes=(3,), says=("hello",), never_says=("bye",)))
    assert played.as_expected
    assert (played.output, played.exit_code) == ("hello", 3)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (step("exit 1"), "exit code 1, not 0"),
        (step("echo hello", says=("bye",)), "the output lacks `bye`"),
        (step("echo hello", never_says=("hello",)), "the output holds `hello`"),
        (
            step("true", answers=(Answer(prompt="code: ", text=lambda _: "x", typed="x"),)),
            "did not come to an end",
        ),
    ],
)
def test_a_command_that_does_not_is_reported(stage: Stage, wrong: Step, problem: str) -> None:
    played = play(stage, wrong)
    assert not played.as_expected
    assert problem in played.problems[0]


def test_prompts_are_answered_on_a_real_terminal_and_hidden_input_stays_hidden(stage: Stage) -> None:
    asking = step(
        "stty -echo </dev/tty; printf 'code: ' >/dev/tty; read -r c </dev/tty; stty echo; test $c = 314159",
        answers=(Answer(prompt="code: ", text=lambda _: "314159", typed="a code"),),
    )
    played = play(stage, asking)
    assert played.as_expected
    assert "314159" not in played.output


def test_a_secret_that_a_command_prints_is_not_in_what_was_played(stage: Stage) -> None:
    first = play(stage, step("""echo '"SecretAccessKey": "wJalrXUtnFEMIK7MDENG"'"""))
    later = play(stage, step("echo wJalrXUtnFEMIK7MDENG"))
    assert "wJalrXUtnFEMIK7MDENG" not in first.output
    assert later.output == "•••"


def test_a_command_ended_by_a_signal_has_the_shells_exit_code(stage: Stage) -> None:
    assert play(stage, step("kill -9 $$")).exit_code == 137
