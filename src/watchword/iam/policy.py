"""A policy document as it was written: every part knows where it stands in the text."""

from __future__ import annotations

import enum
import itertools
from bisect import bisect_right
from dataclasses import dataclass, field

import msgspec


class PolicyKind(enum.StrEnum):
    """What a document is for. The grammar differs: who may be named, and whether resources may."""

    IDENTITY = "identity"
    """Identity policies, permissions boundaries and session policies."""
    TRUST = "trust"
    RESOURCE = "resource"
    KEY = "key"
    """The policy of a KMS key."""
    ENDPOINT = "endpoint"
    """The policy of a VPC endpoint."""
    SERVICE_CONTROL = "scp"
    RESOURCE_CONTROL = "rcp"


class Version(enum.StrEnum):
    """The policy language's version. Only the later one has variables."""

    V2008 = "2008-10-17"
    V2012 = "2012-10-17"


class Effect(enum.StrEnum):
    """What a statement does with the requests it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Quantifier(enum.StrEnum):
    """The set operator before a condition operator."""

    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in a document, both numbers counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Turns offsets into places."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Lines:
        """Return the lines of a text; a line ends at U+000A."""
        *lines, _ = text.split("\n")
        return cls((0, *itertools.accumulate([len(line) + 1 for line in lines])))

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return Place(line=line, column=offset - self.starts[line - 1] + 1)


class Located(msgspec.Struct, frozen=True, gc=False):
    """A piece of text from the document, and its offset there."""

    text: str
    offset: int

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A condition operator taken apart: `ForAnyValue:StringLikeIfExists`."""

    name: str
    quantifier: Quantifier | None = None
    if_exists: bool = False

    def __str__(self) -> str:
        quantifier = f"{self.quantifier}:" if self.quantifier else ""
        return f"{quantifier}{self.name}{'IfExists' if self.if_exists else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One key under one operator, with its values as text (`true` and `3600` lose nothing by that).

    `operator_at` is the offset of the operator's name, which several keys may share; `values_at` holds
    that of each value.
    """

    operator: Operator
    operator_at: int
    key: Located
    values: tuple[str, ...]
    values_at: tuple[int, ...]


class PrincipalType(enum.StrEnum):
    """The names under `Principal`; `ANYONE` is the bare `"*"`."""

    ANYONE = "*"
    AWS = "AWS"
    SERVICE = "Service"
    FEDERATED = "Federated"
    CANONICAL_USER = "CanonicalUser"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPrincipal:
    """One entry of a `Principal` or `NotPrincipal` element."""

    type: PrincipalType
    name: Located


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, from its `{` at `offset` to just past its `}`, which is `end`.

    `effect_at` is the offset of the effect's value. `actions`, `resources` and `principals` are those of
    the `Not…` element where the flag says so; `resources` and `principals` are None when the statement
    has neither element. A statement of a key policy that lacks `Resource` or `Action` has no effect:
    its `resources` or `actions` is empty.
    """

    sid: str | None
    index: int
    offset: int
    end: int
    effect: Effect
    effect_at: int
    actions: tuple[Located, ...]
    not_action: bool
    resources: tuple[Located, ...] | None
    not_resource: bool
    principals: tuple[NamedPrincipal, ...] | None
    not_principal: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A document.

    `kind` is None when the reader was not told what the document is for. `refusals` holds the offset and
    the reason of what AWS would refuse to store, in a document that was read nevertheless.
    """

    name: str
    kind: PolicyKind | None
    version: Version
    id: str | None
    statements: tuple[Statement, ...]
    lines: Lines = field(repr=False, compare=False)
    refusals: tuple[tuple[int, str], ...] = ()

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset that one of the parts carries."""
        return self.lines.place(offset)
