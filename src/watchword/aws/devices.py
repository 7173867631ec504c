"""The virtual devices of an account that belong to nobody."""

from __future__ import annotations

from typing import Any

from watchword.aws.profile import AwsProfile


def unassigned_serial_numbers(profile: AwsProfile) -> tuple[str, ...]:
    """Return the serial numbers of the virtual devices that were made and never enabled.

    Raises `Refusal` or `Unreachable`. Source: ListVirtualMFADevices, IAM API Reference.
    """
    params: dict[str, Any] = {"AssignmentStatus": "Unassigned"}
    found: list[str] = []
    while True:
        answer = profile.call("iam", "ListVirtualMFADevices", **params)
        found += [entry["SerialNumber"] for entry in answer["VirtualMFADevices"]]
        if not answer.get("IsTruncated"):
            return tuple(found)
        params["Marker"] = answer["Marker"]
