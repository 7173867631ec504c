"""What makes two sessions of a role the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from watchword.aws import AwsProfile, Chain, Hop
from watchword.session.entrance import AWS_ITSELF, Entrance
from watchword.session.session import SessionKey


def source_key(entrance: Entrance) -> SessionKey | None:
    """Return the key of what the roles begin with; None as long as nobody knows the user's device.

    Raises `UnusableDevice`.
    """
    source = entrance.chain.source
    if isinstance(source, AwsProfile):
        device = entrance.known_device()
        return entrance.key_with(device) if device else None
    endpoint = entrance.settings.endpoint_url or AWS_ITSELF
    return SessionKey(endpoint=endpoint, access_key_id=source.cache_name, serial_number="")


def role_key(source: SessionKey, chain: Chain, depth: int) -> SessionKey:
    """Return the key of the session in the role that comes `depth`-th after the source, from 1.

    Whatever is asked for with any role on the way is part of it, but for how long the session shall live.
    With a user's device all of them have MFA; from another source, one that MFA was asked for is never one
    that was opened where nobody asked for it.
    """
    hops = chain.hops[:depth]
    mfa = [] if source.serial_number else [chain.asking_for_mfa is not None]
    asked = [chain.settings.endpoint_url or AWS_ITSELF, *mfa, *(_asked(hop) for hop in hops)]
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]
    return replace(source, role=digest)


def _asked(hop: Hop) -> dict[str, object]:
    values = {**asdict(replace(hop, tags={})), "tags": dict(hop.tags)}
    return {name: values[name] for name in values.keys() - {"profile", "duration_seconds", "mfa_serial"}}
