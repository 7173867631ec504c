"""Keys that hang together: moments, tags of the request, the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchword.iam.context import Folded
from watchword.proof.settle.domains import Asked
from watchword.proof.settle.values import Domain, Literal


def settle_bundles(
    asked: Asked, domains: Mapping[str, Domain], by_key: Mapping[str, Sequence[Literal]], context: Folded
) -> Folded | None:
    """Return the context with what hangs together made consistent; None when that cannot be."""
    return context
