"""The Date operators: instants, compared at whole milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Final

from watchword.iam._tri import Tri
from watchword.iam.conditions.comparison import Comparison, Operand, unreadable
from watchword.iam.conditions.order import holds
from watchword.iam.context import Folded

_W3C: Final = re.compile(
    r"""(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})
    (?:[Tt](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{1,30})?)?
    (?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?""",
    re.VERBOSE,
)
_EPOCH: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,30})?")
_ZERO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_milliseconds(text: str) -> int | None:
    """Return milliseconds since 1970 of a W3C date or of epoch seconds, or None when it is neither.

    Digits alone are seconds. A time without a zone is taken as UTC.

    Source: IAM User Guide, Date condition operators; https://www.w3.org/TR/NOTE-datetime.
    """
    if _EPOCH.fullmatch(text):
        return _milliseconds(Fraction(text))
    found = _W3C.fullmatch(text)
    if found is None:
        return None
    number = {name: int(found[name] or 0) for name in ("hour", "minute", "second")}
    try:
        moment = datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"] or 1),
            **number,
            tzinfo=_zone(found["zone"]),
        )
    except ValueError:
        return None
    whole = (moment - _ZERO) // timedelta(milliseconds=1)
    return whole + _milliseconds(Fraction(f"0{found['fraction'] or ''}"))


def _milliseconds(seconds: Fraction) -> int:
    return seconds * 1000 // 1


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def compare(operand: Operand) -> Comparison:
    """A request's value that is not a date fails every comparison and passes the negated one.

    Source: IAM User Guide, Date condition operators; milliseconds and odd values as observed.
    """
    limits = [moment for moment in map(read_milliseconds, operand.values) if moment is not None]
    unclear = unreadable((each for each in operand.values if read_milliseconds(each) is None), "date")
    negated, relation = operand.meaning.negated, operand.meaning.relation

    def run(value: str, _: Folded) -> Tri:
        moment = read_milliseconds(value)
        if moment is None:
            return negated
        if any(holds(relation, moment, limit) for limit in limits):
            return not negated
        return unclear or negated

    return run
