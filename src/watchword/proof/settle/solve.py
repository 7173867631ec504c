"""Is there a request of an action that is allowed? Yes, with the request; no; or why that is not known."""

from __future__ import annotations

from collections.abc import Iterator

from watchword.iam import Context, Outcome, PolicySet, Request, Universe, evaluate
from watchword.iam.context import Folded
from watchword.iam.evaluate import service_rule
from watchword.iam.service_rules import RuleEffect
from watchword.iam.ways import ways
from watchword.proof.settle.answer import Answer, Found, Impossible, Undetermined
from watchword.proof.settle.domains import Asked, domain
from watchword.proof.settle.language import TooLarge
from watchword.proof.settle.resources import exactly, targets
from watchword.proof.settle.search import Covering, Model, Search
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.values import NONE, choose

_NO_KEYS: Context = {}


def solve(
    subject: Subject,
    action: str,
    *,
    universe: Universe,
    resource: str | None = None,
    fixed: Context = _NO_KEYS,
    policies: PolicySet | None = None,
) -> Answer:
    """Return whether the subject has a request of an action that is allowed.

    - `resource`: the one that is meant; None: any that fits the action, in the subject's own account.
    - `fixed`: condition keys that the request has by its nature; `()` says that one is absent. All others
      follow from the subject and its state, or are the caller's to choose where AWS lets it.
    - `policies`: what decides, when not `subject.policies`: with the trust policy of a role, say, or the
      policy of a resource.

    `Found` is what `evaluate` allows, in a context that is surely possible. `Impossible` is only said where
    nothing was found among all that could be possible at most; see docs/decisions/0038.

    Raises ValueError when the action has no colon.
    """
    decided_by = subject.policies if policies is None else policies
    return _Question(subject, action, universe, resource, fixed, decided_by).answer()


class _Question:
    def __init__(
        self,
        subject: Subject,
        action: str,
        universe: Universe,
        resource: str | None,
        fixed: Context,
        policies: PolicySet,
    ) -> None:
        self._subject, self._action, self._universe = subject, action, universe
        self._policies = policies
        self._fixed: Folded = {key.lower(): value for key, value in fixed.items()}
        partition, account = subject.arn.split(":")[1], subject.principal.account
        self._targets = (
            (exactly(resource),)
            if resource is not None
            else targets(universe, action, partition=partition, account=account)
        )

    def answer(self) -> Answer:
        ruled = self._by_service_rule()
        if ruled is not None:
            return ruled
        found = self._found()
        if isinstance(found, Found):
            if self._subject.problems:
                return Undetermined(reason=self._subject.problems[0])
            return found
        if self._subject.problems:
            return Undetermined(reason=self._subject.problems[0])
        return self._open() or Impossible()

    def _by_service_rule(self) -> Answer | None:
        request = self._request(self._targets[0].example, {})
        rule = service_rule(request) if request.has_service_rules else None
        if rule is None:
            return None
        match rule.effect:
            case RuleEffect.ALLOW:
                return Found(
                    request=request, policies=self._policies, decision=evaluate(request, self._policies)
                )
            case RuleEffect.REFUSE:
                return Impossible()
            case RuleEffect.MAY_REFUSE:
                return None

    def _found(self) -> Found | None:
        for search in self._searches(sure=True):
            try:
                model = search.run()
            except TooLarge:
                continue
            if model is None:
                continue
            request = self._request(model.resource, search.whole(model))
            decision = evaluate(request, self._policies)
            if decision.outcome is Outcome.ALLOWED:
                return Found(request=request, policies=self._policies, decision=decision)
        return None

    def _open(self) -> Undetermined | None:
        """Say why it is not sure that there is none, if anything speaks for one."""
        for target in self._targets:
            found = ways(self._request(target.example, {}), self._policies)
            if found.missing is not None:
                return Undetermined(
                    reason=f"it takes the {found.missing} of the resource, which is not known"
                )
        for search in self._searches(sure=False):
            try:
                model = search.run()
            except TooLarge:
                return Undetermined(reason=f"the policies leave too much to try for `{self._action}`")
            if model is not None:
                return Undetermined(reason=self._why(model))
        return None

    def _searches(self, *, sure: bool) -> Iterator[Search]:
        for target in self._targets:
            found = ways(self._request(target.example, {}), self._policies)
            for inside in (False, True):
                asked = Asked(
                    subject=self._subject,
                    universe=self._universe,
                    action=self._action,
                    fixed=self._fixed,
                    sure=sure,
                    inside=inside,
                )
                for way in found.ways:
                    yield Search(asked=asked, target=target, way=way, denies=found.denies)

    def _request(self, resource: str, context: Context) -> Request:
        return Request(
            principal=self._subject.principal,
            action=self._action,
            resource=resource,
            context=context,
            credential=self._subject.credential,
            assumptions=self._subject.assumptions,
        )

    def _why(self, model: Model) -> str:
        asked = Asked(
            subject=self._subject,
            universe=self._universe,
            action=self._action,
            fixed=self._fixed,
            sure=True,
        )
        for wish in model.wishes:
            if isinstance(wish, Covering):
                continue
            key = wish.condition.key.text
            try:
                found = choose(key.lower(), domain(key.lower(), asked), [wish], model.context, lenient=False)
            except TooLarge:
                continue
            if found is NONE:
                known = "" if asked.lists(key.lower()) else f", which AWS does not list for `{self._action}`"
                return f"it hangs on `{key}`{known} ({wish.rule.ref})"
        return "it hangs on several condition keys together"
