"""The story as text and as data; the text is rendered from the same values as the data."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from watchword.report.style import Style

SCHEMA = "watchword/tour/v1"


def step_as_text(step: Mapping[str, Any], style: Style, *, part_is_new: bool) -> str:
    """Return one played step as a terminal shows it.

    `step` is an element of `steps` in the value that `summary` describes.
    """
    lines = [f"\n== {style.strong(step['part'])} ==\n"] if part_is_new else [""]
    lines.append(f"# {step['title']}")
    command = textwrap.indent(step["command"], "> ", lambda _: True).replace("> ", "$ ", 1)
    lines.append(style.strong(command))
    if step["typed"]:
        lines.append(f"  (typed when asked: {', then '.join(step['typed'])})")
    if step["output"]:
        lines.append(textwrap.indent(step["output"], "  ", lambda _: True))
    verdict = style.good("✓ as it should be") if step["as_expected"] else style.bad("✗ NOT as it should be")
    lines.append(f"{verdict}: {step['expectation']}")
    lines.extend(f"  ✗ {problem}" for problem in step["problems"])
    return "\n".join(lines)


def summary(steps: Sequence[Mapping[str, Any]], *, duration_seconds: float) -> dict[str, Any]:
    """Return the whole performance as data (`watchword/tour/v1`)."""
    return {
        "schema": SCHEMA,
        "as_expected": all(step["as_expected"] for step in steps),
        "duration_seconds": round(duration_seconds, 1),
        "steps": list(steps),
    }


def summary_as_text(value: Mapping[str, Any]) -> str:
    """Return the last line of a performance."""
    steps = value["steps"]
    wrong = [step for step in steps if not step["as_expected"]]
    seconds = round(value["duration_seconds"])
    if not wrong:
        return f"\n{len(steps)} steps, each as it should be ({seconds} s)"
    titles = "".join(f"\n  ✗ {step['title']}" for step in wrong)
    return f"\n{len(steps)} steps, {len(wrong)} not as they should be ({seconds} s):{titles}"
