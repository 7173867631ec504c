"""What a template of the bindings may speak of, and what comes out when it says nothing clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.wire.operation import Operation


class Unidentified(Exception):
    """The request does not say, or not clearly, which resource it is about."""


class WholeArn(str):
    """A value that is the whole ARN already: it takes the place of the template."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a template may speak of besides the parameters."""

    operation: Operation
    partition: str
    account: str
    caller_user_name: str | None
    lookup: Lookup

    @property
    def params(self) -> Mapping[str, Any]:
        """The request's parameters."""
        return self.operation.params
