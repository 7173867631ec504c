"""moto's own objects, which it does not type in full: the contract tests hold the names used here."""

from typing import Any, TypeAlias

MotoObject: TypeAlias = Any
"""A user, role, group, policy, device or backend of moto's."""
