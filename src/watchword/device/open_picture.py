"""The QR code in a window of the desktop, from a file that lives no longer than the enrolment.

The picture holds the seed, so it lies in a folder that only this user can enter, in memory where the system
has such a place, and goes however the enrolment ends. One that was killed cannot remove it: the next does,
which sees by a lock, that the kernel drops with its holder, that nobody needs it any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from watchword.local.desktop import has_desktop

_OPENER = "open" if sys.platform == "darwin" else "xdg-open"
_MADE = "watchword-qr-"
_BEING_MADE = "watchword-new-"
_PICTURE = "code.png"
# A viewer may stay until its window is closed: who has not failed by then is showing the picture.
_FAILS_WITHIN_SECONDS = 2.0
_GRACE_SECONDS = 0.5
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
Say = Callable[[str], None]


def why_not_opened(environment: Mapping[str, str] | None = None) -> str | None:
    """Return why no picture can be opened here, as a clause; None when it is worth a try."""
    known = os.environ if environment is None else environment
    if not has_desktop(known):
        return "there is no desktop here to show a picture on"
    if shutil.which(_OPENER, path=known.get("PATH")) is None:
        return f"`{_OPENER}`, which opens pictures, is not installed"
    return None


@contextlib.contextmanager
def opened_picture(png: bytes, *, say: Say) -> Iterator[bool]:
    """Show `png` in the user's picture viewer for as long as the `with` lasts; the value: is it shown?

    Where it is not, `say` is told why, and nothing is raised: there is the QR code in the terminal. In the
    end the file is gone, and the window with it, unless another process shows it: `say` asks to close that.
    """
    remove_stale_pictures()
    with contextlib.ExitStack() as kept:
        viewer, problem = _shown(png, kept)
        if viewer is None:
            kept.close()
            say(f"no picture is opened: {problem}")
        try:
            yield viewer is not None
        finally:
            if viewer is not None and viewer.poll() is not None:
                say("close the window with the QR code; its file is removed")


def _shown(png: bytes, kept: contextlib.ExitStack) -> tuple[subprocess.Popen[bytes] | None, str | None]:
    """Write the picture and open it, both until `kept` ends; return the viewer, or what stands in the way."""
    if problem := why_not_opened():
        return None, problem
    try:
        picture = kept.enter_context(_picture(png))
        viewer = kept.enter_context(_viewer(picture))
    except OSError as error:
        return None, (error.strerror or str(error)).lower()
    with contextlib.suppress(subprocess.TimeoutExpired):
        if exit_code := viewer.wait(timeout=_FAILS_WITHIN_SECONDS):
            return None, f"`{_OPENER}` found no program for it (exit code {exit_code})"
    return viewer, None


def remove_stale_pictures() -> None:
    """Remove the pictures of enrolments that were killed; those of running ones, and of others, stay."""
    for place in _places():
        with contextlib.suppress(OSError):
            for folder in place.glob(f"{_MADE}*"):
                _remove_if_stale(folder)


def _remove_if_stale(folder: Path) -> None:
    if _is_ours_alone(folder):
        with contextlib.suppress(OSError), _held(folder):
            _remove(folder)


@contextlib.contextmanager
def _picture(png: bytes) -> Iterator[Path]:
    """Write the picture into a folder of its own, and hold the folder's lock until both are removed."""
    making = Path(tempfile.mkdtemp(prefix=_BEING_MADE, dir=_places()[0]))
    folder = making
    try:
        with _held(making):
            # It gets the name that the next run looks for only now that it is locked.
            folder = making.rename(making.with_name(making.name.replace(_BEING_MADE, _MADE, 1)))
            descriptor = os.open(folder / _PICTURE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(png)
            yield folder / _PICTURE
    finally:
        _remove(folder)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raises `BlockingIOError` when another process does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    picture = folder / _PICTURE
    picture.unlink(missing_ok=True)
    for thumbnail in _thumbnails(picture):
        with contextlib.suppress(OSError):
            thumbnail.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _thumbnails(picture: Path) -> Iterator[Path]:
    """Yield where a viewer may have kept a small copy of the picture.

    Source: freedesktop.org Thumbnail Managing Standard, "Thumbnail Directory" and "Thumbnail Creation".
    """
    name = f"{hashlib.md5(picture.as_uri().encode(), usedforsecurity=False).hexdigest()}.png"
    cache = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(cache) if cache.startswith("/") else Path("~/.cache").expanduser()
    return (home / "thumbnails").glob(f"*/{name}")


@contextlib.contextmanager
def _viewer(picture: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Open the picture with whatever this user opens pictures with, and end that at the end.

    It gets no terminal, on which it might talk, and none of the AWS variables, which are no business of its.
    """
    kept = {name: text for name, text in os.environ.items() if name != "TERM" and not name.startswith("AWS_")}
    process = subprocess.Popen(
        [_OPENER, str(picture)],
        env=kept,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def _end(viewer: subprocess.Popen[bytes]) -> None:
    """End a viewer that still shows the picture, with what it started."""
    if viewer.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(viewer.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        viewer.wait(timeout=_GRACE_SECONDS)


def _places() -> list[Path]:
    """Return where pictures may lie: in memory and the user's own, in memory, on a disk at worst.

    Source: XDG Base Directory Specification 0.8, "$XDG_RUNTIME_DIR"; shm_overview(7), "Linux implementation".
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    places = [Path(runtime)] if runtime.startswith("/") and _is_ours_alone(Path(runtime)) else []
    places += [Path("/dev/shm")] if sys.platform == "linux" else []  # noqa: S108 a folder in memory
    return [place for place in (*places, Path(tempfile.gettempdir())) if os.access(place, os.W_OK | os.X_OK)]


def _is_ours_alone(folder: Path) -> bool:
    """Tell whether this is a folder, no link, of this user, that nobody else may enter."""
    try:
        state = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & _OTHERS
