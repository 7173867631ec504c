"""What the federation endpoint answers when it refuses: an HTML page with status 400, not an error of an API.

Only the two texts that AWS is known to give are AWS's; whatever else is wrong gets the first.
"""

from __future__ import annotations

from typing import Final

OWN_WORDS: Final = "watchword sandbox:"
"""What a refusal begins with that is not AWS's."""


class SigninRefused(Exception):
    """The federation endpoint says no. The text is shown in the browser; it holds nothing secret."""

    def __init__(self, message: str, *, why: str) -> None:
        super().__init__(message)
        self.message = message
        self.why = why


def invalid_credentials(why: str) -> SigninRefused:
    """A session that is none or is over, or a SessionDuration where there must be none.

    `why` is for the sandbox's log: AWS does not tell. Source: AWS re:Post, "invalid-credentials-parameter".
    """
    return SigninRefused("Invalid credentials parameter", why=why)


def not_for_federated_login() -> SigninRefused:
    """A session of GetSessionToken. AWS makes a sign-in token of one, and refuses that. Source: observed."""
    return SigninRefused(
        "Only federation tokens or assume role tokens may be used for federated login. "
        "Please contact your administrator.",
        why="a GetSessionToken session cannot sign in to the console",
    )


def unsupported(reason: str) -> SigninRefused:
    """The sandbox cannot do what is asked. It never looks like an answer of AWS."""
    return SigninRefused(f"{OWN_WORDS} {reason}", why=reason)
