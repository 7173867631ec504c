"""What SNS delivers beside a call: moto delivers to no queue that was not authorised for this very message.

moto hands every message to all subscriptions. Here one of a queue gets it only within `delivering`,
and one of any other kind never: no mail, call or web address is behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from watchword.sandbox.plane.moto_object import MotoObject

_DELIVERED: ContextVar[frozenset[str]] = ContextVar("delivered", default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSubscription:
    """A subscription of a queue to a topic, by their ARNs."""

    arn: str
    topic: str
    queue: str


def queues_of(topic: str) -> tuple[QueueSubscription, ...]:
    """Return the queues that are subscribed to a topic of any account."""
    from moto.sns.models import sns_backends

    _, _, service, region, account, _ = topic.split(":", 5)
    if service != "sns":
        return ()
    backend: MotoObject = sns_backends[account][region]
    return tuple(
        QueueSubscription(arn=each.arn, topic=topic, queue=each.endpoint)
        for each in list(backend.subscriptions.values())
        if each.topic_arn == topic and each.protocol == "sqs"
    )


@contextmanager
def delivering(subscriptions: frozenset[str]) -> Iterator[None]:
    """Let moto deliver to these subscriptions, while this thread is within."""
    token = _DELIVERED.set(subscriptions)
    try:
        yield
    finally:
        _DELIVERED.reset(token)


def deliver_what_is_authorised() -> None:
    """Have moto ask before it delivers. Doing it twice does no harm."""
    from moto.sns import models

    publish = models.Subscription.publish
    if getattr(publish, "asks", False):
        return

    def publish_if_authorised(self: MotoObject, *arguments: object, **named: object) -> None:
        if self.protocol == "sqs" and self.arn in _DELIVERED.get():
            publish(self, *arguments, **named)  # type: ignore[arg-type] # whatever moto hands over

    publish_if_authorised.asks = True  # type: ignore[attr-defined] # it is marked as ours
    vars(models)["Subscription"].publish = publish_if_authorised
