"""The policies that apply to one question, layer by layer, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from watchword.iam import PolicySet, PolicySyntaxError, PrincipalKind
from watchword.iam.policy import PolicyKind
from watchword.sandbox.authorise.policies import PolicyCache, ReadPolicy
from watchword.sandbox.authorise.required import ActionOnResource
from watchword.sandbox.authorise.store import Document, PolicyStore
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.directory import Role
from watchword.sandbox.wire.error import SandboxRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """The policies that apply, compiled, and all condition keys in them, in lower case."""

    set: PolicySet
    keys: frozenset[str]


class Layers:
    """Puts the policies of a question together. Any thread may use it; each document is compiled once."""

    def __init__(self, *, store: PolicyStore) -> None:
        self._store = store
        self._cache = PolicyCache()

    def of_caller(self, caller: Caller) -> Layered:
        """Return the caller's own policies: identity, boundary, session."""
        if caller.principal.kind is PrincipalKind.SERVICE:
            return Layered(set=PolicySet(), keys=frozenset())
        user_name = caller.user_name or caller.source_user_name
        store = self._store.of_account(caller.account)
        if caller.session is not None and caller.session.role is not None:
            held = store.role_policies(caller.session.role.name)
        elif user_name is not None:
            held = store.user_policies(user_name)
        else:
            return Layered(set=PolicySet(), keys=frozenset())
        identity = tuple(self._read(document) for document in held.identity)
        boundary = None if held.boundary is None else self._read(held.boundary)
        session = self._session_policies(caller)
        read = (*identity, *((boundary,) if boundary else ()), *(session or ()))
        return Layered(
            set=PolicySet(
                identity=tuple(each.compiled for each in identity),
                permissions_boundary=None if boundary is None else boundary.compiled,
                session=None if session is None else tuple(each.compiled for each in session),
            ),
            keys=frozenset().union(*(each.keys for each in read)),
        )

    def of_question(self, own: Layered, question: ActionOnResource, caller: Caller) -> Layered:
        """Return the caller's policies with the policy of the resource that the question is about."""
        document = self._resource_policy(question, caller)
        if document is None:
            return own
        is_key = question.action.lower().startswith("kms:")
        try:
            read = self._read(document, PolicyKind.KEY if is_key else PolicyKind.RESOURCE)
        except PolicySyntaxError as error:
            raise SandboxRefusal(f"the policy `{document.name}` cannot be read") from error
        return Layered(set=replace(own.set, resource=read.compiled), keys=own.keys | read.keys)

    def with_key_policy(self, own: Layered, text: str) -> Layered | None:
        """Return the caller's policies with a key policy that is only proposed; None when it is no policy."""
        try:
            read = self._cache.read(name="new key policy", text=text, kind=PolicyKind.KEY)
        except PolicySyntaxError:
            return None
        return Layered(set=replace(own.set, resource=read.compiled), keys=own.keys | read.keys)

    def _resource_policy(self, question: ActionOnResource, caller: Caller) -> Document | None:
        if question.resource == "*":
            return None
        return self._store.resource_policy(
            question.resource, action=question.action, caller_account=caller.account
        )

    def of_role(self, own: Layered, role: Role) -> Layered:
        """Return the caller's policies with the trust policy of the role that is assumed."""
        read = self._cache.read(name=f"{role.arn} (trust)", text=role.trust_policy, kind=PolicyKind.TRUST)
        return Layered(set=replace(own.set, trust=read.compiled), keys=own.keys | read.keys)

    def principal_tags(self, caller: Caller) -> Mapping[str, str]:
        """Return the tags of the user or role; those of the session are not among them."""
        if caller.principal.kind is PrincipalKind.SERVICE:
            return {}
        store = self._store.of_account(caller.account)
        if caller.session is not None and caller.session.role is not None:
            return store.role_tags(caller.session.role.name)
        user_name = caller.user_name or caller.source_user_name
        return {} if user_name is None else store.user_tags(user_name)

    def _session_policies(self, caller: Caller) -> tuple[ReadPolicy, ...] | None:
        session = caller.session
        if session is None or (session.policy is None and not session.policy_arns):
            return None
        store = self._store.of_account(caller.account)
        found = [store.managed_policy(arn) for arn in session.policy_arns]
        read = [self._read(document) for document in found if document is not None]
        if session.policy is not None:
            read.append(self._cache.read(name="session policy", text=session.policy))
        return tuple(read)

    def _read(self, document: Document, kind: PolicyKind = PolicyKind.IDENTITY) -> ReadPolicy:
        return self._cache.read(name=document.name, text=document.text, kind=kind)
