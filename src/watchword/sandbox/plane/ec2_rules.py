"""What EC2 answers where moto would run on, or run something else."""

from __future__ import annotations

from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation


def before(operation: Operation) -> None:
    """Answer an authorised call that was only to be tried.

    Raises AwsError (DryRunOperation). Source: Amazon EC2 API Reference, common query parameters, error codes.
    """
    if operation.params.get("DryRun") is True:
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status=412)
