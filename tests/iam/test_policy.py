"""Where things stand in a text."""

from __future__ import annotations

from watchword.iam.policy import Lines, Place


def test_an_offset_has_a_line_and_a_column_from_one() -> None:
    text = "\n\na\n\n\nbc\n"
    assert Lines.of(text).starts == (0, 1, 2, 4, 5, 6, 9)
    places = [(Lines.of(text).place(text.index(sign))) for sign in "\nabc"]
    assert places == [
        Place(line=1, column=1),
        Place(line=3, column=1),
        Place(line=6, column=1),
        Place(line=6, column=2),
    ]
    assert Lines.of(text).place(len(text)) == Place(line=7, column=1)
    assert Lines.of("").place(0) == Place(line=1, column=1)
