"""One question to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchword.iam.context import ContextValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOnResource:
    """One question to the engine. `resource` is an ARN, or `*` for an action that has no resource.

    `shown` is how a refusal names the resource; None leaves it out. `context` are condition keys of this
    question alone (`iam:PassedToService`). `instead` is asked, all of it, where this alone is not allowed.
    `or_resource` is another ARN that AWS may decide on, where that is contested: both must come to the same.
    """

    action: str
    resource: str
    shown: str | None
    item_by_item: bool = False
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    instead: tuple[ActionOnResource, ...] = ()
    or_resource: str | None = None
