"""What can go wrong between this machine and AWS.

WatchwordError
├── ProfileNotFound      exit 1   no such profile, or the files cannot be read
├── NotALongTermKey      exit 1   the profile is something else than an access key
├── UnusableSettings     exit 1   the SDK cannot make a call of what the settings say
├── UnusableSource       exit 1   what a chain of roles begins with gives no credentials for it
├── UnusableCliCache     exit 1   the AWS CLI's cache of role sessions cannot be filled
├── Unreachable          exit 1   no answer from the endpoint
├── SignInNeeded
│   └── SignInElsewhere  exit 4   the sign-in is another program's: `aws sso login`, `aws login`
└── AwsRefused
    └── Refusal          exit 5   AWS's own answer: code, text, status, and the server's clock
"""

from __future__ import annotations

from datetime import datetime

from watchword.errors import AwsRefused, SignInNeeded, WatchwordError

SEE_SOURCES = "docs/getting-in/sources.md"


class ProfileNotFound(WatchwordError):
    """The profile is not in the AWS files, or they cannot be read."""


class NotALongTermKey(WatchwordError):
    """The profile gets its credentials in another way, so no code can be given for it."""


class UnusableSettings(WatchwordError):
    """What the profile or the environment says cannot be made into a call; nothing was sent."""


class UnusableSource(WatchwordError):
    """A chain of roles begins with something that gives no credentials, or none to assume a role with."""


class UnusableCliCache(WatchwordError):
    """The AWS CLI's own cache of role sessions cannot be filled or cleared."""


class SignInElsewhere(SignInNeeded):
    """Somebody must sign in with another program first; `hint` is the command."""


class Unreachable(WatchwordError):
    """The endpoint gave no answer that can be used.

    `request_left` is false when it is certain that nothing was sent, so that a code is still good.
    """

    def __init__(
        self,
        message: str,
        *,
        endpoint: str,
        request_left: bool,
        hint: str | None = None,
        see: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, see=see)
        self.endpoint = endpoint
        self.request_left = request_left


class Refusal(AwsRefused):
    """AWS's answer was no. `aws_message` is its text to the letter; `server_time` its clock, if it said."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        aws_message: str,
        status: int,
        operation: str,
        server_time: datetime | None,
        hint: str | None = None,
        see: str | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status, operation=operation, hint=hint, see=see)
        self.aws_message = aws_message
        self.server_time = server_time

    def explained(self, hint: str | None, *, see: str) -> Refusal:
        """Return the same answer with what to do about it, and where that is explained."""
        return Refusal(
            self.message,
            code=self.code,
            aws_message=self.aws_message,
            status=self.status,
            operation=self.operation,
            server_time=self.server_time,
            hint=hint,
            see=see,
        )
