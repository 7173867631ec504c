"""Play a step on the stage and say whether it went as it should."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from watchword.tour import transcript
from watchword.tour.stage import Stage
from watchword.tour.step import Played, Step


def perform(
    steps: Iterable[Step], stage: Stage, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[Played]:
    """Play the steps in order, yielding each as it ends. What comes after a wrong step is played too."""
    for step in steps:
        yield _play(step, stage, clock)


def _play(step: Step, stage: Stage, clock: Callable[[], float]) -> Played:
    began = clock()
    answers = [(answer.prompt, lambda answer=answer: answer.text(stage)) for answer in step.answers]
    raw, exit_code = stage.type(step.command, answers)
    output = transcript.readable(raw)
    stage.secrets.update(transcript.secrets_in(output))
    if step.remember is not None:
        step.remember(stage, output)
    shown = transcript.mask(output, stage.secrets)
    return Played(
        step=step,
        output=shown,
        exit_code=exit_code,
        duration_seconds=clock() - began,
        problems=tuple(_problems(step, shown, exit_code)),
    )


def _problems(step: Step, output: str, exit_code: int | None) -> Iterator[str]:
    if exit_code is None:
        yield "it did not come to an end, or a prompt did not appear"
    elif exit_code not in step.exit_codes:
        yield f"exit code {exit_code}, not {' or '.join(map(str, step.exit_codes))}"
    flowing = " ".join(output.split())
    for text in step.says:
        if text not in flowing:
            yield f"the output lacks `{text}`"
    for text in step.never_says:
        if text in flowing:
            yield f"the output holds `{text}`"
