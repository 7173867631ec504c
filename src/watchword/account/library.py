"""Policies read once, however many principals they are attached to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from watchword.iam import (
    CompiledPolicy,
    PolicyKind,
    PolicySet,
    PolicySyntaxError,
    compile_policy,
    parse_policy,
)

Levels: TypeAlias = tuple[tuple[CompiledPolicy, ...], ...]


@dataclass(slots=True)
class Library:
    """What has been read of the policies of one account, or of many.

    One name, kind and text is one `CompiledPolicy`; the same policies together are one `PolicySet`.
    """

    _read: dict[tuple[str, PolicyKind, str], CompiledPolicy | PolicySyntaxError] = field(default_factory=dict)
    _sets: dict[tuple[object, ...], PolicySet] = field(default_factory=dict)

    def compiled(self, text: str, *, name: str, kind: PolicyKind) -> CompiledPolicy | PolicySyntaxError:
        """Return the policy, or what is wrong with its text.

        What AWS has stored is read with `stored=False`: a document may be older than a rule that would
        refuse it today, and means what it says.
        """
        key = (name, kind, text)
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = _read(text, name=name, kind=kind)
        return found

    def policy_set(
        self,
        identity: tuple[CompiledPolicy, ...],
        *,
        boundary: CompiledPolicy | None,
        service_control: Levels,
        resource_control: Levels,
    ) -> PolicySet:
        """Return the set of these policies: the same object for the same policies, in whatever order."""
        each = tuple(sorted(dict.fromkeys(identity), key=_name))
        key = (each, boundary, service_control, resource_control)
        found = self._sets.get(key)
        if found is None:
            found = self._sets[key] = PolicySet(
                identity=each,
                permissions_boundary=boundary,
                service_control=service_control,
                resource_control=resource_control,
            )
        return found


def _read(text: str, *, name: str, kind: PolicyKind) -> CompiledPolicy | PolicySyntaxError:
    try:
        return compile_policy(parse_policy(text, name=name, kind=kind, stored=False))
    except PolicySyntaxError as error:
        return error


def _name(policy: CompiledPolicy) -> str:
    return policy.name
