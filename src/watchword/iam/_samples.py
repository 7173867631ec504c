"""Values of a condition key that are worth trying: those that a policy names, and some beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import ip_network
from typing import Final

from watchword.iam.operators import OPERATORS, Family, read_operator

_ANY: Final = "example"
_ANY_ARN: Final = "arn:aws:iam::123456789012:role/example"
# Source: RFC 5737, section 3, and RFC 3849: addresses for documentation.
_ADDRESSES: Final = ("192.0.2.1", "198.51.100.1", "2001:db8::1")
_BESIDE: Final[dict[Family, tuple[str, ...]]] = {
    Family.ADDRESS: _ADDRESSES,
    Family.ARN: (_ANY_ARN,),
    Family.BOOL: ("true", "false"),
    Family.NUMERIC: (),
    Family.DATE: (),
}
_DAY: Final = timedelta(days=1)


def samples(operator: str, values: Sequence[str]) -> Iterator[str]:
    """Yield values for the key of a condition, those first that stand in the condition itself.

    A wildcard stands for `example`. Values with a policy variable are left out.
    """
    literals = [value for value in values if "${" not in value]
    family = _family(operator)
    for value in literals:
        yield from _near(value, family)
    yield from _BESIDE.get(family, (_ANY,))


def _near(value: str, family: Family) -> Iterator[str]:
    """A value of the policy as a request would have it, and those just below and above it."""
    match family:
        case Family.STRING_LIKE | Family.ARN:
            yield concrete(value)
        case Family.NUMERIC:
            yield from _numbers(value)
        case Family.DATE:
            yield from _moments(value)
        case Family.ADDRESS:
            yield from _first_address(value)
        case Family.NULL:
            return
        case _:
            yield value


def _family(operator: str) -> Family:
    read = read_operator(operator)
    if isinstance(read, str):
        raise TypeError(read)
    return OPERATORS[read.name].family


def concrete(pattern: str) -> str:
    """Return a text that a pattern matches: each `*` as `example`, each `?` as `x`."""
    return pattern.replace("*", _ANY).replace("?", "x")


def _numbers(value: str) -> Iterator[str]:
    yield value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return
    if number.is_finite():
        yield from (str(number - 1), str(number + 1))


def _moments(value: str) -> Iterator[str]:
    yield value
    try:
        moment = datetime.fromisoformat(value)
        yield from (_written(moment - _DAY, value), _written(moment + _DAY, value))
    except (ValueError, OverflowError):
        return


def _written(moment: datetime, like: str) -> str:
    text = moment.isoformat()
    return text.replace("+00:00", "Z") if like.endswith("Z") else text


def _first_address(value: str) -> Iterator[str]:
    try:
        yield str(ip_network(value, strict=False)[0])
    except ValueError:
        return
