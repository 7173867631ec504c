"""The gate: every call passes here, and is let through only if the engine allows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from watchword.iam import Decision, Layer, Outcome, PolicySet, Request, RuleEffect, evaluate, service_rules
from watchword.iam.credential import AssumeRoleKeys
from watchword.iam.policy import PolicyKind
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.context import Setting, context_of
from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.authorise.policies import PolicyCache, ReadPolicy
from watchword.sandbox.authorise.reason import reason_of
from watchword.sandbox.authorise.refuse import refuse
from watchword.sandbox.authorise.required import ActionOnResource, required
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.directory import Role
from watchword.sandbox.identity.session_tags import SessionTags
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.wire.error import AwsError, SandboxRefusal


class Document(Protocol):
    """A stored policy: `name` says which one it is."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...


class Held(Protocol):
    """The identity policies of somebody, and the boundary."""

    @property
    def identity(self) -> tuple[Document, ...]: ...
    @property
    def boundary(self) -> Document | None: ...


class PolicyStore(Lookup, Protocol):
    """What the gate must know of the account's policies. Whoever keeps them implements it."""

    def user_policies(self, name: str) -> Held: ...
    def role_policies(self, name: str) -> Held: ...
    def managed_policy(self, arn: str) -> Document | None: ...
    def user_tags(self, name: str) -> Mapping[str, str]: ...
    def role_tags(self, name: str) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policies:
    """Somebody's policies, compiled, and all condition keys in them."""

    set: PolicySet
    keys: frozenset[str]


