"""What somebody asks for when they want to get in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchword.session.code_from import CodeFrom

_NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWish:
    """A role that is asked for beside the profile: its name or ARN, and what goes with the assumption.

    None, or nothing, is what the profile says, or AWS's default. Source: AssumeRole, AWS STS API Reference.
    """

    role: str
    external_id: str | None = None
    source_identity: str | None = None
    role_session_name: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS)
    transitive_tag_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How to get in; None is what nobody said.

    `duration_seconds` is how long a new session shall live, `code_from` whence the code for it comes;
    `choose_device` asks anew which device shall answer, from now on.
    """

    duration_seconds: int | None = None
    code_from: CodeFrom | None = None
    choose_device: bool = False
    role: RoleWish | None = None
