"""Bitwarden: `bw get totp ITEM`."""

from __future__ import annotations

import os

from watchword.session.codes.program import code_from
from watchword.session.codes.source import Occasion, no_code

_UNLOCK = 'export BW_SESSION="$(bw unlock --raw)"'


class Bitwarden:
    """The code of an item, by its id or name; the vault must be unlocked.

    Source: "Password Manager CLI", Bitwarden Help Center: `bw get totp`, BW_SESSION.
    """

    tries = 2
    asks = False
    name = "`bw`"

    def __init__(self, item: str) -> None:
        self._item = item

    def code(self, occasion: Occasion) -> str:  # noqa: ARG002 the item is the user's choice
        """Run `bw` in the unlocked vault."""
        if not os.environ.get("BW_SESSION"):
            raise no_code(self.name, "the vault is locked (there is no BW_SESSION)", hint=f"`{_UNLOCK}`")
        return code_from(
            ["bw", "get", "totp", self._item],
            hint=f"`bw get totp ITEM` must show a code; `{_UNLOCK}` unlocks the vault",
            install="install Bitwarden's command-line tool (`bw`)",
        )
