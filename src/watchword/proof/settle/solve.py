"""Is there a request of an action that is allowed? Yes, with the request; no; or why that is not known."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TypeAlias

from watchword.iam import Context, ContextValue, Layer, Outcome, PolicySet, Request, Universe, evaluate
from watchword.iam.evaluate import service_rule
from watchword.iam.service_rules import RuleEffect
from watchword.iam.ways import ways
from watchword.proof.settle.answer import Answer, Found, Impossible, Undetermined
from watchword.proof.settle.attempt import CONTESTED, Attempt
from watchword.proof.settle.entries import TAGS, keys_of
from watchword.proof.settle.language import TooLarge
from watchword.proof.settle.naming import UNKNOWN_SERVICE, Naming, name_for
from watchword.proof.settle.passed import not_passed
from watchword.proof.settle.resources import Target, elsewhere, exactly, inside, only_among, readings
from watchword.proof.settle.subject import Subject

_NO_KEYS: Context = {}
Readings: TypeAlias = tuple[tuple[Target, ...], ...]


def solve(
    subject: Subject,
    action: str,
    *,
    universe: Universe,
    resource: str | None = None,
    within: str | None = None,
    fixed: Context = _NO_KEYS,
    policies: PolicySet | None = None,
    owner: str | None = None,
) -> Answer:
    """Return whether the subject has a request of an action that is allowed.

    - `action`: `service:Name`; `service:?` is any action of the service that is not known yet.
    - `resource`: the one that is meant; None: any that fits the action, in the subject's own account.
    - `within`: the resource with a policy of its own of which any part will do (the objects of a bucket).
    - `fixed`: condition keys that the request has by its nature; `()` says that one is absent. All others
      follow from the subject and its state, or are the caller's to choose where AWS lets it.
    - `policies`: what decides, when not `subject.policies`: with the trust policy of a role, say, or the
      policy of a resource.
    - `owner`: whose the resource of `within` is, when not the subject's own account's: twelve digits.

    `Found` is what `evaluate` allows, in a context that is surely possible. `Impossible` is only said where
    nothing was found among all that could be possible at most; see docs/decisions/0038.

    Raises ValueError when the action has no colon.
    """
    decided_by = subject.policies if policies is None else policies
    if action.endswith(":?"):
        return _unknown(subject, action, universe, resource, within, fixed, decided_by, owner)
    read = _readings(subject, action, universe, resource, within, owner)
    if not read:
        return Impossible()
    if resource is not None and action == "sts:AssumeRole":

        def permitted(permission: str) -> Answer:
            return solve(
                subject, permission, universe=universe, resource=resource, fixed=fixed, policies=policies
            )

        fixed = {**not_passed(decided_by, permitted), **fixed}
    exact = resource is not None
    return _Question(subject, action, universe, read, fixed, decided_by, exact=exact, owner=owner).answer()


def _unknown(
    subject: Subject,
    action: str,
    universe: Universe,
    resource: str | None,
    within: str | None,
    fixed: Context,
    policies: PolicySet,
    owner: str | None,
) -> Answer:
    """Ask of names that no action of the service has yet: one that fits each statement that allows some."""
    answer: Answer = Impossible()
    for name in _names(action.partition(":")[0].lower(), universe, policies):
        found = solve(
            subject,
            name,
            universe=universe,
            resource=resource,
            within=within,
            fixed=fixed,
            policies=policies,
            owner=owner,
        )
        if isinstance(found, Found):
            return found
        answer = found if isinstance(found, Undetermined) else answer
    return answer


def _names(service: str, universe: Universe, policies: PolicySet) -> Iterator[str]:
    service = UNKNOWN_SERVICE if service == "*" else service
    yield f"{service}:unknownaction"
    denying = [rule for policy in policies.identity for rule in policy.rules if rule.deny]
    for policy in policies.identity:
        for rule in policy.rules:
            if not rule.deny:
                for beside in (denying, []):
                    wishes = [Naming(rule, True), *(Naming(deny, False) for deny in beside)]
                    try:
                        name = name_for(service, wishes, universe, sure=True)
                    except TooLarge:
                        continue
                    if name is not None:
                        yield f"{service}:{name}"


def may_elsewhere(subject: Subject, action: str, *, universe: Universe, accounts: Collection[str]) -> bool:
    """Whether the subject's own policies may let it do this on a role of an account that is none of these.

    What that role's trust policy says is not known.
    """
    read = ((elsewhere(subject.arn.split(":")[1], frozenset(accounts)),),)
    question = _Question(subject, action, universe, read, {}, subject.policies, exact=False)
    return not isinstance(question.answer(), Impossible)


def _readings(
    subject: Subject,
    action: str,
    universe: Universe,
    resource: str | None,
    within: str | None,
    owner: str | None,
) -> Readings:
    if resource is not None:
        return ((exactly(resource),),)
    found = readings(
        universe,
        action,
        partition=subject.arn.split(":")[1],
        account=owner or subject.principal.account,
        existing=subject.existing if within is None else None,
    )
    return found if within is None else _inside(found, within)


def _tags_read(attempt: Attempt) -> frozenset[str]:
    """Return the keys of tags of the resource that the statements read which are about the call."""
    entries = (*attempt.denies, *(each for way in attempt.ways for group in way for each in group))
    return frozenset(key for entry in entries for key in keys_of(entry[2]) if key.startswith(TAGS))


def _inside(read: Readings, arn: str) -> Readings:
    """Return what is in a resource; a call without one (`*`, the path of a list) is on none."""
    with_resource = tuple(tuple(each for each in targets if each.exact is None) for targets in read)
    return tuple(targets for targets in inside(with_resource, arn) if targets)


class _Question:
    def __init__(
        self,
        subject: Subject,
        action: str,
        universe: Universe,
        read: Readings,
        fixed: Context,
        policies: PolicySet,
        *,
        exact: bool,
        owner: str | None = None,
    ) -> None:
        self._subject, self._action, self._universe = subject, action, universe
        self._policies, self._readings, self._exact = policies, read, exact
        self._owner = owner
        self._fixed = {key.lower(): value for key, value in fixed.items()}

    def answer(self) -> Answer:
        ruled = self._by_service_rule()
        if ruled is not None:
            return ruled
        if self._subject.problems:
            return Undetermined(reason=self._subject.problems[0])
        answers = [self._read_so(targets) for targets in self._readings]
        if all(isinstance(each, type(answers[0])) for each in answers):
            return answers[0]
        return Undetermined(reason=CONTESTED)

    def _read_so(self, targets: tuple[Target, ...]) -> Answer:
        attempts = [each for target in targets for each in self._by_tags(target)]
        for attempt, missing in attempts:
            found = self._found(attempt, missing)
            if found is not None:
                return found
        doubts = (attempt.doubt() for attempt, _ in attempts)
        doubt = next((each for each in doubts if each is not None), None)
        return Impossible() if doubt is None else Undetermined(reason=doubt)

    def _attempt(self, target: Target) -> tuple[Attempt, str | None]:
        """Return what is to be tried on one kind of resource, and which policy of it is needed and missing.

        Where one resource is meant, that policy may let the subject in by itself.
        """
        found = ways(self._request(target.example, {}), self._policies)
        attempt = Attempt(
            subject=self._subject,
            universe=self._universe,
            action=self._action,
            fixed=self._fixed,
            targets=(target,),
            ways=found.ways if found.missing is None or not self._exact else ((),),
            denies=found.denies,
        )
        return attempt, found.missing

    def _by_tags(self, target: Target) -> Iterator[tuple[Attempt, str | None]]:
        """Try those there are by their tags, where the policies look at tags: they are known.

        Tags of what is not in a snapshot are free: something with any tags may exist.
        """
        attempt, missing = self._attempt(target)
        existing = self._subject.existing
        names = _tags_read(attempt) - self._fixed.keys()
        among = target.among or ((target.exact,) if target.exact is not None else ())
        if not names or not among or existing is None or not all(map(existing.is_there, among)):
            yield attempt, missing
            return
        by_tags: dict[tuple[ContextValue, ...], list[str]] = {}
        for arn in among:
            tags = tuple(existing.tag(arn, name.partition("/")[2]) for name in sorted(names))
            by_tags.setdefault(tags, []).append(arn)
        for tags, arns in by_tags.items():
            fixed = {**self._fixed, **dict(zip(sorted(names), tags, strict=True))}
            some = target if len(by_tags) == 1 else only_among(target, arns)
            yield replace(attempt, fixed=fixed, targets=(some,)), missing

    def _found(self, attempt: Attempt, missing: str | None) -> Answer | None:
        for search, model in attempt.models():
            if missing is not None:
                return Undetermined(reason=f"it takes the {missing} of the resource, which is not known")
            request = self._request(model.resource, search.whole(model))
            decision = evaluate(request, self._policies)
            if decision.outcome is Outcome.ALLOWED:
                return Found(request=request, policies=self._policies, decision=decision)
            if decision.layer is Layer.SERVICE and decision.outcome is Outcome.UNDETERMINED:
                return Undetermined(reason=f"AWS is contested: `{decision.missing[-1]}`")
        return None

    def _by_service_rule(self) -> Answer | None:
        request = self._request(self._readings[0][0].example, {})
        rule = service_rule(request) if request.has_service_rules else None
        if rule is None:
            return None
        match rule.effect:
            case RuleEffect.ALLOW:
                decision = evaluate(request, self._policies)
                return Found(request=request, policies=self._policies, decision=decision)
            case RuleEffect.REFUSE:
                return Impossible()
            case RuleEffect.MAY_REFUSE:
                return None

    def _request(self, resource: str, context: Context) -> Request:
        return Request(
            principal=self._subject.principal,
            action=self._action,
            resource=resource,
            context=context,
            credential=self._subject.credential,
            resource_account=self._owner,
            assumptions=self._subject.assumptions,
        )
