"""The programs that show a dialog, and how each is told what to show and says how it ended."""

from __future__ import annotations

import html
from typing import Final, Protocol

# What was typed comes on stdout, never in an argument. Titles and texts hold nothing secret.
_OSASCRIPT: Final = """\
on run argv
  set seconds to (item 3 of argv) as integer
  if item 4 of argv is "hidden" then
    set shown to display dialog (item 2 of argv) with title (item 1 of argv) ¬
      default answer "" with hidden answer giving up after seconds
  else
    set shown to display dialog (item 2 of argv) with title (item 1 of argv) ¬
      default answer "" giving up after seconds
  end if
  if gave up of shown then error number -1712
  return text returned of shown
end run
"""


class DialogProgram(Protocol):
    """A program with a dialog that has one line to fill in. It ends with 1 when it was cancelled."""

    @property
    def name(self) -> str: ...

    def command(self, title: str, text: str, *, hidden: bool, seconds: int) -> list[str]:
        """Return the command that shows it, for `seconds` at most where the program can count them."""


class Zenity:
    """GNOME's. Source: zenity(1), "Text entry options"."""

    name = "zenity"

    def command(self, title: str, text: str, *, hidden: bool, seconds: int) -> list[str]:
        """Return the command; its text has escapes of C's, and underlines mark letters of the keyboard."""
        shown = text.replace("\\", "\\\\").replace("_", "__")
        options = [f"--title={title}", f"--text={shown}", f"--timeout={seconds}"]
        return [self.name, "--entry", *options, *(["--hide-text"] if hidden else [])]


class Kdialog:
    """KDE's. Source: `kdialog --help`."""

    name = "kdialog"

    def command(self, title: str, text: str, *, hidden: bool, seconds: int) -> list[str]:  # noqa: ARG002 it cannot count
        """Return the command; its text may be HTML, so this one is, and has escapes of C's."""
        plain = html.escape(text.replace("\\", "\\\\"))
        shown = f"<qt>{plain.replace(chr(10), '<br>')}</qt>"
        return [self.name, "--title", title, "--password" if hidden else "--inputbox", shown]


class Osascript:
    """macOS's. Source: "display dialog", AppleScript Language Guide."""

    name = "osascript"

    def command(self, title: str, text: str, *, hidden: bool, seconds: int) -> list[str]:
        """Return the command; title and text are arguments of the script, not part of it."""
        return [self.name, "-e", _OSASCRIPT, title, text, str(seconds), "hidden" if hidden else "shown"]
