"""boto3 clients and sessions for one endpoint, with keys that are handed in: no file or variable is asked."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

if TYPE_CHECKING:
    import boto3

# An answer is an answer: no second try, no wait; and no proxy stands before an endpoint that is named here.
_ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"}, proxies={})
# What the environment may say of these is not for this endpoint. Nothing is read from files.
_FIXED = {
    "profile": None,
    "config_file": os.devnull,
    "credentials_file": os.devnull,
    "use_fips_endpoint": False,
    "use_dualstack_endpoint": False,
}


def client_at(
    endpoint_url: str,
    service: str,
    *,
    region: str,
    access_key_id: str,
    secret_access_key: str,
    session_token: str | None = None,
    config: Config | None = None,
) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes while it runs
    """Return a boto3 client that signs with this key and calls this endpoint, once for each call."""
    return _maker().client(
        service,  # type: ignore[call-overload] # any service may be asked for
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
        config=_ONCE if config is None else _ONCE.merge(config),
    )


def session_at(
    endpoint_url: str,
    *,
    region: str,
    access_key_id: str,
    secret_access_key: str,
    session_token: str | None = None,
) -> boto3.Session:
    """Return a boto3 Session of this key, all of whose clients and resources call this endpoint."""
    import boto3

    class SessionAtEndpoint(boto3.Session):
        """A session whose clients call this endpoint, and no proxy."""

        def client(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as boto3 has it
            named["endpoint_url"] = named.get("endpoint_url") or endpoint_url
            return super().client(*arguments, **named)

        def resource(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as boto3 has it
            named["endpoint_url"] = named.get("endpoint_url") or endpoint_url
            return super().resource(*arguments, **named)

    core = _core()
    core.set_default_client_config(Config(proxies={}))
    return SessionAtEndpoint(
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
        region_name=region,
        botocore_session=core,
    )


@cache
def _maker() -> boto3.Session:
    import boto3

    return boto3.Session(botocore_session=_core())


def _core() -> botocore.session.Session:
    core = botocore.session.Session()
    core.register_component("data_loader", _models())
    store = core.get_component("config_store")
    for name, value in _FIXED.items():
        store.set_config_variable(name, value)
    return core


@cache
def _models() -> Loader:
    """Return one reader of AWS's models: they take a second to read."""
    return create_loader()
