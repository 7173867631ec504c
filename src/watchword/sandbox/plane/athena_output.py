"""Where a workgroup of Athena has results written, as moto keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkGroupOutput:
    """The output location of a workgroup, if it has one; `enforced` when queries cannot choose another."""

    location: str | None
    enforced: bool
    encrypted: bool


def output_of(account: str, region: str, work_group: str) -> WorkGroupOutput:
    """Return what the configuration of a workgroup says of results; nothing for one that is not there.

    Source: Athena API Reference, WorkGroupConfiguration and ResultConfiguration.
    """
    from moto.athena.models import athena_backends

    found = athena_backends[account][region].work_groups.get(work_group)
    said = None if found is None else found.configuration
    configuration: Mapping[str, object] = said if isinstance(said, Mapping) else {}
    results = configuration.get("ResultConfiguration")
    results = results if isinstance(results, Mapping) else {}
    location = results.get("OutputLocation")
    return WorkGroupOutput(
        location=str(location) if location else None,
        enforced=bool(configuration.get("EnforceWorkGroupConfiguration")),
        encrypted=bool(results.get("EncryptionConfiguration")),
    )
