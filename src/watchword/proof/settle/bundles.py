"""Keys that hang together, as they are facts of one call: its moment, its tags, the tags of its resource.

Each key has been given a value by itself when this is asked. Moments are always put together. Tags are only
where what is surely possible is wanted: elsewhere more is taken to be possible than is.

Source: IAM User Guide, reference_policies_condition-keys (`aws:TagKeys` holds the names of the
`aws:RequestTag` keys; `aws:CurrentTime` and `aws:EpochTime` are one moment) and access_tags
(`aws:ResourceTag`, and the keys of single services that say the same).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from watchword.iam import ContextValue
from watchword.iam.context import Folded
from watchword.iam.operators import OPERATORS, Family
from watchword.proof.settle.values import (
    NONE,
    Domain,
    Literal,
    as_wanted,
    choose,
    moments,
    written_moment,
)

_NOW: Final = "aws:currenttime"
_EPOCH: Final = "aws:epochtime"
_ISSUED: Final = "aws:tokenissuetime"
_MOMENTS: Final = (_NOW, _EPOCH, _ISSUED)
_SHORTEST_SESSION: Final = 900
"""Seconds; every session lasts at least so long. STS API Reference."""
_TAG: Final = "aws:requesttag/"
_TAG_KEYS: Final = "aws:tagkeys"
_OF_RESOURCE: Final = "resourcetag/"
_MOST_TAGS: Final = 6

ByKey = Mapping[str, Sequence[Literal]]


def settle_bundles(
    domains: Mapping[str, Domain], by_key: ByKey, context: Folded, *, sure: bool
) -> Folded | None:
    """Return the context with what hangs together made consistent; None when that cannot be."""
    found: Folded | None = context
    if any(key in domains and domains[key].present for key in _MOMENTS):
        found = _at_one_moment(domains, by_key, context, sure=sure)
    if found is not None and sure and _TAG_KEYS in domains:
        found = _with_tags(domains, by_key, found)
    if found is not None and sure:
        found = _one_resource(domains, by_key, found)
    return found


def _holds(by_key: ByKey, key: str, context: Folded, *, sure: bool = True) -> bool:
    return all(as_wanted(each.test(context), each.wanted, not sure) for each in by_key.get(key, ()))


# -- moments


def _at_one_moment(
    domains: Mapping[str, Domain], by_key: ByKey, context: Folded, *, sure: bool
) -> Folded | None:
    """Give `aws:CurrentTime` and `aws:EpochTime` one moment, `aws:TokenIssueTime` one before it."""
    keys = [
        key for key in _MOMENTS if key in domains and domains[key].values is None and domains[key].present
    ]
    if not keys:
        return context
    literals = [each for key in keys for each in by_key.get(key, ())]
    if not sure and any(_family(each) not in {Family.DATE, Family.NULL} for each in literals):
        return context
    written = [value for each in literals for value in each.condition.values]
    least = domains[keys[0]].least
    for second in moments(written, least=least, most=None):
        for begun in _beginnings(second, written, least) if _ISSUED in keys else (second,):
            tried = dict(context)
            for key in keys:
                tried[key] = (
                    str(second) if key == _EPOCH else written_moment(begun if key == _ISSUED else second)
                )
            if all(_holds(by_key, key, tried, sure=sure) for key in keys):
                return tried
    return None


def _beginnings(second: int, written: Sequence[str], least: int | None) -> Iterator[int]:
    """Give moments at which a session may have begun that is still good at this second."""
    earliest = max(second - _SHORTEST_SESSION, 0)
    yield second
    yield from moments(written, least=earliest, most=second)
    if least is not None and earliest < least:
        yield earliest


def _family(literal: Literal) -> Family:
    return OPERATORS[literal.condition.operator.name].family


# -- tags


def _with_tags(domains: Mapping[str, Domain], by_key: ByKey, context: Folded) -> Folded | None:
    """Make `aws:TagKeys` hold the names of the tags of the request, and no other that is asked for."""
    names = sorted(key for key in domains if key.startswith(_TAG))
    if not names or domains[_TAG_KEYS].values is not None:
        return context
    if len(names) > _MOST_TAGS:
        return None
    spelled = _spellings(by_key, names)
    chosen = context.get(_TAG_KEYS, ())
    others = tuple(each for each in _each(chosen) if f"{_TAG}{each}".lower() not in names)
    for there in itertools.product((False, True), repeat=len(names)):
        tried = dict(context)
        tried.pop(_TAG_KEYS, None)
        if not all(map(_put_tag, names, there, *map(itertools.repeat, (domains, by_key, tried)))):
            continue
        own = tuple(spelled[name] for name, is_there in zip(names, there, strict=True) if is_there)
        for keys in (own, (*own, *others)):
            more = {**tried, _TAG_KEYS: keys} if keys else tried
            if _holds(by_key, _TAG_KEYS, more):
                return more
    return None


def _each(value: ContextValue) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def _put_tag(
    name: str, is_there: bool, domains: Mapping[str, Domain], by_key: ByKey, context: Folded
) -> bool:
    """Put a tag of the request in, or leave it out; False when that is not as wished."""
    context.pop(name, None)
    domain = domains[name]
    if not is_there:
        return domain.absent and _holds(by_key, name, context)
    if not domain.present:
        return False
    with_tag = Domain(kind=domain.kind, absent=False, values=domain.values, several=False, whole=domain.whole)
    found = choose(name, with_tag, by_key.get(name, ()), context, lenient=False)
    if found is NONE:
        return False
    context[name] = found
    return True


def _spellings(by_key: ByKey, names: Sequence[str]) -> dict[str, str]:
    found = {name: name.removeprefix(_TAG) for name in names}
    for name in names:
        for literal in by_key.get(name, ()):
            found[name] = literal.condition.key.text.partition("/")[2]
    return found


def _one_resource(domains: Mapping[str, Domain], by_key: ByKey, context: Folded) -> Folded | None:
    """Give keys of the same tag of the resource (`aws:ResourceTag/x`, `iam:ResourceTag/x`) one value."""
    groups: dict[str, list[str]] = {}
    for key, domain in domains.items():
        _, colon, rest = key.partition(":")
        if colon and rest.startswith(_OF_RESOURCE) and domain.present:
            groups.setdefault(rest, []).append(key)
    for keys in groups.values():
        if len(keys) > 1 and len({context.get(key) for key in keys}) > 1:
            unified = _unified(keys, by_key, context)
            if unified is None:
                return None
            context = unified
    return context


def _unified(keys: Sequence[str], by_key: ByKey, context: Folded) -> Folded | None:
    values: list[ContextValue] = [context.get(key, ()) for key in keys]
    values += [value for key in keys for literal in by_key.get(key, ()) for value in literal.condition.values]
    for value in values:
        tried = {key: each for key, each in context.items() if key not in keys}
        if value != ():
            tried.update(dict.fromkeys(keys, value))
        if all(_holds(by_key, key, tried) for key in keys):
            return tried
    return None
