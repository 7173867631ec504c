"""Parameters of the query protocol and of EC2's: `Filter.1.Value.2=a`, as a form or a query string.

Source: "AWS Query protocol" and "AWS EC2 Query protocol", Smithy 2.0 AWS specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from botocore.model import ListShape, MapShape, Shape, StructureShape

from watchword.sandbox.wire.values import Unreadable, WireValue, from_text

_MAX_INDEX = 100_000
_MAX_DEPTH = 64


@dataclass(slots=True)
class _Field:
    """A dotted name's place in the tree of names: its own text, if any, and what is below it."""

    text: str | None = None
    below: dict[str, _Field] = field(default_factory=dict)


def parameters(fields: Mapping[str, str], shape: StructureShape | None, *, ec2: bool) -> dict[str, WireValue]:
    """Nest the flat `fields` as `shape` says. Names that it does not know are left out, as AWS does.

    Raises Unreadable when a value is not of its kind or a list is not numbered 1, 2, 3….
    """
    if shape is None:
        return {}
    return _structure(_tree(fields.items()), shape, _Names(ec2=ec2), "")


def _tree(fields: Iterable[tuple[str, str]]) -> _Field:
    root = _Field()
    for name, text in fields:
        if name.count(".") > _MAX_DEPTH:
            raise Unreadable("the name of a parameter has too many parts")
        place = root
        for part in name.split("."):
            place = place.below.setdefault(part, _Field())
        place.text = text
    return root


@dataclass(frozen=True, slots=True)
class _Names:
    """How a protocol names members and lists."""

    ec2: bool

    def member(self, name: str, shape: Shape) -> str:
        serialization = shape.serialization
        if self.ec2:
            if "queryName" in serialization:
                return str(serialization["queryName"])
            wire = serialization.get("name")
            return wire[0].upper() + wire[1:] if wire else name
        item = shape.member.serialization.get("name") if isinstance(shape, ListShape) else None
        return str(item if item and self.flat(shape) else serialization.get("name", name))

    def flat(self, shape: Shape) -> bool:
        return bool(shape.serialization.get("flattened")) or (self.ec2 and shape.type_name == "list")


def _value(place: _Field, shape: Shape, names: _Names, where: str) -> WireValue:
    if isinstance(shape, StructureShape):
        return _structure(place, shape, names, where)
    if isinstance(shape, ListShape):
        return _list(place, shape, names, where)
    if isinstance(shape, MapShape):
        return _map(place, shape, names, where)
    if place.below or place.text is None:
        raise Unreadable(f"`{where}` has parts, and is a single value")
    return from_text(shape, place.text, where)


def _structure(place: _Field, shape: StructureShape, names: _Names, where: str) -> dict[str, WireValue]:
    if place.text:
        raise Unreadable(f"`{where}` is a structure, and has a value")
    found: dict[str, WireValue] = {}
    for name, member in shape.members.items():
        wire = names.member(name, member)
        inner = _descend(place, wire)
        if inner is not None:
            found[name] = _value(inner, member, names, f"{where}.{wire}" if where else wire)
    return found


def _descend(place: _Field, wire: str) -> _Field | None:
    found: _Field | None = place
    for part in wire.split("."):
        found = found.below.get(part) if found else None
    return found


def _list(place: _Field, shape: ListShape, names: _Names, where: str) -> list[WireValue]:
    if not names.flat(shape):
        if place.text == "" and not place.below:
            return []
        wire = shape.member.serialization.get("name", "member")
        place = _only(place, wire, where)
    elif place.text == "" and not place.below:
        return []
    return [
        _value(item, shape.member, names, f"{where}.{number}")
        for number, item in enumerate(_numbered(place, where), 1)
    ]


def _map(place: _Field, shape: MapShape, names: _Names, where: str) -> dict[str, WireValue]:
    if place.text == "" and not place.below:
        return {}
    if not names.flat(shape):
        place = _only(place, "entry", where)
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    found: dict[str, WireValue] = {}
    for entry in _numbered(place, where):
        key, value = entry.below.get(key_name), entry.below.get(value_name)
        if key is None or key.text is None or value is None or key.text in found:
            raise Unreadable(f"`{where}` has an entry without a key of its own, or without a value")
        found[key.text] = _value(value, shape.value, names, where)
    return found


def _only(place: _Field, wire: str, where: str) -> _Field:
    if place.text or set(place.below) != {wire}:
        raise Unreadable(f"`{where}` is not numbered as `{where}.{wire}.1`")
    return place.below[wire]


def _numbered(place: _Field, where: str) -> list[_Field]:
    # A gap, or `01` beside `1`, is where two readers of a request come to differ.
    count = len(place.below)
    try:
        items = [place.below[str(number)] for number in range(1, min(count, _MAX_INDEX) + 1)]
    except KeyError:
        items = []
    if place.text or not items or len(items) != count:
        raise Unreadable(f"`{where}` is not numbered 1, 2, 3…")
    return items
