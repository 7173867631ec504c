"""The context of a simulation: what the caller gives, with its types, and what the simulator adds.

Source: API_ContextEntry; the refusals and what counts as a value of a type as observed on AWS.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from watchword.iam import ContextValue
from watchword.sandbox.identity.refusals import validation_error
from watchword.sandbox.plane.simulate_sources import entity_of
from watchword.sandbox.wire.error import AwsError

USER_ID_WITHOUT_CALLER: Final = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"

_TYPES: Final = (
    "binary", "ipList", "booleanList", "ip", "boolean", "numericList", "dateList", "numeric", "date",
    "stringList", "string", "binaryList",
)  # fmt: skip
_EXPECTED: Final = {
    "numeric": "numeric format",
    "date": "DateTime format",
    "ip": "IP address",
    "binary": "base-64 encoded binary format",
}
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_DATE: Final = re.compile(
    r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
    r"|[0-9]+",
    re.ASCII,
)
_LEADING_ZEROES: Final = re.compile(r"\b0+(?=[0-9])")


def check_types(entries: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a type that there is not, in AWS's order of them. Raises AwsError (ValidationError)."""
    for number, entry in enumerate(entries, start=1):
        if entry.get("ContextKeyType") not in (None, *_TYPES):
            raise validation_error(
                f"1 validation error detected: Value at 'contextEntries.{number}.member.contextKeyType' "
                "failed to satisfy constraint: Member must satisfy enum value set: "
                f"[{', '.join(_TYPES)}]"
            )


def given_context(entries: Sequence[Mapping[str, Any]]) -> dict[str, ContextValue]:
    """Return the keys that the caller gives. An entry without anything in it is none.

    A list type makes a key with several values, even of one. Raises AwsError (InvalidInput).
    """
    given: dict[str, ContextValue] = {}
    seen: set[str] = set()
    for entry in entries:
        name, values = entry.get("ContextKeyName"), entry.get("ContextKeyValues") or ()
        kind = entry.get("ContextKeyType")
        if not name:
            if kind is None and not values:
                continue
            raise _invalid("ContextKeyName cannot be null or empty.")
        if name.lower() in seen:
            raise _invalid(f"Duplicate context key: {name}.")
        seen.add(name.lower())
        given[name] = _value(name, kind, tuple(values))
    return given


def _value(name: str, kind: str | None, values: tuple[str, ...]) -> ContextValue:
    if kind is None:
        raise _invalid(f"Context key {name} has invalid type null.")
    if not values:
        raise _invalid(f"Context values for context key {name} cannot be null or empty.")
    is_list = kind.endswith("List")
    if not is_list and len(values) > 1:
        raise _invalid(f"Context key {kind} expected a single value, but received {len(values)}.")
    single = kind.removesuffix("List")
    if not all(_is_a(single, value) for value in values):
        raise _invalid(f"Invalid context value for key {name}: expected {_EXPECTED[single]}.")
    return values if is_list else values[0]


def _is_a(kind: str, value: str) -> bool:
    match kind:
        case "numeric":
            return _NUMBER.fullmatch(value) is not None
        case "date":
            return _DATE.fullmatch(value) is not None
        case "ip":
            return _is_address(value)
        case "binary":
            return _is_base64(value)
        case _:
            return True  # any text is a string, and a boolean: what is not `true` is false


def _is_address(value: str) -> bool:
    try:
        # Python minds leading zeroes and zones; AWS takes the ones and not the others.
        ipaddress.ip_address(_LEADING_ZEROES.sub("", value) if ":" not in value else value)
    except ValueError:
        return False
    return "%" not in value


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def with_defaults(
    given: Mapping[str, ContextValue], *, caller_arn: str | None, account: str
) -> dict[str, ContextValue]:
    """Return the context of the simulated call: what is given, and what the simulator says of the caller.

    No MFA key, no time and no address is added: what is not given is missing. The `aws:userid` of a caller
    is its ARN here, and a fixed word when there is no caller.
    """
    if caller_arn is None:
        added = {"aws:PrincipalAccount": account, "aws:userid": USER_ID_WITHOUT_CALLER}
    else:
        kind, name = entity_of(caller_arn)
        added = {
            "aws:PrincipalArn": caller_arn,
            "aws:PrincipalAccount": caller_arn.split(":")[4],
            "aws:userid": caller_arn,
        }
        if kind == "user":
            added["aws:username"] = name
    there = {key.lower() for key in given}
    return {**given, **{key: value for key, value in added.items() if key.lower() not in there}}


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInput", text, status=400)
