"""Whom a policy names: users and roles are kept by unique ID, and must be there when it is stored.

Source: IAM User Guide, reference_policies_elements_principal ("transforms to the … unique principal ID when
you save the policy"; the ID is shown when the user or role is gone).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from watchword.sandbox.plane.policies.document import listed, statements

UniqueIds: TypeAlias = Callable[[str], Mapping[str, str] | None]
"""The unique IDs of an account's users and roles by ARN; None: the sandbox does not have the account."""

_ENTITY = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):(?:user|role)/.+")
_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?[0-9]{12}(?::root)?")
_SESSION = re.compile(
    r"arn:aws[a-z-]*:sts::(?P<account>[0-9]{12}):(?:assumed-role/[^/]+/[^/]+|federated-user/[^/]+)"
)
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,}")


def named(text: str) -> Iterator[str]:
    """Give everything under `AWS` in `Principal` and `NotPrincipal`."""
    for statement in statements(json.loads(text)):
        for principal in (statement.get("Principal"), statement.get("NotPrincipal")):
            if isinstance(principal, dict):
                yield from (each for each in listed(principal.get("AWS", [])) if isinstance(each, str))


def unknown_principal(text: str, unique_ids: UniqueIds, own_account: str) -> str | None:
    """Return a principal that is not there, or None.

    Of accounts that the sandbox does not have nothing can be known: their users and roles are taken as there,
    for none of them can call. `own_account` is where unique IDs are looked for.
    """
    return next((each for each in named(text) if not _is_there(each, unique_ids, own_account)), None)


def _is_there(principal: str, unique_ids: UniqueIds, own_account: str) -> bool:
    if principal == "*" or _ACCOUNT.fullmatch(principal) or _SESSION.fullmatch(principal):
        return True
    entity = _ENTITY.fullmatch(principal)
    if entity is not None:
        known = unique_ids(entity["account"])
        return known is None or principal in known
    if _UNIQUE_ID.fullmatch(principal):
        return principal in (unique_ids(own_account) or {}).values()
    return False


def pinned(text: str, unique_ids: UniqueIds) -> dict[str, str]:
    """Return the unique ID that each user and role named in the policy has now."""
    found: dict[str, str] = {}
    for principal in named(text):
        entity = _ENTITY.fullmatch(principal)
        known = (unique_ids(entity["account"]) if entity else None) or {}
        if principal in known:
            found[principal] = known[principal]
    return found


def moved(pins: Mapping[str, str], unique_ids: UniqueIds) -> dict[str, str]:
    """Return what stands now for every pinned ARN that is nobody's, or somebody else's.

    It is the new ARN of whoever was given another name, or the unique ID of whoever is gone.
    """
    found: dict[str, str] = {}
    for arn, pin in pins.items():
        known = unique_ids(arn.split(":")[4]) or {}
        if known.get(arn) != pin:
            found[arn] = next((other for other, unique_id in known.items() if unique_id == pin), pin)
    return found


def as_it_stands(text: str, stale: Mapping[str, str]) -> str:
    """Return the policy with every ARN in `stale` replaced by what stands for it now."""
    document = json.loads(text)
    for statement in statements(document):
        for element in ("Principal", "NotPrincipal"):
            principal = statement.get(element)
            if isinstance(principal, dict) and "AWS" in principal:
                principal["AWS"] = _replaced(principal["AWS"], stale)
    return json.dumps(document)


def _replaced(value: Any, stale: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if isinstance(value, list):
        return [stale.get(each, each) for each in value]
    return stale.get(value, value)
