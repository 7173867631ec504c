"""What keeps somebody from getting in.

WatchwordError
├── NoSuchRole           exit 1   no role of that name, or nobody may tell
├── NotForConsole        exit 1   a session that AWS does not open its console to
├── SignInNeeded
│   ├── MfaNotHad        exit 4   a role is to be assumed with MFA, and the source gives none
│   ├── NoDevice         exit 4   the user has no MFA device yet
│   ├── UnusableDevice   exit 4   only security keys, which STS cannot take
│   ├── CodesRefused     exit 4   as many codes as may be tried, and none was taken
│   ├── NotNow           exit 4   a session that is served is over, and nobody has signed in yet
│   ├── NoCode           exit 4   what should give the code gave none
│   └── NoSeed           exit 4   no seed of the device is remembered
├── BadSeed              exit 1   what was given is no seed of a device
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


class NotNow(SignInNeeded):
    """A session that is served is over, and nobody has signed in yet; asking again later may help."""


class NotForConsole(WatchwordError):
    """AWS does not open its console to this session."""


class BadDestination(UsageError):
    """What was given is not the address of a page."""


class NoCode(SignInNeeded):
    """The source of codes that was chosen gave none."""


class NoSeed(SignInNeeded):
    """The keyring holds no seed of this device."""


class BadSeed(WatchwordError):
    """What was given is no seed of a device."""


class BadDuration(UsageError):
    """What was given is not a duration, or not one that AWS gives."""


class BadCodeSource(UsageError):
    """What was given is not a source of codes."""


class NoSuchRole(WatchwordError):
    """There is no role of the name that was given."""


class MfaNotHad(SignInNeeded):
    """A profile asks for MFA, and what it starts from cannot give it."""
