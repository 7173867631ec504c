"""Whether a policy is public: it lets in whom nobody can count.

Source: Amazon S3 User Guide, access-control-block-public-access ("The meaning of public"): a policy is taken
for public unless each Allow is for fixed principals, or for fixed values of one of a few condition keys.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from watchword.sandbox.plane.policies.document import Document, Statement, listed
from watchword.sandbox.wire.error import SandboxRefusal

_FIXING_KEYS = frozenset(
    {
        "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourcevpc",
        "aws:sourcevpce", "aws:userid", "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)  # fmt: skip
_ADDRESS = "aws:sourceip"
_FIXING_OPERATORS = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike"})
_NARROWEST_BROAD_PREFIX = 8


def is_public(document: Document) -> bool:
    """Tell whether a policy is public. Raises SandboxRefusal where AWS's page does not say."""
    return any(_lets_anybody_in(statement) for statement in document.statements)


def _lets_anybody_in(statement: Statement) -> bool:
    if statement["Effect"] != "Allow" or not _names_everybody(statement.get("Principal")):
        return False
    return not any(_fixes(operator, key, values) for operator, key, values in _conditions(statement))


def _names_everybody(principal: object) -> bool:
    if principal == "*":
        return True
    return isinstance(principal, dict) and "*" in listed(principal.get("AWS", []))


def _conditions(statement: Statement) -> Iterator[tuple[str, str, list[Any]]]:
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, given in keys.items():
            yield operator, key.lower(), listed(given)


def _fixes(operator: str, key: str, values: list[Any]) -> bool:
    if key == _ADDRESS and operator == "IpAddress":
        return not _broad(values)
    if key not in _FIXING_KEYS:
        return False
    if operator in _FIXING_OPERATORS:
        return bool(values) and all(_is_fixed(str(value)) for value in values)
    if "Not" in operator or operator.endswith("IfExists") or operator.startswith("ForAllValues:"):
        return False  # it also holds for requests without the key, or with nearly any value
    raise SandboxRefusal(f"whether a policy with {operator} on {key} is public is not known")


def _is_fixed(value: str) -> bool:
    return not any(sign in value for sign in ("*", "?", "${"))


def _broad(values: list[Any]) -> bool:
    """Tell whether the addresses are so many that AWS takes them for all; how many, it does not say."""
    broad = False
    for value in values:
        try:
            network = ipaddress.ip_network(str(value), strict=False)
        except ValueError as error:
            raise SandboxRefusal(
                f"what AWS answers to `{value}`, which is no network, is not known"
            ) from error
        if network.prefixlen == 0:
            broad = True
        elif network.prefixlen < _NARROWEST_BROAD_PREFIX and not network.is_private:
            raise SandboxRefusal(f"whether a policy for the addresses {value} is public is not known")
    return broad
