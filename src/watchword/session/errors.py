"""What keeps somebody from getting in.

WatchwordError
├── SignInNeeded
│   ├── NoDevice         exit 4   the user has no MFA device yet
│   ├── UnusableDevice   exit 4   only security keys, which STS cannot take
│   └── CodesRefused     exit 4   three codes, and none was taken
└── UsageError
    ├── BadDuration      exit 2   not a duration, or not one that AWS gives
    └── BadCodeSource    exit 2   codes do not come from there
"""

from __future__ import annotations

from watchword.errors import SignInNeeded, UsageError

SEE = "docs/rooms/session.md"


class NoDevice(SignInNeeded):
    """The user has no MFA device yet."""


class UnusableDevice(SignInNeeded):
    """All devices of the user are of a kind that shows no code."""


class CodesRefused(SignInNeeded):
    """As many codes as may be tried were refused."""


class BadDuration(UsageError):
    """What was given is not a duration, or not one that AWS gives."""


class BadCodeSource(UsageError):
    """What was given is not a source of codes."""
