"""`watchword tour`: play the story on a sandbox and show every command as one would type it."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import click

from watchword.cli.options import color_option, output_option, stdout_style
from watchword.errors import ExitCode
from watchword.report import tour as report
from watchword.tour import STEPS, Stage, open_stage, perform


@click.command(epilog="Examples: `watchword tour` · `watchword tour --output json > tour.json`")
@output_option
@color_option
def tour(output: str) -> None:
    """Play the whole story on a local AWS: refused, a code, allowed; then policies, a proof, the fix.

    A sandbox is started on a free port of 127.0.0.1 in a folder of its own and removed afterwards;
    your own AWS files are not read. Takes less than two minutes, part of it waiting for the next code.
    Exits 0 only if every step went as it should.
    """
    began = time.monotonic()
    played: list[dict[str, Any]] = []
    with open_stage() as stage:
        try:
            for done in perform(STEPS, stage):
                data = done.as_data()
                if output == "text":
                    part_is_new = not played or played[-1]["part"] != data["part"]
                    style = stdout_style()
                    click.echo(report.step_as_text(data, style, part_is_new=part_is_new), color=style.color)
                played.append(data)
                _progress(len(played), wanted=output == "json")
        finally:
            _leave_nothing_running(stage)
    value = report.summary(played, duration_seconds=time.monotonic() - began)
    click.echo(json.dumps(value, indent=2) if output == "json" else report.summary_as_text(value))
    sys.exit(ExitCode.OK if value["as_expected"] else ExitCode.FAILED)


def _progress(done: int, *, wanted: bool) -> None:
    if wanted and sys.stderr.isatty():
        end = "\n" if done == len(STEPS) else ""
        click.echo(f"\r{done} of {len(STEPS)} steps", nl=False, err=True)
        click.echo(end, nl=False, err=True)


def _leave_nothing_running(stage: Stage) -> None:
    stage.type("watchword sandbox down")
