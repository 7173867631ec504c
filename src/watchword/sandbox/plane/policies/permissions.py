"""AddPermission and RemovePermission of queues and topics: a statement for whole accounts, by its label.

Source: SQS and SNS API References, AddPermission and RemovePermission; the texts are observed on AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from watchword.sandbox.plane.policies import sns
from watchword.sandbox.plane.policies.kept import Kept
from watchword.sandbox.plane.policies.principals import UniqueIds
from watchword.sandbox.wire.error import AwsError

_ACCOUNT = re.compile(r"[0-9]{12}")
_MOST_ACTIONS = 7
_QUEUE_ACTIONS = frozenset(
    {
        "*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
        "ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage", "SendMessage",
    }
)  # fmt: skip


def add_to_queue(params: Mapping[str, Any], place: Kept, unique_ids: UniqueIds) -> None:
    """Let accounts call a queue's actions. Raises AwsError (InvalidParameterValue, OverLimit)."""
    actions, accounts, label = params["Actions"], params["AWSAccountIds"], params["Label"]
    if len(actions) > _MOST_ACTIONS:
        raise AwsError(
            "OverLimit", f"{len(actions)} Actions were found, maximum allowed is {_MOST_ACTIONS}.", status=403
        )
    for action in actions:
        if action not in _QUEUE_ACTIONS:
            raise _value(
                f"SQS:{action}", "ActionName", "Only the queue owner is allowed to invoke this action."
            )
    if not accounts or not all(_ACCOUNT.fullmatch(account) for account in accounts):
        raise _value(f"[{', '.join(accounts)}]", "PrincipalId", "Unable to verify.")
    document = _document(place, {"Version": "2012-10-17", "Id": f"{place.arn}/SQSDefaultPolicy"})
    if _with_label(document, label):
        raise _value(label, "Label", "Already exists.")
    _add(
        document,
        place,
        unique_ids,
        label=label,
        accounts=accounts,
        actions=[f"SQS:{each}" for each in actions],
    )


def remove_from_queue(params: Mapping[str, Any], place: Kept) -> None:
    """Take such a statement away. Raises AwsError (InvalidParameterValue)."""
    document = _document(place, {})
    if not _with_label(document, params["Label"]):
        raise _value(params["Label"], "Label", "can't find label.")
    _remove(document, place, params["Label"])


def add_to_topic(params: Mapping[str, Any], place: Kept, unique_ids: UniqueIds) -> None:
    """Let accounts call a topic's actions. Raises AwsError (InvalidParameter)."""
    document = _document(place, {"Version": "2008-10-17", "Id": "__default_policy_ID"})
    if _with_label(document, params["Label"]):
        raise sns.invalid("Statement already exists")
    actions = [f"SNS:{each}" for each in params["ActionName"]]
    if not all(sns.is_action(action) for action in actions):
        raise sns.invalid("Policy statement action out of service scope!")
    accounts = params["AWSAccountId"]
    if not all(_ACCOUNT.fullmatch(account) for account in accounts):
        raise sns.invalid("Policy Error: PrincipalNotFound")
    _add(document, place, unique_ids, label=params["Label"], accounts=accounts, actions=actions)


def remove_from_topic(params: Mapping[str, Any], place: Kept) -> None:
    """Take such a statement away; one that is not there is no error."""
    _remove(_document(place, {}), place, params["Label"])


def _document(place: Kept, empty: Mapping[str, Any]) -> dict[str, Any]:
    text = place.read()
    return {**empty, "Statement": []} if text is None else dict(json.loads(text))


def _with_label(document: Mapping[str, Any], label: str) -> bool:
    return any(statement.get("Sid") == label for statement in document["Statement"])


def _add(
    document: dict[str, Any],
    place: Kept,
    unique_ids: UniqueIds,
    *,
    label: str,
    accounts: Sequence[str],
    actions: Sequence[str],
) -> None:
    statement = {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": _one([f"arn:aws:iam::{account}:root" for account in accounts])},
        "Action": _one(actions),
        "Resource": place.arn,
    }
    place.write(json.dumps({**document, "Statement": [*document["Statement"], statement]}))
    place.pin(unique_ids)


def _remove(document: dict[str, Any], place: Kept, label: str) -> None:
    left = [statement for statement in document["Statement"] if statement.get("Sid") != label]
    place.write(json.dumps({**document, "Statement": left}))


def _one(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _value(value: str, parameter: str, reason: str) -> AwsError:
    return AwsError(
        "InvalidParameterValue",
        f"Value {value} for parameter {parameter} is invalid. Reason: {reason}",
        status=400,
    )
