"""What a principal can reach, by trying everything: each action, each resource, each context.

The decision on each is the reference interpreter's (`tests/reference`), which shares no code with the engine.
Requests that no statement tells apart have one answer, so that one of them is asked.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from proof.right.alphabet import AGE, AGES, HERE, KEYS, KINDS, PRESENT, THERE, Action, Key
from proof.right.small_accounts import Document, Holder, Managed, SmallAccount, User, identity_of
from reference.conditions import Readings, hold
from reference.decide import decided_in
from reference.layers import Asked, _resource_fits
from reference.patterns import matches_action
from reference.principals import caller
from reference.reading import (
    Condition,
    JsonObject,
    Policy,
    Question,
    Statement,
    read_policy,
    read_question,
)

Context = dict[str, str | list[str]]
_KEYS: Final[dict[str, Key]] = {name.lower(): key for name, key in KEYS.items()}
ELSEWHERE: Final = f"arn:aws:iam::{THERE}:role/elsewhere"
"""A role of an account of which there is no snapshot: it may let in whom its own policies allow to come."""
_TRUST: Final = frozenset({"sts:AssumeRole"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A principal with one credential: `credential` as in case files; `mfa` absent, false or true."""

    arn: str
    credential: str
    mfa: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One request that the reference allows. `sure`: it hangs on nothing that AWS leaves open."""

    resource: str
    context: Context
    sure: bool


class Brute:
    """Answers for one account as it is now."""

    def __init__(self, account: SmallAccount, actions: dict[str, Action]) -> None:
        self.account = account
        self.actions = actions
        self._questions: dict[tuple[Who, str], Question] = {}
        self._policies: dict[int, Policy] = {}
        self._widest: dict[str, Document] = {}
        self._held: dict[tuple[int, object, str], bool] = {}

    def reached(self, who: Who) -> dict[str, Tried]:
        """Return the actions that some request reaches, each with one, a sure one if possible."""
        found = {}
        for action in self.actions:
            best = self.best(who, action)
            if best is not None:
                found[action] = best
        return found

    def best(self, who: Who, action: str, resource: str | None = None, **fixed: str) -> Tried | None:
        """Return a request that is allowed, a sure one if there is one; None when there is none.

        What an access key may not call itself, a service may call on its behalf, with the MFA key present and
        `false`: which services do so for which calls is not known.
        Source: IAM User Guide, access_forward_access_sessions.
        """
        found = self._itself(who, action, resource, fixed)
        if found is None and who.credential == "access-key":
            found = self._itself(replace(who, credential="forwarded", mfa="false"), action, resource, fixed)
            return None if found is None else replace(found, sure=False)
        return found

    def _itself(self, who: Who, action: str, resource: str | None, fixed: dict[str, str]) -> Tried | None:
        """A call without a type of resource is sure when both of the contested resources are allowed."""
        listed = self.actions[action]
        if listed.contested is not None:
            found = [self._first(who, action, each, fixed) for each in ("*", listed.contested)]
            allowed = [each for each in found if each is not None]
            if not allowed:
                return None
            return replace(allowed[0], sure=len(allowed) == 2 and all(each.sure for each in allowed))
        perhaps = None
        for each in self._told_apart(who, action) if resource is None else (resource,):
            tried = self._first(who, action, each, fixed)
            if tried is not None and tried.sure:
                return tried
            perhaps = perhaps or tried
        return perhaps

    def _told_apart(self, who: Who, action: str) -> Iterator[str]:
        """Yield one resource of each kind that the statements tell apart."""
        seen = set()
        for resource in self._resources(action):
            question = self.question(who, action, resource)
            context = {name.lower(): value for name, value in question.context.items()}
            asked = Asked(
                question=question,
                who=caller(question.principal, question.session_of),
                context=context,
                readings=Readings(),
            )
            others = (id(question.trust), id(question.resource_policy))
            kind = (*others, *(_resource_fits(each, asked) for each in _statements(question)))
            if kind not in seen:
                seen.add(kind)
                yield resource

    def _resources(self, action: str) -> tuple[str, ...]:
        kind = self.actions[action].kind
        if kind is None:
            return ("*",)
        account = self.account
        known: dict[str, Mapping[str, Holder | Managed]] = {
            "user": account.users,
            "role": account.roles,
            "group": account.groups,
            "policy": account.policies,
        }
        existing = tuple(each.arn for each in known.get(kind, {}).values())
        if action in _TRUST:
            return (*existing, ELSEWHERE)
        return (*existing, *KINDS[kind].resources)

    def _first(self, who: Who, action: str, resource: str, fixed: dict[str, str]) -> Tried | None:
        question = self.question(who, action, resource)
        perhaps = None
        for context, sure in self._contexts(question, who, action, fixed):
            if decided_in(question, context) == "allowed":
                known = not (action == "iam:PassRole" and who.credential == "session")  # AWS is silent
                tried = Tried(
                    resource=resource, context=context, sure=sure and known and resource != ELSEWHERE
                )
                if tried.sure:
                    return tried
                perhaps = tried
        return perhaps

    def question(self, who: Who, action: str, resource: str) -> Question:
        """Put the policies and the caller together, as a case of `policy test` would."""
        about = self._about(who, action)
        if action in _TRUST:
            return replace(about, resource=resource, trust=self._read(self._trust(who, resource)))
        return replace(about, resource=resource, resource_policy=self._read_if_any(self.policy_of(resource)))

    def _trust(self, who: Who, role: str) -> Document:
        """Return the trust policy of a role; one of another account may be the widest."""
        if role != ELSEWHERE:
            return self.account.holder(role).trust  # type: ignore[union-attr]
        found = self._widest.get(who.arn)
        if found is None:
            named = {"AWS": [who.arn, _as_caller(who.arn)]}
            statement = {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole"}
            found = self._widest[who.arn] = {"Version": "2012-10-17", "Statement": [statement]}
        return found

    def _about(self, who: Who, action: str) -> Question:
        """Leave out the statements that are about other actions: they can make no difference."""
        found = self._questions.get((who, action))
        if found is None:
            whole = self._whole(who)
            found = self._questions[who, action] = replace(
                whole,
                action=action,
                identity=[_on(action, each) for each in whole.identity],
                boundaries=[_on(action, each) for each in whole.boundaries],
                service_control=[[_on(action, each) for each in level] for level in whole.service_control],
            )
        return found

    def _whole(self, who: Who) -> Question:
        account = self.account
        case: JsonObject = {
            "principal": _as_caller(who.arn),
            "session_of": who.arn if ":role/" in who.arn else None,
            "credential": who.credential,
            "action": "",
            "resource": "*",
            "context": known(account, who),
        }
        return replace(
            read_question(case, _no_file),
            identity=[self._read(each) for each in account.identity(who.arn)],
            boundaries=[self._read(each) for each in account.boundary(who.arn)],
            service_control=[[self._read(each) for each in level] for level in account.scps],
        )

    def _read_if_any(self, document: Document | None) -> Policy | None:
        return None if document is None else self._read(document)

    def _read(self, document: Document) -> Policy:
        found = self._policies.get(id(document))
        if found is None:
            found = self._policies[id(document)] = read_policy(document)
        return found

    def _contexts(
        self, question: Question, who: Who, action: str, fixed: dict[str, str]
    ) -> Iterator[tuple[Context, bool]]:
        """Yield one context of each kind that the conditions tell apart, and whether it is sure to exist.

        A key that nobody lists for the action is sure to be absent alone. Those that are sure come first.
        """
        conditions = [each for statement in _statements(question) for each in statement.conditions]
        base: Context = {name.lower(): value for name, value in question.context.items()}
        base |= {name.lower(): value for name, value in fixed.items()}
        if who.mfa != "absent":
            base[PRESENT.lower()] = who.mfa
        free = {
            name: _values(name, _KEYS[name], action, self.actions[action])
            for name in sorted({each.key for each in conditions} & _KEYS.keys() - base.keys())
        }
        if who.mfa == "true":
            free[AGE.lower()] = [(age, True) for age in AGES]
        few = {
            name: self._told_apart_by(conditions, question, base, name, values)
            for name, values in free.items()
        }
        chosen = list(itertools.product(*few.values()))
        for choice in sorted(chosen, key=lambda each: not all(sure for _, sure in each)):
            there = zip(few, choice, strict=True)
            context = {**base, **{name: value for name, (value, _) in there if value is not None}}
            yield context, all(sure for _, sure in choice)

    def _told_apart_by(
        self,
        conditions: list[Condition],
        question: Question,
        base: Context,
        name: str,
        values: list[tuple[str | None, bool]],
    ) -> list[tuple[str | None, bool]]:
        """Return one value for each set of conditions on a key that can hold."""
        about = [each for each in conditions if each.key == name]
        kinds: dict[tuple[bool, ...], tuple[str | None, bool]] = {}
        for value, sure in sorted(values, key=lambda each: not each[1]):
            context = base if value is None else {**base, name: value}
            kind = tuple(self._holds(each, question, context) for each in about)
            kinds.setdefault(kind, (value, sure))
        return list(kinds.values())

    def _holds(self, condition: Condition, question: Question, context: Context) -> bool:
        """Ask the reference once for each value: variables are of the principal, who is in the question."""
        value = context.get(condition.key)
        key = id(condition), value if not isinstance(value, list) else tuple(value), question.principal
        found = self._held.get(key)
        if found is None:
            alone = Statement(
                allows=True,
                has_variables=True,
                principals=None,
                not_principals=None,
                actions=None,
                not_actions=None,
                resources=None,
                not_resources=None,
                conditions=[condition],
            )
            found = self._held[key] = hold(alone, context, Readings())
        return found

    def policy_of(self, resource: str) -> JsonObject | None:
        """Return the policy of a resource; a bucket's is its objects' too."""
        policies = self.account.resource_policies
        return policies.get(resource) or policies.get(resource.partition("/")[0])


def known(account: SmallAccount, who: Who) -> Context:
    """Return the keys that follow from the principal."""
    holder = account.holder(who.arn)
    context: Context = {
        "aws:PrincipalArn": who.arn,
        "aws:PrincipalAccount": HERE,
        "aws:PrincipalIsAWSService": "false",
        **{f"aws:PrincipalTag/{key}": value for key, value in holder.tags.items()},
    }
    if isinstance(holder, User):
        return {
            **context,
            "aws:PrincipalType": "User",
            "aws:username": holder.name,
            "aws:userid": identity_of("AIDA", holder.name),
        }
    userid = f"{identity_of('AROA', holder.name)}:watchword"
    return {**context, "aws:PrincipalType": "AssumedRole", "aws:userid": userid}


def _as_caller(arn: str) -> str:
    if ":role/" not in arn:
        return arn
    return f"arn:aws:sts::{HERE}:assumed-role/{arn.rpartition('/')[2]}/watchword"


def _no_file(path: str) -> str:
    raise FileNotFoundError(path)


def _on(action: str, policy: Policy) -> Policy:
    return [each for each in policy if _is_about(each, action)]


def _is_about(statement: Statement, action: str) -> bool:
    if statement.not_actions is not None:
        return not any(_covers_action(each, action) for each in statement.not_actions)
    return any(_covers_action(each, action) for each in statement.actions or [])


@functools.cache
def _covers_action(pattern: str, action: str) -> bool:
    return matches_action(pattern, action)


def _statements(question: Question) -> list[Statement]:
    levels = [policy for level in question.service_control for policy in level]
    others = [each for each in (question.trust, question.resource_policy) if each is not None]
    policies = [*question.identity, *question.boundaries, *levels, *others]
    return [each for policy in policies for each in policy if _is_about(each, question.action)]


def _values(name: str, key: Key, action: str, listed: Action) -> list[tuple[str | None, bool]]:
    if name == "aws:requestedregion" and action.startswith("iam:"):
        # IAM has one endpoint, in us-east-1 (reference_policies_examples_aws_deny-requested-region).
        return [("us-east-1", True)]
    if key.everywhere or any(_covers(each, name) for each in listed.keys):
        return [(value, True) for value in key.values]
    return [(value, value is None) for value in dict.fromkeys((None, *key.values))]


def _covers(listed: str, name: str) -> bool:
    return listed == name or (listed.endswith("*") and name.startswith(listed[:-1]))
