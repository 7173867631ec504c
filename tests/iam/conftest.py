"""How the tests of this room run: a random example may take its time, on a busy machine and under mutation."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
