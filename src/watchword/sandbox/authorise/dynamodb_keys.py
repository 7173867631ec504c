"""DynamoDB's condition keys: which items and which attributes a request is about.

Source: Service Authorization Reference, list_amazondynamodb; DynamoDB Developer Guide, specifying-conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from watchword.iam.context import UNKNOWN, ContextValue, Unknown
from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.wire.operation import Operation

_TRANSACTIONS: Final = frozenset({"TransactGetItems", "TransactWriteItems"})
_READS: Final = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
# Which part of a transaction each action is for.
_PARTS: Final = {
    "GetItem": "Get", "PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete",
    "ConditionCheckItem": "ConditionCheck",
}  # fmt: skip
_EXPRESSIONS: Final = (
    "ProjectionExpression", "FilterExpression", "ConditionExpression", "KeyConditionExpression",
    "UpdateExpression",
)  # fmt: skip
_BY_NAME: Final = (
    "Key", "Item", "AttributeUpdates", "Expected", "KeyConditions", "QueryFilter", "ScanFilter",
)  # fmt: skip
_TOKENS: Final = re.compile(r"[#:]?[A-Za-z0-9_]+|[.(]")
_WORDS: Final = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})
_EQUALS: Final = re.compile(r"(#?[A-Za-z0-9_]+)\s*=\s*(:[A-Za-z0-9_]+)")
_PLAIN_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")

ANSWERED: Final = (
    "dynamodb:leadingkeys", "dynamodb:attributes", "dynamodb:select", "dynamodb:enclosingoperation",
    "dynamodb:returnvalues", "dynamodb:returnconsumedcapacity", "dynamodb:fis",
)  # fmt: skip


def dynamodb_keys(
    operation: Operation, action: str, resource: str, lookup: Lookup
) -> dict[str, ContextValue]:
    """Return the values for one question, on the table or the index `resource`.

    A partition key that is a binary value, an unusual number or one of a global index is UNKNOWN.
    """
    name = action.partition(":")[2]
    asked = tuple(_asked(operation, name, resource))
    if not asked:
        return {}
    context: dict[str, ContextValue] = {}
    attributes = tuple(dict.fromkeys(found for each in asked for found in _attributes(each)))
    if attributes:
        context["dynamodb:Attributes"] = attributes
    if name != "Scan":
        context["dynamodb:LeadingKeys"] = _leading_keys(asked, lookup.dynamodb_partition_key(resource))
    if name in _READS:
        context["dynamodb:Select"] = _select(asked, resource)
    if operation.name in _TRANSACTIONS:
        context["dynamodb:EnclosingOperation"] = operation.name
    for key in ("ReturnValues", "ReturnConsumedCapacity"):
        if isinstance(operation.params.get(key), str):
            context[f"dynamodb:{key}"] = operation.params[key]
    return context


def _asked(operation: Operation, action: str, resource: str) -> Iterator[Mapping[str, Any]]:
    """Yield what is asked of one table: the request, or those of its parts that are about the table."""
    params = operation.params
    match operation.name:
        case "BatchGetItem" | "BatchWriteItem":
            for table, asked in params.get("RequestItems", {}).items():
                if _is(table, resource):
                    yield from _items_of(asked)
        case "TransactGetItems" | "TransactWriteItems":
            parts = (item.get(_PARTS.get(action, "")) for item in params.get("TransactItems", ()))
            yield from (part for part in parts if part and _is(part.get("TableName", ""), resource))
        case "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" | "Scan":
            yield params
        case _:
            return


def _items_of(asked: Mapping[str, Any] | list[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield each item of a batch: keys to get, or puts and deletions."""
    if isinstance(asked, Mapping):
        yield asked
        yield from ({**asked, "Key": key} for key in asked.get("Keys", ()))
    else:
        for write in asked:
            yield from write.values()


def _is(table: str, resource: str) -> bool:
    return resource in (table, resource.partition(":table/")[0] + f":table/{table}")


def _attributes(asked: Mapping[str, Any]) -> Iterator[str]:
    for name in _BY_NAME:
        if isinstance(asked.get(name), Mapping):
            yield from asked[name]
    yield from asked.get("AttributesToGet") or ()
    names = asked.get("ExpressionAttributeNames") or {}
    for name in _EXPRESSIONS:
        yield from _named_in(asked.get(name) or "", names)


def _named_in(expression: str, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the attributes of the top level in an expression."""
    tokens = [*_TOKENS.findall(expression), ""]
    before = ""
    for token, after in pairwise(tokens):
        if token[0] not in ".(:" and before != "." and after != "(" and token.upper() not in _WORDS:
            if token.startswith("#"):
                yield names.get(token, token)
            elif not token.isdigit():
                yield token
        before = token


def _leading_keys(asked: Iterable[Mapping[str, Any]], partition_key: str | None) -> tuple[str, ...] | Unknown:
    if partition_key is None:
        return UNKNOWN
    values = [value for each in asked for value in _partition_values(each, partition_key)]
    texts = [_text(value) for value in values]
    if not texts or None in texts:
        return UNKNOWN
    return tuple(dict.fromkeys(text for text in texts if text is not None))


def _partition_values(asked: Mapping[str, Any], partition_key: str) -> list[object]:
    if "KeyConditionExpression" in asked:
        names = asked.get("ExpressionAttributeNames") or {}
        given = asked.get("ExpressionAttributeValues") or {}
        pairs = _EQUALS.findall(asked["KeyConditionExpression"])
        return [given.get(value) for name, value in pairs if names.get(name, name) == partition_key]
    if "KeyConditions" in asked:
        condition = asked["KeyConditions"].get(partition_key) or {}
        return list(condition.get("AttributeValueList") or [None])
    for name in ("Key", "Item"):
        if isinstance(asked.get(name), Mapping):
            return [asked[name].get(partition_key)]
    return [] if "Keys" in asked else [None]


def _text(value: object) -> str | None:
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((kind, text),) = value.items()
    if kind == "S" and isinstance(text, str):
        return text
    return text if kind == "N" and isinstance(text, str) and _PLAIN_NUMBER.fullmatch(text) else None


def _select(asked: tuple[Mapping[str, Any], ...], resource: str) -> str:
    """What is selected if the request does not say so. Source: DynamoDB API Reference, Query, `Select`."""
    first = asked[0]
    if isinstance(first.get("Select"), str):
        return str(first["Select"])
    if all(each.get("ProjectionExpression") or each.get("AttributesToGet") for each in asked):
        return "SPECIFIC_ATTRIBUTES"
    return "ALL_PROJECTED_ATTRIBUTES" if "/index/" in resource else "ALL_ATTRIBUTES"
