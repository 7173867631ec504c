"""A YubiKey that holds the seed: `ykman oath accounts code --single ACCOUNT`."""

from __future__ import annotations

import re

from watchword.session.codes.program import code_from, printed_by
from watchword.session.codes.source import Occasion, no_code
from watchword.session.errors import NoCode

_HINT = "is the YubiKey plugged in? `ykman oath accounts list` must show its accounts"
_INSTALL = "install YubiKey Manager's command-line tool (`ykman`, version 4 or later)"
# How the console's QR code, watchword's own, and people call it.
_ISSUERS = {"aws", "amazon", "amazon web services"}
# An account whose codes live for something else than 30 s begins with that: AWS has none such.
_PERIOD = re.compile(r"\d+/")


class Ykman:
    """An account on the YubiKey: the one that is named, or AWS's only one that is called like the device.

    ykman takes any part of a name; here a name is the whole name. Source: "OATH Commands", ykman CLI Guide.
    """

    tries = 2
    asks = False
    name = "`ykman`"

    def __init__(self, account: str | None) -> None:
        self._account = account

    def code(self, occasion: Occasion) -> str:
        """Return the code; a YubiKey that must be touched says so through ykman, and so it is said here."""
        account = self._found(occasion)
        occasion.terminal.say(f"code of `{account}` from the YubiKey; touch it if it blinks")
        command = ["ykman", "oath", "accounts", "code", "--single", account]
        return code_from(command, hint=_HINT, install=_INSTALL)

    def _found(self, occasion: Occasion) -> str:
        command = ["ykman", "oath", "accounts", "list"]
        listed = printed_by(command, hint=_HINT, install=_INSTALL).decode(errors="replace").splitlines()
        if self._account is not None:
            if self._account in listed:
                return self._account
            raise _unclear(f"there is no account `{self._account}` on it", listed)
        fitting = [each for each in listed if _fits(each, occasion)]
        if len(fitting) == 1:
            return fitting[0]
        which = "more than one account on it is" if fitting else "no account on it is"
        raise _unclear(f"{which} AWS's and called like `{occasion.device.name}`", fitting or listed)


def _fits(account: str, occasion: Occasion) -> bool:
    """Return whether an account is called as the console, AWS's API or watchword call that of the device.

    Source: VirtualMFADevice, IAM API Reference: the QR code says NAME@ACCOUNT; apps add the issuer.
    """
    if account == occasion.device.serial_number:
        return True
    issuer, colon, label = account.rpartition(":")
    name, _, where = label.strip().partition("@")
    if name != occasion.device.name or (colon and issuer.strip().lower() not in _ISSUERS):
        return False
    return where == occasion.account or (bool(colon) and not where.isdigit())


def _unclear(why: str, accounts: list[str]) -> NoCode:
    names = ", ".join(f"`{each}`" for each in accounts if not _PERIOD.match(each)) or "none"
    return no_code("`ykman`", why, hint=f"name one: `--mfa-from 'ykman:ACCOUNT'`; there is {names}")
