"""Everything that could be true where the case says that nobody knows: one world after the other."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from reference.candidates import Value, candidates, policies
from reference.conditions import Readings
from reference.operators import is_unreadable
from reference.patterns import Context
from reference.reading import JsonObject, Policy, Question, read_policy

_PRESENT, _AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"

# What `credential` says of the MFA keys; the facts' first table.
_PRESENT_BY_CREDENTIAL = {
    "access-key": None,
    "root-key": None,
    "session": "false",
    "session-mfa": "true",
    "console": "false",
    "console-mfa": "true",
    "role-session": "false",
    "federated": "false",
    "service-role": "false",
    "service-linked-role": "false",
    "forwarded": "false",
    "forwarded-mfa": "true",
}

# What these carry, nobody has said.
_OPEN = {"login", "login-mfa", "service"}


def _stand_ins(question: Question) -> list[Policy]:
    """A policy that must be there and is not given may say anything: these are the extremes."""
    everyone = {"Principal": "*", "Action": "*", "Resource": "*"}
    by_arn = {"Null": {"aws:PrincipalArn": ["true", "false"]}}  # always true, and a condition on that key
    caller = {"AWS": question.principal, "Service": question.principal, "Federated": question.principal}
    statements: list[list[JsonObject]] = [
        [],
        [{"Effect": "Deny", **everyone}],
        [
            {"Effect": "Allow", **everyone, "Condition": by_arn},
            {"Effect": "Allow", **everyone, "Principal": caller},
        ],
    ]
    return [read_policy({"Statement": each}) for each in statements]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One possibility: the whole context, how the open rules are read, and a policy that is not given."""

    context: Context
    readings: Readings
    stand_in: Policy | None = None
    is_canonical: bool = False  # a canonical user ID is the caller's account
    is_gateway: bool = False  # the VPC endpoint is a gateway, not an interface


def worlds(question: Question, *, needs_policy: bool) -> Iterator[World]:
    """List all worlds of a question."""
    given = question.trust if question.action.lower().startswith("sts:") else question.resource_policy
    stand_ins: list[Policy | None] = [None]
    if needs_policy and given is None:
        stand_ins = [*_stand_ins(question)]
    canonical = _either(
        any(
            "CanonicalUser" in {**(each.principals or {}), **(each.not_principals or {})}
            for each in given or []
        )
    )
    gateway = _either(question.endpoint and question.action.lower().startswith(("s3:", "dynamodb:")))
    unreadable = _either(_has_unreadable(question))
    for context in _contexts(question):
        empty = _either(any("" in (each if isinstance(each, list) else [each]) for each in context.values()))
        for one in itertools.product(stand_ins, canonical, gateway, unreadable, empty):
            yield World(
                context=context,
                stand_in=one[0],
                is_canonical=one[1],
                is_gateway=one[2],
                readings=Readings(unreadable_matches=one[3], empty_is_absent=one[4]),
            )


def _either(is_open: object) -> tuple[bool, ...]:
    return (False, True) if is_open else (False,)


def _has_unreadable(question: Question) -> bool:
    return any(
        is_unreadable(condition.operator, value)
        for policy in policies(question)
        for statement in policy
        for condition in statement.conditions
        for value in condition.values
    )


def _contexts(question: Question) -> Iterator[Context]:
    free = {key: candidates(key, question) for key in question.unknown if key not in {_PRESENT, _AGE}}
    for known in _spellings(question.context):
        for present in _states_of_mfa(question, known):
            fixed = {key: value for key, value in known.items() if key not in question.unknown}
            if present is not None:
                fixed[_PRESENT] = present
            if question.code:
                fixed.setdefault(_AGE, "0")  # the code is checked in the call itself
            open_keys = {**free, _AGE: _ages(question)} if _age_is_open(question, fixed) else free
            for choice in itertools.product(*open_keys.values()):
                chosen = {
                    key: value for key, value in zip(open_keys, choice, strict=True) if value is not None
                }
                yield {**fixed, **chosen}


def _states_of_mfa(question: Question, known: Context) -> list[Value]:
    """List what aws:MultiFactorAuthPresent may be; None: absent."""
    if _PRESENT in question.unknown or question.credential in _OPEN:
        return [None, "false", "true"]
    if question.code:
        return ["true"]
    if _PRESENT in known:
        return [known[_PRESENT]]
    return [None if question.credential is None else _PRESENT_BY_CREDENTIAL[question.credential]]


def _age_is_open(question: Question, fixed: Context) -> bool:
    """Say whether there is an age that nobody knows. There is none without MFA."""
    if fixed.get(_PRESENT) != "true" or _AGE in fixed:
        return False
    said_by_the_context = question.credential is None and _PRESENT not in question.unknown
    return _AGE in question.unknown or not said_by_the_context


def _ages(question: Question) -> list[Value]:
    return [value for value in candidates(_AGE, question) if value is not None]


def _spellings(context: JsonObject) -> Iterator[Context]:
    """Read the context. Of two keys that differ only in case, nobody knows which one counts."""
    by_key: dict[str, list[Value]] = {}
    for key, value in context.items():
        # `null` is absent, and so is a list of no values.
        if value is not None and value != []:
            by_key.setdefault(key.lower(), []).append(value)
    for choice in itertools.product(*by_key.values()):
        yield {key: value for key, value in zip(by_key, choice, strict=True) if value is not None}
