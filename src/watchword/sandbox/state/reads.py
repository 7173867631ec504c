"""Which operations only read: their answer promises nothing that must be there after a kill.

Reading can change something all the same: when a key was last used, when a secret was last read. That is
written within a second, and not waited for.
"""

from __future__ import annotations

from typing import Final

from watchword.sandbox.wire.operation import Operation

_VERBS: Final = (
    "BatchGet",
    "Describe",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
    "Simulate",
)
# They begin so, and give away something that is to be used later, or takes what it shows.
_NOT: Final = frozenset(
    {
        ("athena", "GetQueryExecution"), ("athena", "GetQueryResults"),
        ("dynamodbstreams", "GetRecords"), ("dynamodbstreams", "GetShardIterator"),
        ("kinesis", "GetRecords"), ("kinesis", "GetShardIterator"),
    }
)  # fmt: skip
# Sessions are made by `Get…`, and a code is used up.
_NEVER: Final = frozenset({"sts", "cognito-identity", "sso"})


def only_reads(operation: Operation) -> bool:
    """Tell whether an operation is one that only reads."""
    if operation.service in _NEVER or (operation.service, operation.name) in _NOT:
        return False
    return operation.name.startswith(_VERBS)
