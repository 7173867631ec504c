"""The operations of other services that are decided on `*`: those that only read and have no resource types.

The rule is that of `generate` for actions without resource types; what writes is left out, since nobody has
looked at what else it touches.
"""

from __future__ import annotations

from functools import cache

from watchword.sandbox.authorise.catalogue import actions_of
from watchword.sandbox.authorise.required import prefix_of_service
from watchword.sandbox.plane.moto import services
from watchword.sandbox.tables.services import SERVICES
from watchword.sandbox.wire import catalog


@cache
def other_reads() -> dict[str, dict[str, str]]:
    """Return the action of each such operation, by botocore's names of service and operation."""
    found = {service: _reads_of(service) for service in sorted(services() - set(SERVICES))}
    return {service: operations for service, operations in found.items() if operations}


def _reads_of(service: str) -> dict[str, str]:
    prefix = prefix_of_service(service, catalog.service(service).signing_name)
    actions = actions_of(prefix)
    facts = {name: actions.get(name.lower()) for name in sorted(catalog.operation_names(service))}
    return {
        name: f"{prefix}:{found.name}"
        for name, found in facts.items()
        if found is not None and found.reads_only and not found.has_resource_types
    }
