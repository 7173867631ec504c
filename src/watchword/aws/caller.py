"""Calls signed with any credentials, sent where a profile says."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import botocore.session
from botocore import exceptions
from botocore.client import BaseClient
from botocore.config import Config
from botocore.handlers import json_decode_policies
from botocore.loaders import Loader, create_loader

from watchword.aws.answers import Identity, ProfileSettings
from watchword.aws.call import config, perform, unusable, without_userinfo
from watchword.fastpath.session_file import Credentials

ONCE = 1
TWICE = 2
_DEFAULT_REGION = "us-east-1"


class Signed(Protocol):
    """Something that signs calls: a profile's key, or short-lived credentials."""

    def call(self, service: str, operation: str, *, _attempts: int = TWICE, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        """Call any operation by AWS's names; raise `Refusal`, `Unreachable` or `UnusableSettings`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """What signs: an access key or a session's. Its secrets are used, and never shown."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What signs, and where to: what clients are made of."""

    session: botocore.session.Session = field(repr=False)
    signer: KeyPair
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with short-lived credentials, who calls AWS as a profile says where."""

    settings: ProfileSettings
    _signer: KeyPair = field(repr=False)
    _session: botocore.session.Session = field(repr=False, compare=False)

    @property
    def signing(self) -> Signing:
        """Return what signs, for clients that are kept."""
        return Signing(session=self._session, signer=self._signer, region=self.settings.region)

    def call(self, service: str, operation: str, *, _attempts: int = TWICE, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        """Call any operation by AWS's names; raise `Refusal`, `Unreachable` or `UnusableSettings`."""
        return signed_call(
            self._session,
            self._signer,
            service,
            operation,
            region=self.settings.region,
            attempts=_attempts,
            params=params,
        )


def call_as(settings: ProfileSettings, credentials: Credentials) -> Caller:
    """Return the caller who has `credentials` and the region and endpoints of a profile."""
    signer = KeyPair(
        access_key_id=credentials.access_key_id,
        secret_access_key=credentials.secret_access_key,
        session_token=credentials.session_token,
    )
    return Caller(settings=settings, _signer=signer, _session=botocore.session.Session(profile=settings.name))


def caller_identity(signed: Signed) -> Identity:
    """Return who signs. No policy can forbid this call. Source: GetCallerIdentity, AWS STS API Reference."""
    answer = signed.call("sts", "GetCallerIdentity")
    return Identity(arn=answer["Arn"], account=answer["Account"], user_id=answer["UserId"])


def signed_call(
    session: botocore.session.Session,
    signer: KeyPair,
    service: str,
    operation: str,
    *,
    region: str | None,
    attempts: int,
    params: dict[str, Any],
) -> dict[str, Any]:
    """Return AWS's answer to one operation; raise `Refusal`, `Unreachable` or `UnusableSettings`."""
    try:
        client = open_client(session, signer, service, region=region, config_=config(attempts=attempts))
    except (exceptions.BotoCoreError, ValueError) as error:
        raise unusable(f"{service}:{operation}", error) from None
    return called(client, service, operation, params)


def open_client(
    session: botocore.session.Session,
    signer: KeyPair,
    service: str,
    *,
    region: str | None,
    config_: Config,
) -> BaseClient:
    """Return the SDK's client of a service; raise the SDK's errors for settings that it cannot use."""
    session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
    client: BaseClient = session.create_client(
        service,
        region_name=region or _DEFAULT_REGION,
        aws_access_key_id=signer.access_key_id,
        aws_secret_access_key=signer.secret_access_key,
        aws_session_token=signer.session_token,
        config=config_,
    )
    # Policy documents stay text: decoded, they lose their lines, and a key that stands twice stands once.
    client.meta.events.unregister("after-call.iam", json_decode_policies)
    return client


@cache
def _loader(data_path: str | None) -> Loader:
    """Return the one reader of AWS's models for all sessions of this process: each model takes a while."""
    return create_loader(data_path)


def called(client: BaseClient, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one operation of an open client; raise as `signed_call`."""
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
    return perform(
        f"{service}:{operation}",
        without_userinfo(client.meta.endpoint_url),
        lambda: getattr(client, method)(**params),
    )
