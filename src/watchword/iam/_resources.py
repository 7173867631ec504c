"""Which resources a statement covers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from watchword.iam._arn import resource_pattern
from watchword.iam._glob import Matcher, Wild, matcher
from watchword.iam._tri import Tri, any_of
from watchword.iam._variables import Filled, Part, fill, is_dynamic, parts, settled
from watchword.iam.context import Folded
from watchword.iam.policy import Statement, Version

ResourceTest: TypeAlias = Callable[[str, Folded], Tri]


def resource_test(statement: Statement, version: Version) -> ResourceTest | None:
    """Return the test of a statement's `Resource` or `NotResource`; None when it covers everything.

    Source: IAM User Guide, reference_policies_elements_resource and …_notresource.
    """
    if statement.resources is None:
        return None
    if not statement.not_resource and any(each.text == "*" for each in statement.resources):
        return None
    with_variables = version is Version.V2012
    patterns = [
        resource_pattern(parts(each.text, variables=with_variables, wildcards=True))
        for each in statement.resources
    ]
    matches = tuple(_matcher(each) for each in patterns if not is_dynamic(each))
    dynamic = tuple(each for each in patterns if is_dynamic(each))
    if statement.not_resource:
        return _not_listed(matches, dynamic)
    if (Wild.STAR,) in patterns:
        return None
    return _listed(matches, dynamic)


def _matcher(pattern: tuple[Part, ...]) -> Matcher:
    return matcher(settled(pattern))


def _listed(matches: tuple[Matcher, ...], dynamic: tuple[tuple[Part, ...], ...]) -> ResourceTest:
    def run(resource: str, context: Folded) -> Tri:
        for match in matches:
            if match(resource):
                return True
        return any_of(_filled(fill(each, context), resource) for each in dynamic) if dynamic else False

    return run


def _filled(filled: Filled | None, resource: str) -> Tri:
    return False if filled is None else filled.match(resource)


def _not_listed(matches: tuple[Matcher, ...], dynamic: tuple[tuple[Part, ...], ...]) -> ResourceTest:
    """`NotResource`. A variable without a value makes it cover nothing (as observed); an unknown one may."""

    def run(resource: str, context: Folded) -> Tri:
        if any(match(resource) for match in matches):
            return False
        unknown: frozenset[str] = frozenset()
        for pattern in dynamic:
            filled = fill(pattern, context)
            if filled is None or filled.match(resource) is True:
                return False
            unknown |= filled.unknown
        return unknown or True

    return run