class Gate:
    """Decides with `iam.evaluate`, writes the log, and refuses in AWS's words. Any thread may use it."""

    def __init__(
        self, *, account: str, partition: str, store: PolicyStore, clock: SandboxClock, log: DecisionLog
    ) -> None:
        self._account = account
        self._partition = partition
        self._store = store
        self._clock = clock
        self._log = log
        self._cache = PolicyCache()
        self._key_policy = self._cache.read(
            name="default key policy", text=_default_key_policy(account, partition), kind=PolicyKind.KEY
        )

    # --- what a call must pass ------------------------------------------------------------------

    def service_rule(self, call: Call) -> bool:
        """Apply what the service decides before any policy; return whether it allows the call by itself.

        Raises AwsError where it refuses.
        """
        rule = service_rules(call.action, call.caller.kind, root=call.caller.is_root)
        if rule is None:
            return False
        if rule.effect is RuleEffect.ALLOW:
            self._write(call, call.action, "*", Outcome.ALLOWED, layer=Layer.SERVICE)
            return True
        code, message = rule.aws_code or "AccessDenied", rule.aws_message or "Access Denied"
        self._write(call, call.action, "*", "refused", layer=Layer.SERVICE, reason=f"{code}: {message}")
        raise AwsError(code, message, status=403)

    def policies(self, call: Call) -> None:
        """Let the call pass if its caller's policies allow every action on every resource of it.

        Raises AwsError with AWS's text, or SandboxRefusal when the sandbox cannot decide.
        """
        try:
            questions = required(
                call.operation,
                caller_user_name=call.caller.user_name,
                account=self._account,
                partition=self._partition,
                lookup=self._store,
            )
        except SandboxRefusal as refusal:
            self.refused(call, refusal)
            raise
        setting, policies = self._setting(call), self._policies_of(call.caller)
        for question in questions:
            request = self._request(setting, question, policies)
            decision = evaluate(request, self._with_key_policy(policies.set, question))
            self._write_decision(call, question, decision, request)
            if not decision.allowed:
                refuse(call, question, decision)

    def allows(self, call: Call, action: str, resource: str) -> bool:
        """Tell whether the caller might do something else; nothing is logged or refused."""
        question = ActionOnResource(action=action, resource=resource, shown=resource)
        policies = self._policies_of(call.caller)
        request = self._request(self._setting(call), question, policies)
        return evaluate(request, self._with_key_policy(policies.set, question)).allowed

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
        trust = self._cache.read(name=f"{role.arn} (trust)", text=role.trust_policy, kind=PolicyKind.TRUST)
        setting, own = self._setting(call), self._policies_of(call.caller)
        policies = _with_trust(own, trust)
        for action in actions:
            question = ActionOnResource(action=action, resource=role.arn, shown=role.arn)
            request = self._request(setting, question, policies, extra=extra, mfa=mfa)
            decision = evaluate(request, policies.set)
            self._write_decision(call, question, decision, request)
            if not decision.allowed:
                refuse(call, question, decision)

    def refused(self, call: Call, error: AwsError) -> None:
        """Log a call that was refused for a reason other than policies."""
        # AWS's texts on parameters repeat them, and one of them is the code.
        reason = error.code if error.code == "ValidationError" else error.message
        self._write(call, call.action, "-", "refused", reason=reason)

    # --- asking the engine ----------------------------------------------------------------------

    def _setting(self, call: Call) -> Setting:
        return Setting(
            caller=call.caller,
            operation=call.operation,
            request=call.request,
            now=self._clock.now(),
            account=self._account,
            principal_tags=self._principal_tags(call.caller),
            lookup=self._store,
        )

    def _request(
        self,
        setting: Setting,
        question: ActionOnResource,
        policies: _Policies,
        *,
        extra: Mapping[str, Any] | None = None,
        mfa: AssumeRoleKeys | None = None,
    ) -> Request:
        context = {**context_of(setting, question, policies.keys), **(extra or {})}
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
        )

    def _principal_tags(self, caller: Caller) -> Mapping[str, str]:
        if caller.session is not None and caller.session.role is not None:
            return self._store.role_tags(caller.session.role.name)
        user_name = caller.user_name or caller.source_user_name
        return {} if user_name is None else self._store.user_tags(user_name)

    def _policies_of(self, caller: Caller) -> _Policies:
        user_name = caller.user_name or caller.source_user_name
        if caller.session is not None and caller.session.role is not None:
            held = self._store.role_policies(caller.session.role.name)
        elif user_name is not None:
            held = self._store.user_policies(user_name)
        else:
            return _Policies(set=PolicySet(), keys=frozenset())
        identity = tuple(self._read(document) for document in held.identity)
        boundary = None if held.boundary is None else self._read(held.boundary)
        session = self._session_policies(caller)
        read = (*identity, *((boundary,) if boundary else ()), *(session or ()))
        return _Policies(
            set=PolicySet(
                identity=tuple(each.compiled for each in identity),
                permissions_boundary=None if boundary is None else boundary.compiled,
                session=None if session is None else tuple(each.compiled for each in session),
            ),
            keys=frozenset().union(*(each.keys for each in read)),
        )

    def _session_policies(self, caller: Caller) -> tuple[ReadPolicy, ...] | None:
        session = caller.session
        if session is None or (session.policy is None and not session.policy_arns):
            return None
        found = [self._store.managed_policy(arn) for arn in session.policy_arns]
        read = [self._read(document) for document in found if document is not None]
        if session.policy is not None:
            read.append(self._cache.read(name="session policy", text=session.policy))
        return tuple(read)

    def _with_key_policy(self, policies: PolicySet, question: ActionOnResource) -> PolicySet:
        """Every KMS key of the sandbox has the default key policy: no other can be put there."""
        if not question.action.startswith("kms:") or ":key/" not in question.resource:
            return policies
        return replace(policies, resource=self._key_policy.compiled)

    def _read(self, document: Document) -> ReadPolicy:
        return self._cache.read(name=document.name, text=document.text)

    # --- the log --------------------------------------------------------------------------------

    def _write_decision(
        self, call: Call, question: ActionOnResource, decision: Decision, request: Request
    ) -> None:
        statement = ", ".join(str(ref) for ref in decision.statements) or None
        self._write(
            call,
            question.action,
            question.resource,
            decision.outcome,
            layer=decision.layer,
            statement=statement,
            reason=reason_of(decision, request),
        )

    def _write(
        self,
        call: Call,
        action: str,
        resource: str,
        outcome: str,
        *,
        layer: Layer | None = None,
        statement: str | None = None,
        reason: str | None = None,
    ) -> None:
        self._log.write(
            time=self._clock.now(),
            request_id=call.request_id,
            principal=call.caller.principal.arn,
            credential=call.caller.kind,
            mfa=call.caller.mfa.value,
            action=action,
            resource=resource,
            outcome=outcome,
            layer=None if layer is None else layer.value,
            statement=statement,
            reason=reason,
        )


def _default_key_policy(account: str, partition: str) -> str:
    """Source: AWS KMS Developer Guide, key-policy-default (a key that is made by a call to the API)."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]})


def _with_trust(own: _Policies, trust: ReadPolicy) -> _Policies:
    return _Policies(set=replace(own.set, trust=trust.compiled), keys=own.keys | trust.keys)
