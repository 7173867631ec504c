"""A way in as a picture: boxes and arrows with their places, for a template to draw as SVG.

Who → what is asked → what comes of it, and so on, from left to right. Two shapes of the same path are laid
out: `wide` for a screen and for paper, `tall` (from top to bottom) for a telephone, where `wide` could not
be read. There is no font to measure with: the widths are what the widest usual fonts take, so text that
fits here fits everywhere. Names are shortened in the picture; the table below it has them in full.
"""

from __future__ import annotations

import enum
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from watchword.errors import printable
from watchword.proof.result import Step, Witness
from watchword.report.html.words import credential_words, short_name

_PADDING: Final = 10
_GAP: Final = 26
_BADGE_HEIGHT: Final = 20
_ROW_GAP: Final = 30
_MOST_LINES: Final = 4
_WIDE_BOX: Final = 144
_WIDE_COLUMNS: Final = 5
_TALL_BOX: Final = 296


class Kind(enum.StrEnum):
    """What a box stands for."""

    ACTOR = "actor"
    REQUEST = "request"
    GAIN = "gain"


class Face(enum.StrEnum):
    """How a line of text looks, with the height and the widest sign it takes, in pixels."""

    CAPTION = "caption"
    NAME = "name"
    CODE = "code"
    PLAIN = "plain"

    @property
    def height(self) -> int:
        """The distance from line to line."""
        return {Face.CAPTION: 16, Face.NAME: 18, Face.CODE: 16, Face.PLAIN: 15}[self]

    @property
    def width(self) -> float:
        """The room for a sign."""
        return {Face.CAPTION: 6.6, Face.NAME: 8.4, Face.CODE: 7.0, Face.PLAIN: 6.5}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text, `y` from the top of its box."""

    text: str
    face: Face
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box with its place. `mfa` says whether a request carries MFA; None for what is no request."""

    kind: Kind
    x: int
    y: int
    width: int
    height: int
    lines: tuple[Line, ...]
    mfa: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One shape of a picture: `arrows` are SVG paths that end in a head."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A way in, drawn: `title` and `description` say in words what it shows."""

    title: str
    description: str
    wide: Layout
    tall: Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What stands in a box, before it has a place: parts of text with their faces."""

    kind: Kind
    parts: tuple[tuple[Face, str], ...]
    mfa: bool | None = None


def picture(witness: Witness, *, reaches: str) -> Picture:
    """Return a witness as a picture; `reaches` says in words what its end opens."""
    contents = tuple(_contents(witness, reaches))
    steps = " ".join(f"{at}. {_sentence(step)}" for at, step in enumerate(witness.steps, start=1))
    return Picture(
        title=f"How {short_name(witness.principal)} reaches {witness.action}",
        description=f"{steps} This opens {reaches}.",
        wide=_wide(contents),
        tall=_tall(contents),
    )


def _contents(witness: Witness, reaches: str) -> Iterator[_Content]:
    steps = witness.steps
    yield _actor(steps[0])
    for at, step in enumerate(steps):
        yield _request(step, at + 1)
        if at + 1 < len(steps):
            yield from _gain(step, steps[at + 1])
        else:
            yield _Content(kind=Kind.GAIN, parts=((Face.CAPTION, "reaches"), (Face.NAME, reaches)))


def _actor(step: Step) -> _Content:
    name = (Face.NAME, short_name(step.actor))
    return _Content(
        kind=Kind.ACTOR,
        parts=((Face.CAPTION, _sort(step.actor)), name, (Face.PLAIN, credential_words(step.credential))),
    )


def _request(step: Step, number: int) -> _Content:
    parts = [(Face.CAPTION, f"request {number}"), (Face.CODE, step.action)]
    if step.resource not in {"", "*"}:
        parts.append((Face.PLAIN, f"on {short_name(step.resource)}"))
    return _Content(kind=Kind.REQUEST, parts=tuple(parts), mfa=step.mfa)


def _gain(step: Step, following: Step) -> Iterator[_Content]:
    """What a step gives, and who goes on with it; nothing for a step that only makes the next one whole."""
    gives = _given(step)
    if following.actor != step.actor:
        name = (Face.NAME, short_name(following.actor))
        parts = ((Face.CAPTION, f"becomes {_sort(following.actor)}"), name, (Face.PLAIN, gives))
        yield _Content(kind=Kind.GAIN, parts=parts if gives else parts[:2])
    elif following.credential != step.credential or gives:
        gives = gives or credential_words(following.credential)
        yield _Content(kind=Kind.GAIN, parts=((Face.CAPTION, "gains"), (Face.NAME, gives)))


def _given(step: Step) -> str:
    """Return what a step gives, when that is more than that it may be made."""
    gives = _plain(step.gives)
    return "" if gives == step.action else gives


def _sentence(step: Step) -> str:
    mfa = "with MFA" if step.mfa else "without MFA"
    on = "" if step.resource in {"", "*"} else f" on {short_name(step.resource)}"
    gives = f" and gains {_given(step)}" if _given(step) else ""
    who = f"{short_name(step.actor)} ({credential_words(step.credential)})"
    return f"{who} calls {step.action}{on} {mfa}{gives}."


def _sort(arn: str) -> str:
    found = re.fullmatch(r"arn:[^:]*:(?:iam|sts)::\d*:(user|role|assumed-role|root)(?:/.*)?", arn)
    return {"user": "user", "role": "role", "assumed-role": "role", "root": "account"}.get(
        found[1] if found else "", "caller"
    )


def _plain(text: str) -> str:
    return text.replace("`", "")


# -- places


def _wide(contents: Sequence[_Content]) -> Layout:
    """The first row holds the actor and two steps, each further one two steps, set in by a column."""
    rows = [contents[:_WIDE_COLUMNS]]
    rows += [
        contents[at : at + _WIDE_COLUMNS - 1] for at in range(_WIDE_COLUMNS, len(contents), _WIDE_COLUMNS - 1)
    ]
    boxes: list[Box] = []
    arrows: list[str] = []
    top = 1
    for at, row in enumerate(rows):
        texts = [_lines(content, _WIDE_BOX) for content in row]
        height = max(_height(content, lines) for content, lines in zip(row, texts, strict=True))
        placed = [
            _box(content, lines, x=1 + (column + (at > 0)) * (_WIDE_BOX + _GAP), y=top, height=height)
            for column, (content, lines) in enumerate(zip(row, texts, strict=True))
        ]
        if boxes:
            arrows.append(_down_and_back(boxes[-1], placed[0]))
        arrows += [_across(one, other) for one, other in itertools.pairwise(placed)]
        boxes += placed
        top += height + _ROW_GAP
    width = max(box.x + box.width for box in boxes) + 1
    return Layout(width=width, height=top - _ROW_GAP + 1, boxes=tuple(boxes), arrows=tuple(arrows))


def _tall(contents: Sequence[_Content]) -> Layout:
    boxes: list[Box] = []
    top = 1
    for content in contents:
        lines = _lines(content, _TALL_BOX)
        height = _height(content, lines)
        boxes.append(_box(content, lines, x=1, y=top, height=height, width=_TALL_BOX))
        top += height + _GAP
    arrows = tuple(_below(one, other) for one, other in itertools.pairwise(boxes))
    return Layout(width=_TALL_BOX + 2, height=top - _GAP + 1, boxes=tuple(boxes), arrows=arrows)


def _box(
    content: _Content, lines: tuple[Line, ...], *, x: int, y: int, height: int, width: int = _WIDE_BOX
) -> Box:
    return Box(kind=content.kind, x=x, y=y, width=width, height=height, lines=lines, mfa=content.mfa)


def _height(content: _Content, lines: tuple[Line, ...]) -> int:
    badge = _BADGE_HEIGHT + 8 if content.mfa is not None else 0
    return lines[-1].y + _PADDING + badge


def _across(one: Box, other: Box) -> str:
    y = one.y + one.height // 2
    return f"M{one.x + one.width} {y}H{other.x - 1}"


def _below(one: Box, other: Box) -> str:
    return f"M{one.x + one.width // 2} {one.y + one.height}V{other.y - 1}"


def _down_and_back(one: Box, other: Box) -> str:
    """From the end of a row to the beginning of the next."""
    turn = one.y + one.height + _ROW_GAP // 2
    entry = other.x - _GAP
    return (
        f"M{one.x + one.width // 2} {one.y + one.height}V{turn}H{entry}"
        f"V{other.y + other.height // 2}H{other.x - 1}"
    )


# -- text


def _lines(content: _Content, width: int) -> tuple[Line, ...]:
    found: list[Line] = []
    y = _PADDING - 3
    for face, text in content.parts:
        for part in _wrapped(printable(text), int((width - 2 * _PADDING) / face.width)):
            y += face.height
            found.append(Line(text=part, face=face, y=y))
    return tuple(found)


def _wrapped(text: str, most: int) -> list[str]:
    """Return a text in at most four lines of `most` signs; what does not fit ends in `…`."""
    lines = [""]
    for piece in _pieces(text, most):
        if _signs(lines[-1] + piece.rstrip()) <= most:
            lines[-1] += piece
        else:
            lines.append(piece.lstrip())
    lines = [line.rstrip() for line in lines if line.strip()] or [""]
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[: _MOST_LINES - 1], _cut(lines[_MOST_LINES - 1] + "…", most)]


def _pieces(text: str, most: int) -> Iterator[str]:
    """Break where words, names of operations and paths break; a piece that is too long breaks anywhere."""
    for piece in re.findall(r"[^\s:/\-_.@A-Z]*[\s:/\-_.@]+|[A-Z]?[^\s:/\-_.@A-Z]+|[A-Z]", text):
        rest = piece
        while _signs(rest) > most:
            cut = _fitting(rest, most)
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def _cut(text: str, most: int) -> str:
    return text if _signs(text) <= most else text[: _fitting(text, most - 1)] + "…"


def _fitting(text: str, most: int) -> int:
    """How many of the first signs fit; one at least."""
    width = 0
    for at, sign in enumerate(text):
        width += _signs(sign)
        if width > most:
            return max(at, 1)
    return len(text)


def _signs(text: Iterable[str]) -> int:
    """How wide a text is, in Latin signs."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
