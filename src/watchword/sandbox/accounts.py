"""Every account of the sandbox: the one it was started with, and those that were added."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from watchword.sandbox.identity.directory import DeviceEvent, LongTermKey, Role, User
from watchword.sandbox.identity.root_key import new_root_key
from watchword.sandbox.kept import Store
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.wire.error import SandboxRefusal

_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account. `root_key` is None where nobody has got one: an organization makes members without.

    Root may delete its key; `directory.root_key` is the one that still opens something.
    """

    id: str
    name: str
    email: str
    directory: MotoLookup
    root_key: LongTermKey | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAccount:
    """What is kept of an account; `place` is its place in their order."""

    place: int
    name: str
    email: str
    root_key: LongTermKey | None = field(repr=False)
    root_key_deleted: bool = False


class Accounts:
    """The accounts, and the directory of all of them that identity asks. Thread-safe.

    `home` is the account that the sandbox was started with; it is always there.
    """

    def __init__(self, *, home: str, root_key: LongTermKey, partition: str) -> None:
        self._partition = partition
        self._lock = threading.RLock()
        self._accounts: dict[str, Account] = {}
        self.home = self._add(home, name="home", email=f"root@{home}.example", root_key=root_key)

    # --- which there are --------------------------------------------------------------------------

    def of(self, account_id: str) -> Account | None:
        """Return an account by its number, or None."""
        return self._accounts.get(account_id)

    def all(self) -> tuple[Account, ...]:
        """Return every account: the one that the sandbox was started with first."""
        with self._lock:
            return tuple(self._accounts.values())

    def create(
        self, account_id: str | None = None, *, name: str = "", email: str = "", with_key: bool = True
    ) -> Account:
        """Add an account, with a root key unless `with_key` is False; without a number it gets a random one.

        Raises ValueError: it is no account number, or there is one of that number already.
        """
        with self._lock:
            number = self.checked(account_id)
            key = new_root_key(number) if with_key else None
            return self._add(
                number, name=name or number, email=email or f"root@{number}.example", root_key=key
            )

    def checked(self, account_id: str | None) -> str:
        """Return a number that a new account can have: the given one, or a free one.

        Raises ValueError: it is no account number, or there is one of that number already.
        """
        if account_id is None:
            return self.free_number()
        if not (account_id.isascii() and account_id.isdigit() and len(account_id) == _DIGITS):
            raise ValueError(f"`{account_id}` is not an account number: twelve digits are expected")
        if account_id in self._accounts:
            raise ValueError(f"account {account_id} is there already")
        return account_id

    def free_number(self) -> str:
        """Return a random number that no account has."""
        while True:
            # No number begins with zero here, so that no tool takes one for an octal number.
            number = str(secrets.randbelow(9 * 10 ** (_DIGITS - 1)) + 10 ** (_DIGITS - 1))
            if number not in self._accounts:
                return number

    def give_root_key(self, account_id: str) -> Account:
        """Give an account that has no root key one, and return it; who has one keeps it.

        Raises ValueError: there is no such account.
        """
        with self._lock:
            found = self._accounts.get(account_id)
            if found is None:
                raise ValueError(f"there is no account {account_id}")
            if found.directory.root_key is None:
                found = replace(found, root_key=new_root_key(account_id))
                found.directory.root_key = found.root_key
                self._accounts = {**self._accounts, account_id: found}
            return found

    def directory_of(self, account_id: str) -> MotoLookup:
        """Return the directory of an account. Raises SandboxRefusal when the sandbox has no such account."""
        found = self._accounts.get(account_id)
        if found is None:
            raise SandboxRefusal(f"the account {account_id} is not in this sandbox")
        return found.directory

    # --- what identity asks: see `identity.directory.Directory` ---------------------------------------

    def user(self, account: str, name: str) -> User | None:
        """Return the user of that name, or None."""
        found = self.of(account)
        return None if found is None else found.directory.user(account, name)

    def user_by_id(self, account: str, user_id: str) -> User | None:
        """Return the user with that unique ID, or None."""
        found = self.of(account)
        return None if found is None else found.directory.user_by_id(account, user_id)

    def key(self, access_key_id: str) -> LongTermKey | None:
        """Return the long-term key, of whichever account it is, or None."""
        for account in self.all():
            key = account.directory.key(access_key_id)
            if key is not None:
                return key
        return None

    def role(self, account: str, name: str) -> Role | None:
        """Return the role of that name, or None."""
        found = self.of(account)
        return None if found is None else found.directory.role(account, name)

    def device_changed(
        self, *, account: str, serial_number: str, event: DeviceEvent, user: User | None, at: datetime
    ) -> None:
        """Mirror a device in moto's IAM of its account."""
        found = self.of(account)
        if found is not None:
            found.directory.device_changed(
                account=account, serial_number=serial_number, event=event, user=user, at=at
            )

    def store(self) -> Store:
        """Return the accounts and their root keys, to be kept. The first one is the one that is home."""

        def dump(_everything: bool) -> dict[str, KeptAccount]:
            return {
                account.id: KeptAccount(
                    place=place,
                    name=account.name,
                    email=account.email,
                    root_key=account.root_key,
                    root_key_deleted=account.root_key is not account.directory.root_key,
                )
                for place, account in enumerate(self.all())
            }

        def load(kept: Mapping[str, KeptAccount]) -> None:
            with self._lock:
                for number, account in sorted(kept.items(), key=lambda each: each[1].place):
                    if number == self.home.id:  # it was made with its root key, and others hold on to it
                        self.home = replace(self.home, name=account.name, email=account.email)
                        self._accounts = {**self._accounts, number: self.home}
                    else:
                        self._add(number, name=account.name, email=account.email, root_key=account.root_key)
                    if account.root_key_deleted:
                        self._accounts[number].directory.root_key = None

        return Store(name="accounts", kind=KeptAccount, dump=dump, load=load)

    # --- under the lock ---------------------------------------------------------------------------

    def _add(self, number: str, *, name: str, email: str, root_key: LongTermKey | None) -> Account:
        directory = MotoLookup(
            account=number, partition=self._partition, root_key=root_key, of_account=self.directory_of
        )
        made = Account(id=number, name=name, email=email, directory=directory, root_key=root_key)
        # Replaced, never changed: whoever walks the old one is not disturbed.
        self._accounts = {**self._accounts, number: made}
        return made
