"""Whether somebody sits at a desktop on which this process may show a window."""

from __future__ import annotations

import contextlib
import re
import socket
import sys
from collections.abc import Iterator, Mapping

_CONNECT_SECONDS = 1.0
_X_DISPLAY = re.compile(r"(?P<host>[^:/]*):(?P<number>\d{1,4})(\.\d+)?")
_X_PORT = 6000


def has_desktop(environment: Mapping[str, str]) -> bool:
    """Return whether the display that the environment names answers: a variable may outlive its display."""
    if sys.platform == "darwin":
        return "SSH_CONNECTION" not in environment
    return any(_answers(*address) for address in _addresses(environment))


def _addresses(environment: Mapping[str, str]) -> Iterator[tuple[int, str | tuple[str, int]]]:
    """Yield where a display may listen. Source: X(7), "Display Names"; wl_display_connect of libwayland."""
    wayland, folder = environment.get("WAYLAND_DISPLAY"), environment.get("XDG_RUNTIME_DIR")
    if wayland and (wayland.startswith("/") or folder):
        yield socket.AF_UNIX, wayland if wayland.startswith("/") else f"{folder}/{wayland}"
    display = _X_DISPLAY.fullmatch(environment.get("DISPLAY", ""))
    if display is None:
        return
    host, number = display["host"], int(display["number"])
    if host in {"", "unix"}:
        yield socket.AF_UNIX, f"/tmp/.X11-unix/X{number}"  # noqa: S108 X's own place
        yield socket.AF_UNIX, f"\0/tmp/.X11-unix/X{number}"
    else:
        yield socket.AF_INET, (host, _X_PORT + number)


def _answers(family: int, address: str | tuple[str, int]) -> bool:
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_SECONDS)
        probe.connect(address)
        return True
    return False
