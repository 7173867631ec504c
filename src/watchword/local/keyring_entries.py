"""Secrets in the keyring of the operating system, through the package `keyring` (the extra `keyring`)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from watchword.errors import WatchwordError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SEE: Final = "docs/getting-in/codes.md"
_CHOSEN: Final = "PYTHON_KEYRING_BACKEND"
# Each of them asks the system to keep the secret encrypted, and opens it for this user only.
_SAFE: Final = tuple(
    f"keyring.backends.{name}" for name in ("SecretService", "libsecret", "kwallet", "macOS")
)
# They keep nothing at all.
_NONE: Final = ("keyring.backends.fail", "keyring.backends.null")
_LONGEST_WAIT_SECONDS: Final = 120
Answer = TypeVar("Answer")


class NoKeyring(WatchwordError):
    """There is no keyring that can be used, or it did not do what it was asked."""


def read(service: str, name: str) -> str | None:
    """Return the secret of that name, None when there is none; raise `NoKeyring`."""
    keyring = _keyring()
    return _asked(lambda: keyring.get_password(service, name))


def keep(service: str, name: str, secret: str) -> None:
    """Keep a secret under that name, in the place of an older one; raise `NoKeyring`."""
    keyring = _keyring()
    _asked(lambda: keyring.set_password(service, name, secret))


def forget(service: str, name: str) -> bool:
    """Remove a secret; return whether there was one. Raises `NoKeyring`."""
    keyring = _keyring()
    if _asked(lambda: keyring.get_password(service, name)) is None:
        return False
    _asked(lambda: keyring.delete_password(service, name))
    return True


def keyring_name() -> str:
    """Return what to call the keyring that is used; raise `NoKeyring`."""
    return _keyring().name


def not_installed(package: str) -> NoKeyring:
    """Return the error for a package of the extra `keyring` that is missing."""
    return NoKeyring(
        f"the package `{package}` is not installed",
        hint="install watchword with its extra: `pip install '.[keyring]'` in a clone of it",
        see=_SEE,
    )


def _keyring() -> KeyringBackend:
    """Return a keyring that protects what it keeps, or the one that the user has chosen all the same."""
    try:
        import keyring
        from keyring.backends.chainer import ChainerBackend
    except ImportError:
        raise not_installed("keyring") from None
    try:
        found = keyring.get_keyring()
    except Exception as error:
        # A backend that is named wrongly, or that breaks: packages of others, with errors of all kinds.
        raise _broken(error) from None
    if os.environ.get(_CHOSEN) and not _is_of(found, _NONE):
        return found
    inner: Iterable[KeyringBackend] = found.backends if isinstance(found, ChainerBackend) else [found]
    for backend in inner:
        if _is_of(backend, _SAFE):
            return backend
    raise NoKeyring(
        f"there is no keyring here that protects what it keeps (found: {found.name})",
        hint="unlock or install one (Secret Service, KWallet, the macOS keychain);"
        f" {_CHOSEN} takes another one all the same",
        see=_SEE,
    )


def _is_of(backend: KeyringBackend, modules: tuple[str, ...]) -> bool:
    return type(backend).__module__.startswith(modules)


def _asked(question: Callable[[], Answer]) -> Answer:
    """Ask the keyring, which may ask the user to unlock it; give up when nobody answers it."""
    answers: list[Answer] = []
    errors: list[Exception] = []

    def ask() -> None:
        try:
            answers.append(question())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_LONGEST_WAIT_SECONDS)
    if errors:
        raise _broken(errors[0])
    if not answers:
        raise NoKeyring(
            f"the keyring did not answer within {_LONGEST_WAIT_SECONDS} s", hint="unlock it", see=_SEE
        )
    return answers[0]


def _broken(error: Exception) -> NoKeyring:
    # Without the text of the error, which comes from elsewhere and could quote the secret.
    return NoKeyring(
        f"the keyring cannot be used ({type(error).__name__})",
        hint=f"`python -m keyring diagnose` and {_CHOSEN} say which one it is",
        see=_SEE,
    )
