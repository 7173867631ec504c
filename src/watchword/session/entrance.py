"""The way in: a profile, what it stands for, and what is needed from the world to sign in with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from watchword.aws import AwsProfile, Chain, Hop, ProfileSettings, read_chain
from watchword.fastpath.surroundings import Surroundings
from watchword.local.terminal import Terminal
from watchword.session.codes import CodeSource, open_source
from watchword.session.device import Device, known_device
from watchword.session.session import Session, SessionKey
from watchword.session.store import SessionStore
from watchword.session.wish import RoleWish, Wish

AWS_ITSELF = "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session to use. `fresh` when it was opened just now; `note` is what the user should know."""

    session: Session
    fresh: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What signing in needs from the world, and what is asked for.

    `seen` is what decided which chain it is, taken before the AWS files were read; None when it is not known.
    """

    chain: Chain
    store: SessionStore
    open_terminal: Callable[[], Terminal]
    now: Callable[[], datetime]
    wish: Wish = field(default_factory=Wish)
    code_source: CodeSource | None = None
    seen: Surroundings | None = None

    def source_of_codes(self) -> CodeSource:
        """Return whence the code comes: `code_source`, what is wished for, or what the profile says."""
        if self.code_source is not None:
            return self.code_source
        return open_source(self.wish.code_from, mfa_process=self.profile.mfa_process)

    @property
    def profile(self) -> AwsProfile:
        """Return the profile with the long-term key at the source; raise `NotALongTermKey` without one."""
        return self.chain.key

    @property
    def settings(self) -> ProfileSettings:
        """Return what the profile that was named says about how to call AWS."""
        return self.chain.settings

    def of_user(self) -> Entrance:
        """Return the way in of the user at the source, without any role."""
        key = self.chain.key
        return replace(
            self, chain=Chain(settings=key.settings, source=key), wish=replace(self.wish, role=None)
        )

    def key_with(self, device: Device) -> SessionKey:
        """Return the key of the user's session that this device opens for this profile."""
        return SessionKey(
            endpoint=self.profile.endpoint_url or AWS_ITSELF,
            access_key_id=self.profile.access_key_id,
            serial_number=device.serial_number,
        )

    def asking_path(self) -> Path:
        """Return the file that is locked while somebody is asked for a code for the key of this profile."""
        endpoint = self.profile.endpoint_url or AWS_ITSELF
        return self.store.asking_path(endpoint, self.profile.access_key_id)

    def known_device(self) -> Device | None:
        """Return the device, when that needs no question to anybody; None when it shall be chosen anew."""
        if self.wish.choose_device:
            return None
        endpoint = self.profile.endpoint_url or AWS_ITSELF
        return known_device(self.profile, self.store.device_of(endpoint, self.profile.access_key_id))


def chain_of(profile: str | None, wish: Wish) -> Chain:
    """Return how the profile (None: the one in use) gets in, with the role that is wished for at the end.

    Raises as `watchword.aws.read_chain`, and `NotALongTermKey` when there is neither a key nor a role.
    """
    chain = read_chain(profile)
    if wish.role is not None:
        chain = replace(chain, hops=(*chain.hops, _hop(chain, wish.role)))
    if not chain.hops:
        _ = chain.key
    return chain


def _hop(chain: Chain, wish: RoleWish) -> Hop:
    return Hop(
        profile=chain.settings.name,
        role_arn=wish.role,
        role_session_name=wish.role_session_name,
        external_id=wish.external_id,
        source_identity=wish.source_identity,
        tags=wish.tags,
        transitive_tag_keys=wish.transitive_tag_keys,
    )
