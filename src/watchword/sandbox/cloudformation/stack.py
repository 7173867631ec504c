"""A stack and what it holds, as plain values: what is told of it, and what an update or a rollback needs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

STACK_TYPE: Final = "AWS::CloudFormation::Stack"
_TICK: Final = timedelta(milliseconds=1)
_BUSY: Final = "_IN_PROGRESS"
UNDER_REVIEW: Final = "REVIEW_IN_PROGRESS"


@dataclass(slots=True, kw_only=True)
class Resource:
    """One resource of a stack.

    `properties` and `tags` (`Key`, `Value`) are those it was made or last changed with; `name` the one that
    it was given or that was generated, None for types without. `needs` are those that it depends on.
    `physical_id` is None until something was made. `told` are the properties as events tell them, in JSON.
    """

    logical_id: str
    type: str
    status: str
    at: datetime
    reason: str | None = None
    physical_id: str | None = None
    ref: Any = None
    attributes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tags: list[dict[str, str]] = field(default_factory=list)
    name: str | None = None
    needs: tuple[str, ...] = ()
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    told: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of DescribeStackEvents. `properties` is JSON."""

    id: str
    at: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    properties: str | None
    token: str | None


@dataclass(slots=True, kw_only=True)
class Stack:
    """One stack. `parameters` are as given, by name, and `shown_parameters` as they are told.

    `exports` are its outputs that other stacks may import, by export name; `imports` those of others.
    """

    account: str
    region: str
    name: str
    id: str
    created_at: datetime
    template: str = ""
    description: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    shown_parameters: list[dict[str, str]] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    role_arn: str | None = None
    capabilities: tuple[str, ...] = ()
    status: str = UNDER_REVIEW
    reason: str | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    disable_rollback: bool = False
    protected: bool = False
    change_set_id: str | None = None
    token: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    exports: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        """Whether something is being done with it now."""
        return self.status.endswith(_BUSY) and self.status != UNDER_REVIEW

    def tell(self, status: str, reason: str | None = None, *, now: datetime) -> None:
        """Set the stack's status, and write the event of it."""
        self.status, self.reason = status, reason
        self._write(self.name, self.id, STACK_TYPE, status, reason, None, now, event_id=str(uuid.uuid4()))

    def tell_of(
        self,
        resource: Resource,
        status: str,
        reason: str | None = None,
        *,
        now: datetime,
        properties: str | None = None,
    ) -> None:
        """Set a resource's status, and write the event of it."""
        resource.status, resource.reason = status, reason
        physical_id = resource.physical_id or ""
        resource.at = self._write(
            resource.logical_id, physical_id, resource.type, status, reason, properties, now, event_id=None
        )

    def _write(
        self,
        logical_id: str,
        physical_id: str,
        kind: str,
        status: str,
        reason: str | None,
        properties: str | None,
        now: datetime,
        *,
        event_id: str | None,
    ) -> datetime:
        # No two events have one time: clients sort by it.
        at = max(now, self.events[-1].at + _TICK) if self.events else now
        written = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.events.append(
            Event(
                id=event_id or f"{logical_id}-{status}-{written}",
                at=at,
                logical_id=logical_id,
                physical_id=physical_id,
                type=kind,
                status=status,
                reason=reason,
                properties=properties,
                token=self.token,
            )
        )
        return at


@dataclass(slots=True, kw_only=True)
class ChangeSet:
    """What is to become of a stack, until it is executed. `creates` tells that the stack is not there yet.

    With `imports_existing` AWS would take what is there already into the stack.
    """

    id: str
    name: str
    stack_id: str
    creates: bool
    at: datetime
    template: str
    parameters: list[dict[str, Any]]
    shown_parameters: list[dict[str, str]]
    tags: list[dict[str, str]] | None
    role_arn: str | None
    capabilities: tuple[str, ...]
    description: str | None
    changes: list[dict[str, Any]]
    status: str
    reason: str | None
    execution_status: str
    on_failure: str | None = None
    imports_existing: bool = False
