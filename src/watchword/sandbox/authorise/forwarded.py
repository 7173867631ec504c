"""The condition keys that tell a forwarded call from a direct one.

Source: IAM User Guide, access_forward_access_sessions (the identity, permissions and session attributes of
the caller are passed on), reference_policies_condition-keys (`aws:ViaAWSService`, `aws:CalledVia` and its
list of services), reference_policies_examples_aws_deny-ip (`aws:SourceIp` stays the caller's).
"""

from __future__ import annotations

from typing import Final

from watchword.iam.context import UNKNOWN, ContextValue
from watchword.sandbox.identity.caller import Caller

# Source: reference_policies_condition-keys, "CalledVia services". access_forward_access_sessions says that
# every service is named: for those that only one of the two pages counts in, the key cannot be known.
_NAMED: Final = frozenset(
    {
        "aoss.amazonaws.com",
        "athena.amazonaws.com",
        "backup.amazonaws.com",
        "cloud9.amazonaws.com",
        "cloudformation.amazonaws.com",
        "databrew.amazonaws.com",
        "dataexchange.amazonaws.com",
        "dynamodb.amazonaws.com",
        "imagebuilder.amazonaws.com",
        "kms.amazonaws.com",
        "mgn.amazonaws.com",
        "nimble.amazonaws.com",
        "omics.amazonaws.com",
        "ram.amazonaws.com",
        "robomaker.amazonaws.com",
        "servicecatalog-appregistry.amazonaws.com",
        "sqlworkbench.amazonaws.com",
        "ssm-guiconnect.amazonaws.com",
    }
)


def forwarded_keys(caller: Caller) -> dict[str, ContextValue]:
    """Return the keys of `caller` as one whom services call for: what of them is missing is absent."""
    chain = caller.called_via
    if not chain:
        return {"aws:ViaAWSService": "false"}
    context: dict[str, ContextValue] = {
        "aws:ViaAWSService": "true",
        # Forwarded calls are made with temporary credentials, whose headers and age are the service's affair.
        "aws:UserAgent": UNKNOWN,
        "aws:referer": UNKNOWN,
    }
    if caller.issued_at is None:
        context["aws:TokenIssueTime"] = UNKNOWN
    if _NAMED.issuperset(chain):
        return {
            **context,
            "aws:CalledVia": chain,
            "aws:CalledViaFirst": chain[0],
            "aws:CalledViaLast": chain[-1],
        }
    return {
        **context,
        "aws:CalledVia": UNKNOWN,
        "aws:CalledViaFirst": chain[0] if chain[0] in _NAMED else UNKNOWN,
        "aws:CalledViaLast": chain[-1] if chain[-1] in _NAMED else UNKNOWN,
    }
