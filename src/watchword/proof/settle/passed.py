"""What a call of AssumeRole may not pass on: tags and a source identity take a permission of their own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final

from watchword.iam import CompiledPolicy, Context, ContextValue, PolicySet
from watchword.proof.settle.answer import Answer, Impossible
from watchword.proof.settle.entries import keys_of

_TAG: Final = "aws:requesttag/"
_TAGS: Final = frozenset({"aws:tagkeys", "sts:transitivetagkeys"})
_SOURCE: Final = "sts:sourceidentity"


def not_passed(policies: PolicySet, permitted: Callable[[str], Answer]) -> Context:
    """Return the keys that policies read and that an AssumeRole cannot have: they are absent.

    `permitted` answers whether a permission is had on the same role.

    Source: IAM User Guide, id_session-tags (`sts:TagSession`) and
    id_credentials_temp_control-access_monitor (`sts:SetSourceIdentity`).
    """
    trust = () if policies.trust is None else (policies.trust,)
    read = frozenset[str]().union(*(_keys_passed(each) for each in (*policies.identity, *trust)))
    found: dict[str, ContextValue] = {}
    for permission, keys in (
        ("sts:TagSession", read - {_SOURCE}),
        ("sts:SetSourceIdentity", read & {_SOURCE}),
    ):
        if keys and isinstance(permitted(permission), Impossible):
            found.update(dict.fromkeys(keys, ()))
    return found


@functools.lru_cache(maxsize=65_536)
def _keys_passed(policy: CompiledPolicy) -> frozenset[str]:
    """Return the keys that a policy reads and that stand for what is passed, in lower case."""
    read = frozenset[str]().union(*map(keys_of, policy.rules))
    return frozenset(key for key in read if key == _SOURCE or key in _TAGS or key.startswith(_TAG))
