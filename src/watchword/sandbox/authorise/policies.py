"""Policy documents, compiled once by their text, with the condition keys that they speak of."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from watchword.iam import CompiledPolicy, compile_policy, parse_policy
from watchword.iam.policy import Policy, PolicyKind

_VARIABLE = re.compile(r"\$\{\s*([A-Za-z0-9-]+:[^,}\s]+)")
_KEPT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPolicy:
    """A compiled policy. `keys` are the condition keys and variables in it, in lower case."""

    compiled: CompiledPolicy
    keys: frozenset[str]


class PolicyCache:
    """Compiled policies by name, kind and text. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[tuple[str, PolicyKind, str], ReadPolicy] = {}

    def read(self, *, name: str, text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> ReadPolicy:
        """Return the policy, compiled.

        Raises PolicySyntaxError when the text is not a policy; none such is ever stored.
        """
        at = (name, kind, text)
        found = self._read.get(at)
        if found is None:
            policy = parse_policy(text, name=name, kind=kind)
            found = ReadPolicy(compiled=compile_policy(policy), keys=_keys(policy, text))
            with self._lock:
                if len(self._read) >= _KEPT:
                    self._read.clear()
                self._read[at] = found
        return found


def _keys(policy: Policy, text: str) -> frozenset[str]:
    named = {condition.key.text for statement in policy.statements for condition in statement.conditions}
    return frozenset(key.lower() for key in {*named, *_VARIABLE.findall(text)})
