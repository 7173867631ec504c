"""A random example of this room may take its time: the machine may be busy, or the code a mutant."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
