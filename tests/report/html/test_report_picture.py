"""A way in as boxes and arrows: what stands in them, and where they stand."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.html.proofs import example
from watchword.proof.result import Step, Witness
from watchword.report.html import report_html
from watchword.report.html.picture import Face, Kind, Layout, Picture, picture


def _witness(steps: int, **changes: object) -> Witness:
    witness = example().witnesses["w2"]
    made: tuple[Step, ...] = (*(witness.steps[0],) * (steps - 1), witness.steps[-1])
    return msgspec.structs.replace(
        witness, steps=tuple(msgspec.structs.replace(step, **changes) for step in made)
    )


def _drawn(steps: int, **changes: object) -> Picture:
    return picture(_witness(steps, **changes), reaches="181 actions")


def _texts(layout: Layout) -> list[list[str]]:
    return [[line.text for line in box.lines] for box in layout.boxes]


def test_a_path_is_actor_request_gain_and_again_from_left_to_right() -> None:
    wide = _drawn(2).wide
    assert [box.kind for box in wide.boxes] == [Kind.ACTOR, Kind.REQUEST, Kind.GAIN, Kind.REQUEST, Kind.GAIN]
    places = [box.x for box in wide.boxes]
    assert places == sorted(places)
    assert _texts(wide)[0] == ["user", "dana", "access key"]
    assert _texts(wide)[1] == ["request 1", "sts:AssumeRole", "on deploy"]
    assert _texts(wide)[2] == ["becomes role", "deploy", "a session of deploy"]
    assert _texts(wide)[4] == ["reaches", "181 actions"]
    assert len(wide.arrows) == 4


def test_a_longer_path_goes_on_in_the_next_row_and_no_box_covers_another() -> None:
    for steps in range(1, 9):
        drawn = _drawn(steps)
        for layout in (drawn.wide, drawn.tall):
            assert len(layout.boxes) == 2 * steps + 1
            assert len(layout.arrows) == 2 * steps
            for at, box in enumerate(layout.boxes):
                assert box.x + box.width <= layout.width
                assert box.y + box.height <= layout.height
                for other in layout.boxes[at + 1 :]:
                    beside = box.x + box.width < other.x or other.x + other.width < box.x
                    assert beside or box.y + box.height < other.y or other.y + other.height < box.y


def test_only_requests_say_whether_they_carry_mfa() -> None:
    boxes = _drawn(2, mfa=True).wide.boxes
    assert [box.mfa for box in boxes] == [None, True, None, True, None]


def test_names_are_short_in_the_picture() -> None:
    texts = _texts(_drawn(2).wide)
    assert not any(text.startswith("arn:") for box in texts for text in box)
    assert "arn:" not in _drawn(2).description


def test_an_actor_that_goes_on_as_itself_gains_and_becomes_nobody() -> None:
    wide = picture(example().witnesses["w1"], reaches="all").wide
    assert _texts(wide)[2] == ["gains", "Administrator", "Access on", "herself"]


@given(st.text(min_size=1, max_size=80))
def test_any_text_fits_its_box(text: str) -> None:
    drawn = _drawn(1, action=text, gives=text, actor=text, resource=text)
    for layout in (drawn.wide, drawn.tall):
        for box in layout.boxes:
            for line in box.lines:
                wide_signs = sum(1 + (sign >= "\u1100") for sign in line.text)
                assert len(line.text) * Face(line.face).width <= box.width or wide_signs == 2
                assert line.y <= box.height
                assert line.text.isprintable()


def test_a_session_is_gained_by_who_asks_for_it() -> None:
    wide = picture(example().witnesses["w4"], reaches="all").wide
    assert _texts(wide)[2] == ["gains", "a session", "without MFA"]
    assert _texts(wide)[4][:2] == ["becomes role", "deploy"]


def test_a_step_that_gives_nothing_by_itself_has_no_box_for_it() -> None:
    """PassRole only makes the next request whole."""
    kinds = [
        box.kind
        for box in _drawn(2, gives="", actor="arn:aws:iam::1:user/a", credential="access-key").wide.boxes
    ]
    assert kinds == [Kind.ACTOR, Kind.REQUEST, Kind.REQUEST, Kind.GAIN]


@pytest.mark.parametrize("with_mfa", [True, False])
def test_every_request_of_a_picture_carries_its_mark(*, with_mfa: bool) -> None:
    proof = example()
    steps = proof.witnesses["w4"].steps
    marked = msgspec.structs.replace(
        proof.witnesses["w4"], steps=tuple(msgspec.structs.replace(each, mfa=with_mfa) for each in steps)
    )
    for layout in (picture(marked, reaches="all").wide, picture(marked, reaches="all").tall):
        assert [box.mfa for box in layout.boxes if box.mfa is not None] == [with_mfa] * len(steps)
    every = dict.fromkeys(proof.witnesses, marked)
    page = report_html(msgspec.structs.replace(proof, witnesses=every))
    marks = re.findall(r'<g class="badge".*?<text[^>]*>([^<]*)</text>', page, re.DOTALL)
    assert set(marks) == {"MFA" if with_mfa else "without MFA"}
    assert len(marks) >= len(steps)
