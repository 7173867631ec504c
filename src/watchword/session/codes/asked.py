"""A person who reads the code from a device and types it, at the terminal or into a dialog."""

from __future__ import annotations

from watchword.session.codes.source import Occasion, is_code, why_no_code
from watchword.session.used_codes import seconds_left_in_step


class Asked:
    """The person at the terminal."""

    tries = 3
    asks = True
    name = "the device"

    def code(self, occasion: Occasion) -> str:
        """Ask until six digits are typed; what is something else is said at once, and not sent."""
        terminal = occasion.terminal
        while True:
            text = "".join(terminal.ask(lambda: _prompt(occasion), hidden=True).split())
            if is_code(text):
                return text
            terminal.say(f"{why_no_code(text)}; nothing was sent")


def _prompt(occasion: Occasion) -> str:
    whose = f"code of `{occasion.device.name}`, account {occasion.account}"
    if not occasion.terminal.is_live:
        return f"{whose}: "
    return f"{whose} (this one for {seconds_left_in_step(occasion.now())} s): "
