"""What the gate must know of policies. Whoever keeps them implements `PolicyStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from watchword.sandbox.authorise.lookup import Lookup


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
    """The policies of the principals of one account, and of all resources, as they are now."""

    def of_account(self, account: str, /) -> PolicyStore:
        """Return the store of any account. Raises SandboxRefusal when the sandbox does not have it."""

    def user_policies(self, name: str) -> Held: ...
    def role_policies(self, name: str) -> Held: ...
    def managed_policy(self, arn: str) -> Document | None: ...
    def user_tags(self, name: str) -> Mapping[str, str]: ...
    def role_tags(self, name: str) -> Mapping[str, str]: ...
    def resource_policy(self, arn: str, *, action: str, caller_account: str) -> Document | None:
        """Return the policy of the resource that an action on `arn` is about; None when it has no say.

        An object has its bucket's policy; a version or alias of a function its own.
        """

    def service_control(self, account: str) -> Sequence[Sequence[Document]]:
        """Return the SCPs that bind the principals of an account, level by level; see `control_policies`."""

    def resource_control(self, account: str) -> Sequence[Sequence[Document]]:
        """Return the RCPs that bind the resources of an account, level by level."""
