"""A new device shown at this process's terminal: the QR code, the seed on request, two hidden questions."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from watchword.device.card import Size, fits
from watchword.device.ceremony import NewEnrolment, code_for
from watchword.device.enrolment_card import card_for
from watchword.device.errors import SEE, CannotShow
from watchword.device.open_picture import Say, opened_picture, remove_stale_pictures, why_not_opened
from watchword.device.owner import Owner
from watchword.device.pair import Clock, ask_pair
from watchword.device.picture_file import picture_file
from watchword.device.screen import open_screen, terminal_size

_SEED_CHARACTERS = 64  # what CreateVirtualMFADevice gives: 40 bytes in base32
SHOW_SEED = "s"


class AtScreen:
    """The person at the terminal, as a `Presenter`.

    `show_seed` shows the seed from the start; `opens` shows the code in a picture viewer as well; `write_png`
    gets the picture once, before anything is shown, and is None where nobody asked for one.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        say: Say,
        show_seed: bool = False,
        opens: bool = False,
        write_png: Callable[[bytes], None] | None = None,
    ) -> None:
        self._clock = clock
        self._say = say
        self._shows_seed = show_seed
        self._opens = opens
        self._write_png = write_png
        self._in_another_way = show_seed or write_png is not None or (opens and why_not_opened() is None)
        self._shown = contextlib.ExitStack()

    def prepare(self, owner: Owner) -> None:
        """Raise `CannotShow` when this terminal cannot show a QR code, `NoTerminal` when there is none."""
        remove_stale_pictures()
        check_terminal(owner, terminal_size(), code_needed=not self._in_another_way)

    def pair(self, new: NewEnrolment, refused: str | None) -> tuple[str, str]:
        """Show the code until two codes were typed; the screen is wiped when this returns."""
        if refused is None:
            self._show_pictures(new.png)
        with open_screen() as screen:

            def show() -> None:
                screen.display(card_for(new, refused, shows_seed=self._shows_seed))

            def turn_seed() -> None:
                self._shows_seed = not self._shows_seed
                show()

            show()
            pair = ask_pair(screen, clock=self._clock, instead={SHOW_SEED: turn_seed})
        self._say("asking AWS to enable the device")
        return pair

    def done(self) -> None:
        """Close the picture viewer."""
        self._shown.close()

    def _show_pictures(self, png: bytes) -> None:
        if self._write_png is not None:
            self._write_png(png)
        if self._opens:
            self._shown.enter_context(opened_picture(png, say=self._say))


@contextlib.contextmanager
def at_screen(*, say: Say, png: Path | None, show_seed: bool, opens: bool) -> Iterator[AtScreen]:
    """Yield the person at the terminal; the file `png`, when given, stays only if all went well."""
    with picture_file(png) as write_png:
        yield AtScreen(
            clock=time.time,
            say=say,
            show_seed=show_seed,
            opens=opens,
            write_png=None if png is None else write_png,
        )


def check_terminal(owner: Owner, size: Size, *, code_needed: bool) -> None:
    """Raise `CannotShow` when this terminal cannot show a QR code, or is too small for one.

    `code_needed` is false when the seed is given in another way as well.
    """
    if os.environ.get("TERM") == "dumb":
        raise CannotShow(
            "this terminal (TERM=dumb) cannot wipe a secret off its screen",
            hint="run it in an ordinary terminal window",
            see=SEE,
        )
    if code_needed and not fits(code_for(owner, "A" * _SEED_CHARACTERS), size):
        raise CannotShow(
            f"a QR code does not fit into {size.columns} columns and {size.lines} lines",
            hint="make the window 80x24 or larger,"
            " or `watchword device enroll` with `--png FILE` or `--show-seed`",
            see=SEE,
        )
