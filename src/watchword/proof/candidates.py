"""Whom somebody's policies may be about: a quick look at resources, so that few have to be asked about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from watchword.iam import PrincipalKind
from watchword.iam.keys_read import keys_read

if TYPE_CHECKING:
    from watchword.account.accounts import Accounts
    from watchword.account.model import Account, AccountPrincipal
    from watchword.iam import CompiledPolicy, PolicySet
    from watchword.iam._resources import ResourceTest
    from watchword.iam.compile import Rule
    from watchword.iam.context import Folded
    from watchword.proof.reach import Subject

_USERNAME: Final = re.compile(r"\$\{\s*aws:username\s*\}", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_BY_PRINCIPAL: Final = ("aws:principalarn", "aws:username", "aws:userid", "aws:principaltag/")
_BY_MFA: Final = "aws:multifactorauth"
_OF_THE_OTHER: Final = (
    "iam:policyarn",
    "iam:permissionsboundary",
    "aws:resourcetag/",
    "iam:resourcetag/",
    "aws:requesttag/",
    "aws:tagkeys",
)
"""What moves are made up by, where policies read it; see `effects`."""
_NO_CONTEXT: Final[Folded] = {}


def documents(policies: PolicySet) -> list[CompiledPolicy]:
    """Return all policies of a set that name no principals."""
    found = list(policies.identity)
    if policies.permissions_boundary is not None:
        found.append(policies.permissions_boundary)
    return found + [each for level in policies.service_control for each in level]


@dataclass(slots=True, kw_only=True)
class Reading:
    """What sets of policies look at. Kept by the set, which is one object for equal policies."""

    _keys: dict[int, tuple[PolicySet, frozenset[str]]] = field(default_factory=dict)
    _apart: dict[tuple[int, str], tuple[PolicySet, bool]] = field(default_factory=dict)
    _callers_apart: dict[int, tuple[CompiledPolicy, bool]] = field(default_factory=dict)
    _of_document: dict[int, tuple[CompiledPolicy, frozenset[str]]] = field(default_factory=dict)
    _covering: dict[tuple[int, str], tuple[CompiledPolicy, tuple[int, ...]]] = field(default_factory=dict)
    _about: dict[tuple[int, tuple[str, ...]], tuple[PolicySet, int, bool]] = field(default_factory=dict)
    _numbers: dict[object, int] = field(default_factory=dict)
    _tests: dict[tuple[int, str], tuple[PolicySet, Sequence[ResourceTest] | None]] = field(
        default_factory=dict
    )

    def keys(self, policies: PolicySet) -> frozenset[str]:
        """Return the condition keys that policies read, in lower case."""
        found = self._keys.get(id(policies))
        if found is None:
            each = [self.of_document(document) for document in documents(policies)]
            found = self._keys[id(policies)] = policies, frozenset[str]().union(*each)
        return found[1]

    def of_document(self, document: CompiledPolicy) -> frozenset[str]:
        """Return the keys that one policy reads."""
        found = self._of_document.get(id(document))
        if found is None:
            keys = frozenset(key.lower() for key in keys_read(document.policy))
            found = self._of_document[id(document)] = document, keys
        return found[1]

    def tells_apart(self, policies: PolicySet, action: str) -> bool:
        """Whether two principals with these policies may have different answers about an action."""
        key = (id(policies), action)
        found = self._apart.get(key)
        if found is None:
            service, _, name = action.lower().partition(":")
            rules = (rule for document in documents(policies) for rule in document.rules)
            apart = any(name in rule.actions.of(service) and _looks_at_caller(rule) for rule in rules)
            found = self._apart[key] = policies, apart
        return found[1]

    def about(self, policies: PolicySet, actions: tuple[str, ...]) -> tuple[int, bool]:
        """Return a number for the statements that decide about actions, and whether principals differ in it.

        Sets of policies with the same number decide alike: they have the same statements about these
        actions in the same layers, and look at the same keys of those who are asked about.
        """
        key = (id(policies), actions)
        found = self._about.get(key)
        if found is None:
            statements = self._statements(policies, actions)
            number = self._numbers.setdefault(statements, len(self._numbers))
            apart = any(self.tells_apart(policies, each) for each in actions)
            found = self._about[key] = policies, number, apart
        return found[1], found[2]

    def _statements(self, policies: PolicySet, actions: tuple[str, ...]) -> object:
        def covering(of: Iterable[CompiledPolicy]) -> frozenset[int]:
            return frozenset(rule for each in of for action in actions for rule in self._rules(each, action))

        boundary, session = policies.permissions_boundary, policies.session
        return (
            covering(policies.identity),
            None if boundary is None else covering([boundary]),
            None if session is None else covering(session),
            tuple(map(covering, policies.service_control)),
            tuple(map(covering, policies.resource_control)),
            frozenset(key for key in self.keys(policies) if key.startswith(_OF_THE_OTHER)),
        )

    def _rules(self, document: CompiledPolicy, action: str) -> tuple[int, ...]:
        """Return what tells the statements of a policy about an action from all others there are."""
        found = self._covering.get((id(document), action))
        if found is None:
            service, _, name = action.lower().partition(":")
            rules = tuple(id(rule) for rule in document.rules if name in rule.actions.of(service))
            found = self._covering[id(document), action] = document, rules
        return found[1]

    def seen_of(self, policies: PolicySet, action: str, arn: str) -> object:
        """Return what the statements about an action can tell of a resource: the same for all alike."""
        key = (id(policies), action)
        found = self._tests.get(key)
        if found is None:
            found = self._tests[key] = policies, _tests(policies, action)
        tests = found[1]
        return arn if tests is None else tuple([test(arn, _NO_CONTEXT) for test in tests])

    def tells_callers_apart(self, trust: CompiledPolicy) -> bool:
        """Whether a trust policy may say different things of two principals of one account."""
        found = self._callers_apart.get(id(trust))
        if found is None:
            apart = any(_looks_at_caller(rule) or _names_somebody(rule) for rule in trust.rules)
            found = self._callers_apart[id(trust)] = trust, apart
        return found[1]

    def reads_caller(self, document: CompiledPolicy) -> bool:
        """Whether a policy looks at keys that tell two principals of one account apart."""
        return any(key.startswith(_BY_PRINCIPAL) for key in self.of_document(document))

    def limits_alike(self, policies: PolicySet) -> bool:
        """Whether the SCPs are the same for every principal of the account and every state of MFA."""
        of = (each for level in policies.service_control for each in level)
        return not any(
            key.startswith((*_BY_PRINCIPAL, _BY_MFA)) for each in of for key in self.of_document(each)
        )


def _tests(policies: PolicySet, action: str) -> Sequence[ResourceTest] | None:
    """Return how the statements about an action tell resources apart; None when keys or variables may."""
    service, _, name = action.lower().partition(":")
    controls = [each for level in policies.resource_control for each in level]
    found: list[ResourceTest] = []
    for document in (*documents(policies), *(policies.session or ()), *controls):
        for rule in document.rules:
            if name in rule.actions.of(service):
                statement = rule.policy.statements[rule.ref.index]
                keys = (each.key.text.lower() for each in statement.conditions)
                if any("${" in each.text for each in statement.resources or ()) or any(
                    "resource" in key or key.startswith(_OF_THE_OTHER) for key in keys
                ):
                    return None
                if rule.resource is not None:
                    found.append(rule.resource)
    return found


def _looks_at_caller(rule: Rule) -> bool:
    """Whether a statement may say different things of two principals. A variable may be of the caller."""
    statement = rule.policy.statements[rule.ref.index]
    if any("${" in each.text for each in statement.resources or ()):
        return True
    return any(
        each.key.text.lower().startswith(_BY_PRINCIPAL) or any("${" in value for value in each.values)
        for each in statement.conditions
    )


def _names_somebody(rule: Rule) -> bool:
    """Whether a statement names a principal that is not a whole account, a service or everybody."""
    statement = rule.policy.statements[rule.ref.index]
    names = (each.name.text for each in statement.principals or () if each.type.value == "AWS")
    return any(name != "*" and not name.isdigit() and not name.endswith(":root") for name in names)


@dataclass(slots=True, kw_only=True)
class Candidates:
    """The users, groups or roles of an account that a subject's statements may be about."""

    _arns: dict[tuple[str, PrincipalKind], tuple[str, ...]] = field(default_factory=dict)
    _patterns: dict[str, re.Pattern[str]] = field(default_factory=dict)
    _matching: dict[tuple[str, PrincipalKind, str], tuple[str, ...]] = field(default_factory=dict)

    def of(self, subject: Subject, account: Account, action: str, kind: PrincipalKind) -> tuple[str, ...]:
        """Return the ARNs that may be allowed: all that are, and few that are not."""
        everybody = self._everybody(account, kind)
        if subject.principal.kind is PrincipalKind.ROOT:
            return everybody
        texts = _resources(subject, action)
        if texts is None:
            return everybody
        found: dict[str, None] = {}
        for text in texts:
            found.update(dict.fromkeys(self._match(account, kind, text, everybody)))
        return tuple(found)

    def fits(self, subject: Subject, action: str, arn: str) -> bool:
        """Whether an action may be allowed on one resource."""
        if subject.principal.kind is PrincipalKind.ROOT:
            return True
        texts = _resources(subject, action)
        return texts is None or any(
            text == arn if "*" not in text and "?" not in text else self._pattern(text).fullmatch(arn)
            for text in texts
        )

    def _pattern(self, text: str) -> re.Pattern[str]:
        found = self._patterns.get(text)
        if found is None:
            parts = (".".join(map(re.escape, part.split("?"))) for part in text.split("*"))
            found = self._patterns[text] = re.compile(".*".join(parts))
        return found

    def _everybody(self, account: Account, kind: PrincipalKind) -> tuple[str, ...]:
        key = (account.id, kind)
        if key not in self._arns:
            self._arns[key] = tuple(each.arn for each in account.principals if each.kind is kind)
        return self._arns[key]

    def _match(
        self, account: Account, kind: PrincipalKind, text: str, everybody: Sequence[str]
    ) -> tuple[str, ...]:
        if "*" not in text and "?" not in text:
            there = account.principal(text)
            is_there = there is not None and there.kind is kind and not account.is_admitted(text)
            return (text,) if is_there else ()
        key = (account.id, kind, text)
        if key not in self._matching:
            pattern = self._pattern(text)
            self._matching[key] = tuple(each for each in everybody if pattern.fullmatch(each))
        return self._matching[key]


