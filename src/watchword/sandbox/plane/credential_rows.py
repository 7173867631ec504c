"""What the credential report says of each user and of root.

Source: IAM User Guide, id_credentials_getting-report; which key and which certificate comes first, and that
inactive ones keep their date, as observed on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.plane.credential_report import NOT_SUPPORTED, NOTHING, UNUSED, Row, moment, truth
from watchword.sandbox.plane.directory import MotoDirectory
from watchword.sandbox.plane.last_used import LastUsed
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.passwords import Passwords

_SLOTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where the rows come from: one account's users, and what is known of their credentials."""

    directory: MotoDirectory
    devices: Devices
    passwords: Passwords
    last_used: LastUsed
    account_created_at: datetime

    def rows(self) -> Sequence[Row]:
        """Return root's row, then the users' by name without regard to case."""
        users = sorted(self.directory.backend.users.values(), key=lambda user: user.name.lower())
        return (tuple(self._root()), *(tuple(self._user(user)) for user in users))

    def _root(self) -> Iterator[str]:
        """Root has no password here, as in an account that an organization made."""
        account = self.directory.account
        yield "<root_account>"
        yield f"arn:aws:iam::{account}:root"
        yield moment(self.account_created_at)
        yield from (truth(False), NOTHING, NOTHING, NOT_SUPPORTED)
        yield truth(bool(self.devices.of_user(account)))
        key = self.directory.root_key
        keys = [] if key is None else [(key.access_key_id, key.active, self.account_created_at)]
        yield from self._keys(keys)
        yield from _certificates([])

    def _user(self, user: MotoObject) -> Iterator[str]:
        yield user.name
        yield user.arn
        yield moment(user.create_date)
        yield from self._password(user)
        yield truth(bool(self.devices.of_user(user.id)))
        yield from self._keys(
            [(key.access_key_id, key.status == "Active", key.create_date) for key in user.access_keys]
        )
        yield from _certificates(list(user.signing_certificates.values()))

    def _password(self, user: MotoObject) -> Iterator[str]:
        changed_at = self.passwords.changed_at(user.id)
        if changed_at is None:
            yield from (truth(False), NOTHING, NOTHING, NOTHING)
            return
        yield from (truth(True), UNUSED, moment(changed_at))
        policy = self.directory.backend.account_password_policy
        days = int((policy and policy.max_password_age) or 0)
        yield moment(changed_at + timedelta(days=days)) if days else NOTHING

    def _keys(self, keys: list[tuple[str, bool, datetime]]) -> Iterator[str]:
        for key_id, active, created_at in sorted(keys)[:_SLOTS]:
            use = self.last_used.of_key(key_id)
            yield from (truth(active), moment(created_at))
            yield from (
                (NOTHING, NOTHING, NOTHING)
                if use is None
                else (
                    moment(use.at),
                    use.region,
                    use.service,
                )
            )
        for _ in range(_SLOTS - len(keys)):
            yield from (truth(False), NOTHING, NOTHING, NOTHING, NOTHING)


def _certificates(certificates: list[MotoObject]) -> Iterator[str]:
    ordered = sorted(certificates, key=lambda each: (each.status == "Active", each.upload_date, each.id))
    for certificate in ordered[:_SLOTS]:
        yield from (truth(certificate.status == "Active"), moment(certificate.upload_date))
    for _ in range(_SLOTS - len(ordered)):
        yield from (truth(False), NOTHING)
