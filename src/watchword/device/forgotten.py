"""What this machine holds of a device that is gone: sessions, which device answers, lines in profiles."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from watchword.device.acting import Acting
from watchword.device.own import OwnDevice
from watchword.device.profile_serial import MFA_SERIAL
from watchword.session import AWS_ITSELF, SessionStore
from watchword.session.profile_files import KEY_ID, ProfileFiles, read_profile_files
from watchword.session.session import SessionKey


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was forgotten of a device, and what was not.

    `signed_out` are the profiles whose sessions it had opened. `still_named` are the profiles that have it as
    `mfa_serial`; they were not changed. `instead` is the serial number of the one device that takes its
    place; None when there is none, or several.
    """

    signed_out: tuple[str, ...]
    still_named: tuple[str, ...]
    instead: str | None


def forget(
    asking: Acting, serial_number: str, staying: Sequence[OwnDevice], environment: Mapping[str, str]
) -> Forgotten:
    """Forget a device that was removed: the sessions that it opened here, and that it answers for any key.

    `staying` are the user's other devices: if only one of them gives codes it answers from now on.
    Raises `UnusableCache`, `UnreadableAwsFile`, `NoPlaceForAwsFile`.
    """
    endpoint = asking.entrance.settings.endpoint_url or AWS_ITSELF
    store, files = asking.entrance.store, read_profile_files(environment)
    usable = [device.serial_number for device in staying if device.kind.usable_for_cli]
    instead = usable[0] if len(usable) == 1 else None
    for name in files.names():
        _answer_anew(store, endpoint, files.settings(name), serial_number, instead)
    return Forgotten(
        signed_out=_sign_out(store, endpoint, serial_number),
        still_named=_naming(files, serial_number),
        instead=instead,
    )


def _answer_anew(
    store: SessionStore, endpoint: str, settings: Mapping[str, str], gone: str, instead: str | None
) -> None:
    key_id = settings.get(KEY_ID)
    remembered = store.device_of(endpoint, key_id) if key_id else None
    if not key_id or remembered is None or remembered.serial_number != gone:
        return
    if instead is None:
        store.forget_device(endpoint, key_id)
        return
    key = SessionKey(endpoint=endpoint, access_key_id=key_id, serial_number=instead)
    store.remember_device(key, mfa_serial=settings.get(MFA_SERIAL))


def _sign_out(store: SessionStore, endpoint: str, gone: str) -> tuple[str, ...]:
    profiles = []
    for stored in store.all():
        session = stored.session
        if session and session.key.serial_number == gone and session.key.endpoint == endpoint:
            store.remove(stored)
            profiles.append(session.profile)
    return tuple(dict.fromkeys(profiles))


def _naming(files: ProfileFiles, serial_number: str) -> tuple[str, ...]:
    return tuple(name for name in files.names() if files.settings(name).get(MFA_SERIAL) == serial_number)
