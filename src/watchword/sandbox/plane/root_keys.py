"""Root's own access key, listed and deleted by root itself: an account is better off without one.

Source: API_DeleteAccessKey, API_ListAccessKeys ("You can use this operation to manage AWS account root user
credentials even if the AWS account has no associated users").
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.wire.error import AwsError

OPERATIONS: Final = frozenset({"DeleteAccessKey", "ListAccessKeys"})


def run(
    operation: str, params: Mapping[str, Any], directory: MotoLookup, *, created_at: datetime
) -> dict[str, Any]:
    """Answer one of `OPERATIONS` that names no user, as root asked it; root's own key was made `created_at`.

    A key that was deleted opens nothing from then on. Raises AwsError (NoSuchEntity): the key is not root's.
    """
    key = directory.root_key
    if operation == "ListAccessKeys":
        shown = [] if key is None else [{"AccessKeyId": key.access_key_id, "Status": "Active"}]
        return {
            "AccessKeyMetadata": [{**each, "CreateDate": created_at} for each in shown],
            "IsTruncated": False,
        }
    wanted = params["AccessKeyId"]
    if key is None or key.access_key_id != wanted:
        raise AwsError(
            "NoSuchEntity", f"The Access Key with id {wanted} cannot be found.", status=404
        )  # moto's text
    directory.root_key = None
    return {}
