"""BinaryEquals: the same bytes, both sides written in base64. It has no negation."""

from __future__ import annotations

import binascii

from watchword.iam._tri import Tri
from watchword.iam.conditions.comparison import Comparison, Operand
from watchword.iam.context import Folded


def read_bytes(text: str) -> bytes | None:
    """Return the bytes of a base64 text, or None when it is not base64."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        return None


def compare(operand: Operand) -> Comparison:
    """Source: IAM User Guide, Binary condition operators."""
    wanted = {read_bytes(value) for value in operand.values} - {None}

    def run(value: str, _: Folded) -> Tri:
        return read_bytes(value) in wanted

    return run
