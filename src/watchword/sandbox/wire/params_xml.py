"""Parameters that travel as XML, read without DTDs and entities.

Source: "AWS restXml protocol" and "XML bindings", Smithy 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from botocore.model import ListShape, MapShape, Shape, StructureShape

from watchword.sandbox.wire.values import Unreadable, UnreadableBody, WireValue, from_text

MAX_BYTES = 4 * 1024 * 1024

_MAX_DEPTH = 64


@dataclass(slots=True)
class Element:
    """An XML element; names are without their namespace prefix, but for those of attributes."""

    name: str
    attributes: dict[str, str]
    texts: list[str] = field(default_factory=list)
    below: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly in the element."""
        return "".join(self.texts)

    def all(self, name: str) -> list[Element]:
        """Return the elements directly below that are called `name`."""
        return [element for element in self.below if element.name == name]


class _Builder:
    def __init__(self) -> None:
        self.open: list[Element] = []
        self.root: Element | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = Element(name=name.rpartition(":")[2], attributes=attributes)
        if len(self.open) >= _MAX_DEPTH:
            raise Unreadable("the XML is nested too deeply")
        if self.open:
            self.open[-1].below.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].texts.append(text)

    def refuse_doctype(self, *_: object) -> None:
        raise Unreadable("XML with a document type is not accepted")


def read_xml(body: bytes) -> Element:
    """Read a body as XML. Raises Unreadable, for a document type (and so for any entity) too."""
    if len(body) > MAX_BYTES:
        raise Unreadable(f"the XML is longer than {MAX_BYTES} bytes")
    builder, parser = _Builder(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise UnreadableBody("the body is not XML") from None
    if builder.root is None:
        raise UnreadableBody("the body is not XML")
    return builder.root


def structure(element: Element, shape: StructureShape) -> dict[str, WireValue]:
    """Read an element as `shape` says, under botocore's names. Unknown elements are left out.

    Raises Unreadable when a value is not of its kind, or when what there may be one of appears twice.
    """
    found: dict[str, WireValue] = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        if member.serialization.get("location"):
            continue
        if member.serialization.get("xmlAttribute"):
            if wire in element.attributes:
                found[name] = from_text(member, element.attributes[wire], wire)
            continue
        items = element.all(_element_name(member, wire))
        if items:
            found[name] = _member(items, member, wire)
    return found


def _element_name(shape: Shape, wire: str) -> str:
    # A flattened list is a row of elements that have the name of its member, if that has one.
    if isinstance(shape, ListShape) and shape.serialization.get("flattened"):
        return str(shape.member.serialization.get("name", wire))
    return wire.rpartition(":")[2]


def _member(items: list[Element], shape: Shape, where: str) -> WireValue:
    flat = bool(shape.serialization.get("flattened"))
    if not flat and len(items) > 1:
        raise Unreadable(f"`{where}` appears twice")
    if isinstance(shape, ListShape):
        rows = items if flat else items[0].all(shape.member.serialization.get("name", "member"))
        if not flat and len(rows) != len(items[0].below):
            raise Unreadable(f"`{where}` holds elements of another name")
        return [_value(row, shape.member, where) for row in rows]
    if isinstance(shape, MapShape):
        return _map(items if flat else items[0].all("entry"), shape, where)
    return _value(items[0], shape, where)


def _value(element: Element, shape: Shape, where: str) -> WireValue:
    if isinstance(shape, StructureShape):
        return structure(element, shape)
    if isinstance(shape, ListShape | MapShape):
        return _member([element], shape, where)
    if element.below:
        raise Unreadable(f"`{where}` has parts, and is a single value")
    return from_text(shape, element.text, where)


def _map(entries: list[Element], shape: MapShape, where: str) -> dict[str, WireValue]:
    found: dict[str, WireValue] = {}
    for entry in entries:
        keys = entry.all(shape.key.serialization.get("name", "key"))
        values = entry.all(shape.value.serialization.get("name", "value"))
        if len(keys) != 1 or len(values) != 1 or keys[0].text in found:
            raise Unreadable(f"`{where}` has an entry without one key of its own and one value")
        found[keys[0].text] = _value(values[0], shape.value, where)
    return found
