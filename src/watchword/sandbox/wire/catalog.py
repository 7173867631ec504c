"""The services that botocore knows: by the name that they sign with, loaded when first asked for."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

_METADATA = re.compile(r'"metadata"\s*:\s*(?=\{)')
_HEAD_BYTES = 2048


@cache
def loader() -> Loader:
    """Return a loader of botocore's own data; models that a user keeps in `~/.aws/models` do not count."""
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def all_services() -> frozenset[str]:
    """Return botocore's names of all services that it knows."""
    return frozenset(loader().list_available_services("service-2"))


def services_signing_as(signing_name: str) -> tuple[str, ...]:
    """Return botocore's names of the services that sign as `signing_name`, its namesake first."""
    return tuple(sorted(protocols_spoken(signing_name), key=lambda name: (name != signing_name, name)))


def protocols_spoken(signing_name: str) -> Mapping[str, frozenset[str]]:
    """Return the protocols of each service that signs as `signing_name`; none is loaded for it."""
    return _by_signing_name().get(signing_name, {})


@cache
def service(name: str) -> ServiceModel:
    """Load the model of the service `name`. The big ones (EC2) take some tenths of a second, once."""
    return ServiceModel(loader().load_service_model(name, "service-2"), name)


@cache
def operation_names(name: str) -> frozenset[str]:
    """Return the names of the operations of the service `name`."""
    return frozenset(service(name).operation_names)


def operation_model(service_name: str, operation_name: str) -> OperationModel:
    """Return the model of an operation that exists."""
    model: OperationModel = service(service_name).operation_model(operation_name)
    return model


def protocols(name: str) -> frozenset[str]:
    """Return the protocols that the service `name` speaks, by botocore's names."""
    return _protocols(service(name).metadata)


@cache
def known_regions() -> frozenset[str]:
    """Return every region of every partition that botocore knows."""
    partitions = loader().load_data("partitions")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])


@cache
def _by_signing_name() -> Mapping[str, Mapping[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for name in loader().list_available_services("service-2"):
        metadata = _metadata(name)
        signing_name = metadata.get("signingName") or metadata["endpointPrefix"]
        found.setdefault(signing_name, {})[name] = _protocols(metadata)
    return found


def _protocols(metadata: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(metadata.get("protocols") or [metadata["protocol"]])


def _metadata(name: str) -> Mapping[str, Any]:
    # Loading all 400 models takes seconds. Their metadata stands at the head of each file.
    version = loader().determine_latest_version(name, "service-2")
    path = Path(Loader.BUILTIN_DATA_PATH, name, version, "service-2.json.gz")
    if path.is_file():
        with path.open("rb") as file:
            head = zlib.decompressobj(31).decompress(file.read(_HEAD_BYTES)).decode("utf-8", "ignore")
        at = _METADATA.search(head)
        try:
            if at:
                metadata: Mapping[str, Any] = json.JSONDecoder().raw_decode(head, at.end())[0]
                return metadata
        except ValueError:
            pass  # the head ended in the middle of the metadata: load it all
    whole: Mapping[str, Any] = loader().load_service_model(name, "service-2")
    return dict(whole["metadata"])
