"""The list of operations that are decided on `*` in services without a table of their own.

`python -m watchword.sandbox.tables` makes `other_reads.json`: they only read, and have no resource types.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources


def action_of_other(service: str, operation: str) -> str | None:
    """Return the action of an operation in the list, by botocore's names; None when it is not there."""
    return _listed().get(service, {}).get(operation)


@cache
def _listed() -> Mapping[str, Mapping[str, str]]:
    listed: dict[str, dict[str, str]] = json.loads(
        resources.files(__package__).joinpath("other_reads.json").read_bytes()
    )
    return listed
