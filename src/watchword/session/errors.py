"""What keeps somebody from getting in.

WatchwordError
├── NotForConsole        exit 1   a session that AWS does not open its console to
├── SignInNeeded
│   ├── NoDevice         exit 4   the user has no MFA device yet
│   ├── UnusableDevice   exit 4   only security keys, which STS cannot take
│   ├── CodesRefused     exit 4   as many codes as may be tried, and none was taken
│   ├── NoCode           exit 4   what should give the code gave none
│   └── NoSeed           exit 4   no seed of the device is remembered
├── UnsafeKeyring        exit 1   the keyring would keep a seed in the open, or is none
└── UsageError
    ├── BadDestination   exit 2   not an address of a page
    ├── BadDuration      exit 2   not a duration, or not one that AWS gives
    └── BadCodeSource    exit 2   codes do not come from there
"""

from __future__ import annotations

from watchword.errors import SignInNeeded, UsageError, WatchwordError

SEE = "docs/rooms/session.md"
SEE_CODES = "docs/getting-in/codes.md"


class NoDevice(SignInNeeded):
    """The user has no MFA device yet."""


class UnusableDevice(SignInNeeded):
    """All devices of the user are of a kind that shows no code."""


class CodesRefused(SignInNeeded):
    """As many codes as may be tried were refused."""


class NotForConsole(WatchwordError):
    """AWS does not open its console to this session."""


class BadDestination(UsageError):
    """What was given is not the address of a page."""


class NoCode(SignInNeeded):
    """The source of codes that was chosen gave none."""


class NoSeed(SignInNeeded):
    """The keyring holds no seed of this device."""


class UnsafeKeyring(WatchwordError):
    """There is no keyring, or one that protects nothing and that nobody chose."""


class BadDuration(UsageError):
    """What was given is not a duration, or not one that AWS gives."""


class BadCodeSource(UsageError):
    """What was given is not a source of codes."""
