"""The time at which moto's IAM says that something was made: the sandbox's, which can be moved."""

from __future__ import annotations

from datetime import datetime

from watchword.sandbox.clock import SandboxClock


def follow(clock: SandboxClock) -> None:
    """Let moto's IAM date what it makes by `clock`. moto is one for a process: the last clock counts."""
    from moto.iam import models

    def now() -> datetime:
        # Naive and in UTC, as moto's times are; AWS's have whole seconds.
        return clock.now().replace(tzinfo=None, microsecond=0)

    vars(models)["utcnow"] = now
