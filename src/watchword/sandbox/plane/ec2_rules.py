"""What EC2 answers where moto would run on, or run something else."""

from __future__ import annotations

from typing import Final

from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation

# Attributes of an instance that hold nothing but their value, and name no other resource.
# Source: EC2 API Reference, ModifyInstanceAttribute.
_OF_ITS_OWN: Final = frozenset(
    {
        "disableApiStop", "disableApiTermination", "ebsOptimized", "enaSupport",
        "instanceInitiatedShutdownBehavior", "instanceType", "kernel", "ramdisk", "sourceDestCheck",
        "sriovNetSupport", "userData",
    }
)  # fmt: skip


# EC2's quotas are far lower; moto would make them all, one after another.
_MOST: Final = 1000
_COUNTS: Final = ("InstanceCount", "MaxCount", "MinCount", "Quantity")


def before(operation: Operation) -> None:
    """Answer an authorised call that was only to be tried, and refuse what moto takes for something else.

    Raises AwsError (DryRunOperation), SandboxRefusal.
    Source: Amazon EC2 API Reference, common query parameters, error codes.
    """
    if operation.params.get("DryRun") is True:
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status=412)
    for name in _COUNTS:
        count = operation.params.get(name)
        if isinstance(count, int) and count > _MOST:
            raise SandboxRefusal(f"ec2:{operation.name} with {name} above {_MOST} is refused")
    attribute = str(operation.params.get("Attribute") or "")
    if operation.name == "ModifyInstanceAttribute" and attribute and attribute not in _OF_ITS_OWN:
        # moto sets whatever is named, such as the instance's profile, which was not authorised.
        raise SandboxRefusal(f"ec2:ModifyInstanceAttribute does not have the attribute `{attribute[:64]}`")
