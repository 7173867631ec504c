"""1Password: `op item get ITEM --otp`."""

from __future__ import annotations

from watchword.session.codes.program import code_from
from watchword.session.codes.source import Occasion


class OnePassword:
    """The one-time password of an item, by name or id. Source: "1Password CLI reference", `op item get`."""

    tries = 2
    asks = False
    name = "`op`"

    def __init__(self, item: str) -> None:
        self._item = item

    def code(self, occasion: Occasion) -> str:  # noqa: ARG002 the item is the user's choice
        """Run `op`, which asks to unlock 1Password by itself when it must."""
        return code_from(
            ["op", "item", "get", self._item, "--otp"],
            hint="`op item get ITEM --otp` must show a code; `op signin` signs in",
            install="install 1Password's command-line tool (`op`, version 2)",
        )
