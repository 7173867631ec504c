"""The gate: every call passes here, and is let through only if the engine allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from watchword.iam import Decision, Layer, Outcome, Request, RuleEffect, evaluate, service_rules
from watchword.iam.credential import AssumeRoleKeys
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.context import Setting, context_of, resource_account
from watchword.sandbox.authorise.control_policies import ControlPolicyReader
from watchword.sandbox.authorise.journal import Journal
from watchword.sandbox.authorise.kms_keys import is_managed_by_aws
from watchword.sandbox.authorise.layers import Layered, Layers
from watchword.sandbox.authorise.lockout import changed_again, locked_out, new_key_policy
from watchword.sandbox.authorise.owner import owner_of
from watchword.sandbox.authorise.refuse import ItemsRefused, refuse
from watchword.sandbox.authorise.required import ActionOnResource, Unlisted, required
from watchword.sandbox.authorise.store import PolicyStore
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity.directory import Role
from watchword.sandbox.identity.session_tags import SessionTags
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_UNDECIDED = "no policy was asked: the operation is in no table"


class Gate:
    """Decides with `iam.evaluate`, writes the log, and refuses in AWS's words. Any thread may use it."""

    def __init__(
        self,
        *,
        partition: str,
        store: PolicyStore,
        clock: SandboxClock,
        log: DecisionLog,
        unlisted_allowed: bool = False,
    ) -> None:
        self._partition = partition
        self._unlisted_allowed = unlisted_allowed
        self._store = store
        self._clock = clock
        self._layers = Layers(store=store)
        self._control = ControlPolicyReader(store=store)
        self._journal = Journal(clock=clock, log=log)

    # --- what a call must pass ------------------------------------------------------------------

    def service_rule(self, call: Call) -> bool:
        """Apply what the service decides before any policy; return whether it allows the call by itself.

        Raises AwsError where it refuses.
        """
        rule = service_rules(call.action, call.caller.signing_kind, root=call.caller.is_root)
        if rule is None:
            return False
        if rule.effect is RuleEffect.ALLOW:
            self._journal.write(call, call.action, "*", Outcome.ALLOWED, layer=Layer.SERVICE)
            return True
        code, message = rule.aws_code or "AccessDenied", rule.aws_message or "Access Denied"
        self._journal.write(
            call, call.action, "*", "refused", layer=Layer.SERVICE, reason=f"{code}: {message}"
        )
        raise AwsError(code, message, status=403)

    def policies(self, call: Call) -> str:
        """Let the call pass if the policies of every layer allow every action on every resource of it.

        Return the account in which it was authorised, and in which alone it may run: the one that owns what
        it names. Raises AwsError with AWS's text, ItemsRefused where AWS answers for each item apart, or
        SandboxRefusal when the sandbox cannot decide. With `unlisted_allowed` an operation that is in no
        table passes undecided, and the log says so.
        """
        owner = self._owner(call)
        try:
            questions = required(
                call.operation,
                caller_user_name=call.caller.user_name,
                account=owner,
                partition=self._partition,
                lookup=self._store.of_account(owner),
            )
        except SandboxRefusal as refusal:
            if self._unlisted_allowed and isinstance(refusal, Unlisted):
                self._journal.write(call, call.action, "-", "unlisted", reason=_UNDECIDED)
                return owner
            self.refused(call, refusal)
            raise
        setting, own = self._setting(call, owner), self._layers.of_caller(call.caller)
        refused: dict[tuple[str, str], AwsError] = {}
        for question in (each for asked in questions for each in self._chosen(call, setting, own, asked)):
            try:
                self._pass(call, setting, question, self._layers.of_question(own, question, call.caller))
            except AwsError as error:
                if isinstance(error, SandboxRefusal) or not question.item_by_item:
                    raise
                refused[question.action, question.resource] = error
        if refused:
            raise ItemsRefused(owner, refused)
        self._keep_changeable(call, setting, own, questions)
        return owner

    def asks(self, call: Call, questions: tuple[ActionOnResource, ...]) -> None:
        """Let the call pass if the policies allow what is asked, whatever the operation needs by itself.

        Raises as `policies` does.
        """
        setting, own = self._setting(call, self._owner(call)), self._layers.of_caller(call.caller)
        for question in questions:
            self._pass(call, setting, question, self._layers.of_question(own, question, call.caller))

    def allows(self, call: Call, action: str, resource: str) -> bool:
        """Tell whether the caller might do something else; nothing is logged or refused."""
        question = ActionOnResource(action=action, resource=resource, shown=resource)
        setting = self._setting(call, self._owner(call))
        own = self._layers.of_question(self._layers.of_caller(call.caller), question, call.caller)
        layered = self._controlled(setting, question, own)
        return _decide(self._request(setting, question, layered), layered).allowed

    def may_assume(
        self,
        call: Call,
        *,
        role: Role,
        mfa: AssumeRoleKeys,
        tags: SessionTags,
        source_identity: str | None,
    ) -> None:
        """Let an AssumeRole pass if both sides allow it. Raises AwsError or SandboxRefusal."""
        extra: dict[str, str | tuple[str, ...]] = {f"aws:RequestTag/{k}": v for k, v in tags.all.items()}
        if tags.all:
            extra["aws:TagKeys"] = tuple(tags.all)
        if tags.transitive_keys:
            extra["sts:TransitiveTagKeys"] = tags.transitive_keys
        if source_identity is not None:
            extra["sts:SourceIdentity"] = source_identity
        actions = ["sts:AssumeRole"]
        actions += ["sts:TagSession"] if tags.all else []
        actions += ["sts:SetSourceIdentity"] if source_identity is not None else []
        setting = self._setting(call, role.account)
        layered = self._layers.of_role(self._layers.of_caller(call.caller), role)
        for action in actions:
            question = ActionOnResource(action=action, resource=role.arn, shown=role.arn)
            self._pass(call, setting, question, layered, extra=extra, mfa=mfa)

    def refused(self, call: Call, error: AwsError) -> None:
        """Log a call that was refused for a reason other than policies."""
        self._journal.refused(call, error)

    # --- asking the engine ----------------------------------------------------------------------

    def _chosen(
        self, call: Call, setting: Setting, own: Layered, question: ActionOnResource
    ) -> tuple[ActionOnResource, ...]:
        """Return the question, or what is asked in its place where it alone is not allowed."""
        if not question.instead:
            return (question,)
        layered = self._layers.of_question(own, question, call.caller)
        layered = self._controlled(setting, question, layered)
        decision = _decide(self._request(setting, question, layered), layered)
        return question.instead if decision.outcome is Outcome.IMPLICIT_DENY else (question,)

    def _pass(
        self,
        call: Call,
        setting: Setting,
        question: ActionOnResource,
        layered: Layered,
        *,
        extra: Mapping[str, Any] | None = None,
        mfa: AssumeRoleKeys | None = None,
    ) -> None:
        layered = self._controlled(setting, question, layered)
        request = self._request(setting, question, layered, extra=extra, mfa=mfa)
        decision = _decide(request, layered)
        self._journal.decided(call, question, decision, request)
        if question.or_resource is not None:
            self._come_to_the_same(setting, question, layered, decision)
        if not decision.allowed:
            refuse(call, question, decision)

    def _come_to_the_same(
        self, setting: Setting, question: ActionOnResource, layered: Layered, decision: Decision
    ) -> None:
        """Refuse by name where two ARNs are possible, and the policies say different things of them."""
        other = replace(question, resource=question.or_resource or question.resource, or_resource=None)
        if _decide(self._request(setting, other, layered), layered).outcome is not decision.outcome:
            raise SandboxRefusal(
                f"it is not known whether AWS decides {question.action} on {question.resource} or on "
                f"{other.resource}, and the policies say different things of the two"
            )

    def _keep_changeable(
        self, call: Call, setting: Setting, own: Layered, questions: tuple[ActionOnResource, ...]
    ) -> None:
        """Refuse a key policy that its author could not change again. One that is none, KMS refuses later."""
        text = new_key_policy(call.operation)
        layered = None if text is None else self._layers.with_key_policy(own, text)
        if layered is None:
            return
        question = changed_again(call.operation, questions, setting.account, self._partition)
        layered = self._controlled(setting, question, layered)
        decision = _decide(self._request(setting, question, layered), layered)
        if decision.outcome is Outcome.UNDETERMINED:
            refuse(call, question, decision)
        if not decision.allowed:
            self.refused(call, locked_out())
            raise locked_out()

    def _controlled(self, setting: Setting, question: ActionOnResource, layered: Layered) -> Layered:
        controlled = self._control.onto(
            layered,
            caller_account=setting.caller.account,
            resource_account=resource_account(setting, question),
        )
        # Source: Organizations User Guide, orgs_manage_policies_rcps: RCPs do not bind keys that AWS manages.
        if controlled.set.resource_control and is_managed_by_aws(question, setting.lookup):
            return replace(controlled, set=replace(controlled.set, resource_control=()))
        return controlled

    def _owner(self, call: Call) -> str:
        return owner_of(call.operation, caller_account=call.caller.account, lookup=self._store)

    def _setting(self, call: Call, owner: str) -> Setting:
        return Setting(
            caller=call.caller,
            operation=call.operation,
            request=call.request,
            now=self._clock.now(),
            account=owner,
            principal_tags=self._layers.principal_tags(call.caller),
            lookup=self._store.of_account(owner),
        )

    def _request(
        self,
        setting: Setting,
        question: ActionOnResource,
        layered: Layered,
        *,
        extra: Mapping[str, Any] | None = None,
        mfa: AssumeRoleKeys | None = None,
    ) -> Request:
        context = {**context_of(setting, question, layered.keys), **(extra or {})}
        trust_context = None
        if mfa is not None:
            without = {key: value for key, value in context.items() if "multifactorauth" not in key.lower()}
            context, trust_context = {**without, **mfa.own_policies}, {**without, **mfa.trust_policy}
        return Request(
            principal=setting.caller.principal,
            action=question.action,
            resource=question.resource,
            context=context,
            trust_context=trust_context,
            # S3 itself lets the root user of a bucket's owner put its policy right, whatever that says.
            credential=setting.caller.kind if question.action.startswith("s3:") else None,
            resource_account=resource_account(setting, question),
        )


def _decide(request: Request, layered: Layered) -> Decision:
    return evaluate(request, layered.set)
