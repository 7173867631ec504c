"""The environment of this very process, changed for a while."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping


@contextlib.contextmanager
def environment_changed(*, set_variables: Mapping[str, str], unset: Iterable[str]) -> Iterator[None]:
    """Set and unset variables of this process; put everything back, also what was changed meanwhile of those.

    boto3's default session has read them once and for all: there is a new one within, and the old one after.
    """
    names = {*set_variables, *unset}
    before = {name: os.environ.get(name) for name in names}
    for name in names:
        os.environ.pop(name, None)
    os.environ.update(set_variables)
    try:
        with _own_default_session():
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _own_default_session() -> Iterator[None]:
    # Looked up, not imported: who does not use boto3 has no default session of it.
    boto3 = sys.modules.get("boto3")
    before = getattr(boto3, "DEFAULT_SESSION", None)
    if boto3 is not None:
        vars(boto3)["DEFAULT_SESSION"] = None
    try:
        yield
    finally:
        boto3 = sys.modules.get("boto3")
        if boto3 is not None:
            vars(boto3)["DEFAULT_SESSION"] = before
