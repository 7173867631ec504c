"""Environment variables as data: JSON, and the `.env` files that programs and containers read.

An `.env` file has no standard. What is written here is what its readers agree on: a bare value of harmless
characters, which `docker run --env-file` takes too, else one in single quotes without anything that one of
them would take for an escape or a variable.
Source: "Syntax for environment files in Docker Compose"; the READMEs of dotenv (JavaScript) and
python-dotenv.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from watchword.report.shell.language import refuse

ENV_SCHEMA = "watchword/env/v1"
_BARE = re.compile(r"[A-Za-z0-9_./+=:@,-]+", re.ASCII)
_DISPUTED = "a quote, a backslash, a dollar sign, a backtick or a line break"
_NOT_IN_QUOTES = re.compile(r"['\\$`\x00-\x1f\x7f\u2028\u2029\x85]")


def json_text(*, unset: Sequence[str], values: Mapping[str, str]) -> str:
    """Return the variables as `watchword/env/v1`: what to unset, then what to set."""
    value = {"schema": ENV_SCHEMA, "unset": list(unset), "set": dict(values)}
    return json.dumps(value, indent=2) + "\n"


def dotenv_text(values: Mapping[str, str]) -> str:
    """Return the variables as an `.env` file, but for those that only a later watchword reads."""
    return "".join(
        f"{name}={_value(name, text)}\n" for name, text in values.items() if not name.startswith("WATCHWORD_")
    )


def _value(name: str, text: str) -> str:
    if _BARE.fullmatch(text):
        return text
    if _NOT_IN_QUOTES.search(text):
        raise refuse(name, "an `.env` file", _DISPUTED)
    return f"'{text}'"
