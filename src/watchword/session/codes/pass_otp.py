"""pass, the password store, with its extension pass-otp: `pass otp ENTRY`."""

from __future__ import annotations

from watchword.session.codes.program import code_from
from watchword.session.codes.source import Occasion


class PassOtp:
    """The code of an entry. Source: pass-otp(1)."""

    tries = 2
    asks = False
    name = "`pass`"

    def __init__(self, entry: str) -> None:
        self._entry = entry

    def code(self, occasion: Occasion) -> str:  # noqa: ARG002 the entry is the user's choice
        """Run `pass`, whose gpg asks for its passphrase by itself when it must."""
        return code_from(
            ["pass", "otp", self._entry],
            hint="`pass otp ENTRY` must show a code",
            install="install `pass` and its extension pass-otp",
        )
