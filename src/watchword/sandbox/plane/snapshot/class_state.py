"""What moto keeps beside its backends: in classes and modules. Plain values, so JSON will do."""

from __future__ import annotations

import importlib
from typing import Any, Final

import msgspec

# Module, class or object in it (None: the module itself), and the name of what is kept.
_PLACES: Final = (
    ("moto.s3.models", "s3_backends", "bucket_accounts"),
    ("moto.organizations.models", "organizations_backends", "master_accounts"),
    ("moto.logs.models", "LogEvent", "_event_id"),
    ("moto.logs.models", "LogStream", "_log_ids"),
    ("moto.securityhub.models", "SecurityHubBackend", "_org_configs"),
    ("moto.ec2.models.vpcs", None, "DEFAULT_VPC_ENDPOINT_SERVICES"),
)
# JSON has no tuples; these dictionaries have them as values.
_OF_TUPLES: Final = frozenset({"bucket_accounts", "master_accounts"})


def write_class_state() -> bytes:
    """Return what the modules that are loaded keep."""
    import sys

    found = {
        _name(*place): getattr(_holder(place[0], place[1]), place[2])
        for place in _PLACES
        if place[0] in sys.modules
    }
    return msgspec.json.encode(found)


def read_class_state(data: bytes) -> None:
    """Put it back."""
    kept: dict[str, Any] = msgspec.json.decode(data)
    for module, holder_name, name in _PLACES:
        value = kept.get(_name(module, holder_name, name))
        if value is None:
            continue
        holder = _holder(module, holder_name)
        if isinstance(value, dict):
            present = getattr(holder, name)
            present.clear()
            present.update({key: tuple(each) for key, each in value.items()} if name in _OF_TUPLES else value)
        else:
            setattr(holder, name, value)


def _holder(module: str, name: str | None) -> Any:  # noqa: ANN401 - a module, a class or a dictionary
    home = importlib.import_module(module)
    return home if name is None else getattr(home, name)


def _name(module: str, holder: str | None, name: str) -> str:
    return ".".join(part for part in (module, holder, name) if part)