def _resources(subject: Subject, action: str) -> list[str] | None:
    """Return the patterns of the statements that allow an action; None for any resource."""
    service, _, name = action.lower().partition(":")
    found: list[str] = []
    for document in subject.policies.identity:
        for rule in document.rules:
            if rule.deny or name not in rule.actions.of(service):
                continue
            statement = rule.policy.statements[rule.ref.index]
            if statement.not_resource or statement.resources is None:
                return None
            found += [_filled(each.text, subject) for each in statement.resources]
    return None if "*" in found else found


def _filled(text: str, subject: Subject) -> str:
    if "${" not in text:
        return text
    name = subject.arn.rpartition("/")[2] if subject.principal.kind is PrincipalKind.USER else "*"
    return _VARIABLE.sub("*", _USERNAME.sub(lambda _: name, text))


# -- roles that name somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusting:
    """The roles of all accounts by whom their trust policies name."""

    by_name: Mapping[str, tuple[str, ...]]
    """By ARN or unique ID of a user or role."""
    by_account: Mapping[str, tuple[str, ...]]
    """By the twelve digits of the account."""
    anyone: tuple[str, ...]

    @classmethod
    def of(cls, accounts: Accounts) -> Trusting:
        """Return the index. Policies that name services and providers only are hardly looked at."""
        by_name: dict[str, dict[str, None]] = {}
        by_account: dict[str, dict[str, None]] = {}
        anyone: dict[str, None] = {}
        for account in accounts:
            for role in account.principals:
                for name in _named(account, role) if role.kind is PrincipalKind.ROLE else ():
                    if name == "*":
                        anyone[role.arn] = None
                    elif name.isdigit():
                        by_account.setdefault(name, {})[role.arn] = None
                    else:
                        by_name.setdefault(name, {})[role.arn] = None
        return cls(
            by_name={name: tuple(arns) for name, arns in by_name.items()},
            by_account={name: tuple(arns) for name, arns in by_account.items()},
            anyone=tuple(anyone),
        )

    def named(self, principal: AccountPrincipal, signs: str) -> Iterable[str]:
        """Return the roles that name a principal itself, or the session of it that signs (the ARN)."""
        yield from self.by_name.get(principal.arn, ())
        if signs != principal.arn:
            yield from self.by_name.get(signs, ())
        if principal.unique_id is not None:
            yield from self.by_name.get(principal.unique_id, ())


def _named(account: Account, role: AccountPrincipal) -> set[str]:
    """Return whom a role's trust policy names: ARNs, unique IDs, accounts, `*`."""
    text: str = getattr(role.entry, "trust", "")
    if '"AWS"' not in text and "*" not in text and "NotPrincipal" not in text and "\\u" not in text:
        return set()
    trust = account.attached(role.arn).trust
    if trust is None:
        return {"*"}  # it cannot be read: whether it names somebody is asked, and stays open
    found: set[str] = set()
    for statement in trust.compiled.policy.statements:
        if statement.not_principal:
            found.add("*")
        for each in statement.principals or ():
            found.add(_whom(each.type.value, each.name.text))
    return found - {""}


def _whom(kind: str, text: str) -> str:
    if text == "*":
        return "*"
    if kind != "AWS":
        return ""
    if text.isdigit():
        return text
    parts = text.split(":", 5)
    if len(parts) != 6:
        return text
    if parts[5] == "root":
        return parts[4]
    return text
