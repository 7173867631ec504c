"""The condition operators: does one value of the request equal one value of the policy?

Source of all: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import base64
import binascii
import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum

from reference.patterns import QUESTION, STAR, Context, Pattern, arn_parts, filled_in, matches, signs, written


class Match(Enum):
    """How a value of the request compares with one value of the policy."""

    YES = "yes"
    NO = "no"
    NEITHER = "neither: false, and false when negated too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison may look at beside the two values."""

    operator: str
    allows: bool
    has_variables: bool
    context: Context
    unreadable_matches: bool


NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def compare(how: Comparison, value: str, wanted: str) -> Match:
    """Compare one value of the request with one of the policy, under the operator without its negation."""
    operator = NEGATED.get(how.operator, how.operator)
    if operator.startswith("String"):
        return _string(how, operator, value, wanted)
    if operator.startswith("Arn"):
        return _arn(how, value, wanted)
    if operator.startswith("Numeric"):
        return _ordered(how, operator.removeprefix("Numeric"), number(value), number(wanted))
    if operator.startswith("Date"):
        return _ordered(how, operator.removeprefix("Date"), date(value), date(wanted))
    if operator == "Bool":
        # `TRUE` is true, anything else than true counts as false (observed).
        return _match((value.lower() == "true") == (wanted.lower() == "true"))
    if operator == "BinaryEquals":
        sent = binary(value)
        return _match(sent is not None and sent == binary(wanted))
    if operator == "IpAddress":
        return _address(how, value, wanted)
    raise AssertionError(operator)


def _match(answer: bool) -> Match:
    return Match.YES if answer else Match.NO


def _pattern(how: Comparison, wanted: str) -> Pattern | None:
    return filled_in(wanted, how.context) if how.has_variables else written(wanted)


def _string(how: Comparison, operator: str, value: str, wanted: str) -> Match:
    pattern = _pattern(how, wanted)
    if pattern is None:
        return Match.NO  # a missing variable matches nothing; the negation of that is true
    if operator == "StringLike":
        return _match(matches(pattern, signs(value)))
    text = _as_text(pattern)
    if operator == "StringEqualsIgnoreCase":
        # Lower-cased, not case-folded (observed).
        return _match(value.lower() == text.lower())
    return _match(value == text)


def _as_text(pattern: Pattern) -> str:
    # Without Like, `*` and `?` are signs like others.
    units = {"any": STAR, "one": QUESTION}
    return bytes.fromhex("".join(units.get(kind, sign) for kind, sign in pattern)).decode(
        "utf-16-be", "surrogatepass"
    )


def _arn(how: Comparison, value: str, wanted: str) -> Match:
    """Compare six parts, one by one; ArnEquals and ArnLike are the same."""
    sent = arn_parts([("is", sign) for sign in signs(value)])
    if sent is None:
        return Match.NEITHER  # observed
    pattern = _pattern(how, wanted)
    if pattern is None:
        return Match.NO
    parts = arn_parts(pattern)
    if parts is None:
        # Observed: a malformed ARN cannot allow; in a Deny it counts as matching.
        return Match.NEITHER if how.allows else Match.YES
    return _match(
        all(matches(part, [sign for _, sign in unit]) for part, unit in zip(parts, sent, strict=True))
    )


def _ordered(how: Comparison, relation: str, value: Decimal | None, wanted: Decimal | None) -> Match:
    if value is None:
        return Match.NO  # observed: false, and true when negated
    if wanted is None:
        return _match(how.unreadable_matches)  # nobody has said what AWS does
    return _match(
        {
            "Equals": value == wanted,
            "LessThan": value < wanted,
            "LessThanEquals": value <= wanted,
            "GreaterThan": value > wanted,
            "GreaterThanEquals": value >= wanted,
        }[relation]
    )


def number(text: str) -> Decimal | None:
    """Read a number; decimal precision is kept."""
    return Decimal(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text) else None


_DATE = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d))?)?", re.ASCII
)


def date(text: str) -> Decimal | None:
    """Read a W3C date or epoch seconds as milliseconds since 1970; dates are compared at these (observed).

    Source: https://www.w3.org/TR/NOTE-datetime
    """
    if re.fullmatch(r"[0-9]+", text):
        return Decimal(text) * 1000
    parts = _DATE.fullmatch(text)
    if parts is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = parts.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    if zone not in {None, "Z"}:
        shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
        moment = moment - shift if zone[0] == "+" else moment + shift
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return Decimal(seconds * 1000 + int(((fraction or "") + "000")[:3]))


def binary(text: str) -> bytes | None:
    """Decode base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _address(how: Comparison, value: str, wanted: str) -> Match:
    sent = _bits(value)
    if sent is None:
        return Match.NEITHER  # observed: matches nothing, negated neither
    read = network(wanted)
    if read is None:
        return _match(how.unreadable_matches)
    bits, length = read
    if len(bits) == 128 and "1" in bits[length:]:
        return Match.NO  # an IPv6 network with host bits matches nothing (observed)
    return _match(len(sent) == len(bits) and sent[:length] == bits[:length])


def network(text: str) -> tuple[str, int] | None:
    """Read a network as its bits and how many of them count; a bare address is /32 or /128 (observed)."""
    address, slash, prefix = text.partition("/")
    bits = _bits(address)
    if bits is None or (slash and not re.fullmatch("[0-9]+", prefix)):
        return None
    length = int(prefix) if slash else len(bits)
    return (bits, length) if length <= len(bits) else None


def is_unreadable(operator: str, wanted: str) -> bool:
    """Say whether a value of the policy is not the number, date or network that the operator needs."""
    if "Numeric" in operator:
        return number(wanted) is None
    if "Date" in operator:
        return date(wanted) is None
    return "IpAddress" in operator and network(wanted) is None


def _bits(text: str) -> str | None:
    """Write an address as its 32 or 128 bits; an IPv4 address mapped into IPv6 counts as IPv4 (observed)."""
    if re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", text):
        octets = [int(octet) for octet in text.split(".")]  # leading zeroes are allowed (observed)
        return "".join(f"{octet:08b}" for octet in octets) if max(octets) < 256 else None
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if address.ipv4_mapped is not None:
        return f"{int(address.ipv4_mapped):032b}"
    return f"{int(address):0128b}"
