"""From bytes to moto's objects, and to nothing else.

The bytes have been found to be our own before they come here; that only moto's classes and plain values can
be named in them is the second line.
"""

from __future__ import annotations

import importlib
import io
import pickle
import threading
import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from watchword.sandbox.plane.managed_policies import published_policies
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.snapshot import rebuild
from watchword.sandbox.plane.snapshot.allowed import is_moto, may_stand
from watchword.sandbox.plane.snapshot.backend_key import BackendKey, backend_class, dictionary_of
from watchword.sandbox.plane.snapshot.errors import BrokenSnapshot


def read(groups: Mapping[int, bytes], body: Callable[[str], bytes]) -> dict[int, list[MotoObject]]:
    """Put what `write` made of moto's backends back into moto, which must be empty.

    `groups` are the pickles by number, `body` returns the content of an object of S3 by its digest. Returns
    the backends of each group. Raises BrokenSnapshot.
    """
    reader = _Reading(body)
    found = {}
    try:
        for number, each in groups.items():
            found[number] = reader.fill(each)
    except (pickle.UnpicklingError, EOFError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise BrokenSnapshot(str(error)) from error
    reader.finish()
    return found


class _Reading:
    """Gives every backend its place first, and its state when that comes."""

    def __init__(self, body: Callable[[str], bytes]) -> None:
        self.body = body
        self._backends: dict[BackendKey, MotoObject] = {}
        self._filled: set[BackendKey] = set()
        self._policies: dict[tuple[str, str], dict[str, MotoObject]] = {}

    def fill(self, data: bytes) -> list[MotoObject]:
        """Read one group, and return its backends."""
        members = []
        for words, state in _Unpickler(io.BytesIO(data), self).load():
            key = BackendKey(*words)
            backend = self.backend(*words)
            self._give_back_policies(key, state)
            backend.__dict__.update(state)
            self._filled.add(key)
            members.append(backend)
        return members

    def finish(self) -> None:
        """Raise BrokenSnapshot when a backend is referred to that was never read."""
        missing = sorted(self._backends.keys() - self._filled)
        if missing:
            raise BrokenSnapshot(f"{missing[0].name} of {missing[0].region} is missing")
        for backend in self._backends.values():
            _refer_to_ec2(backend)

    def backend(self, module: str, name: str, account: str, region: str) -> MotoObject:
        key = BackendKey(module, name, account, region)
        if key not in self._backends:
            kind: Any = backend_class(key)
            made = kind.__new__(kind)
            dict.__setitem__(dictionary_of(key)[account], region, made)
            self._backends[key] = made
        return self._backends[key]

    def aws_policy(self, account: str, region: str, arn: str) -> MotoObject:
        return self._published(account, region)[arn]

    def _published(self, account: str, region: str) -> dict[str, MotoObject]:
        if (account, region) not in self._policies:
            made = published_policies(account_id=account, region_name=region)
            self._policies[account, region] = {policy.arn: policy for policy in made}
        return self._policies[account, region]

    def _give_back_policies(self, key: BackendKey, state: dict[str, Any]) -> None:
        attached = state.get("aws_managed_policies")
        if not isinstance(attached, dict):
            return
        published = self._published(key.account, key.region)
        for arn, count in attached.items():
            published[arn].attachment_count = count
        state["aws_managed_policies"] = list(published.values())
        state["managed_policies"].update(published)


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, reading: _Reading) -> None:
        super().__init__(stream)
        self._reading = reading

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - pickle's signature
        """Return a class of moto's, a plain one, or what `rebuild` has a word for; refuse all else."""
        if module == rebuild.__name__:
            of_reading = {"backend", "aws_policy", "body"}
            return getattr(self._reading, name) if name in of_reading else _REBUILT[name]
        if not may_stand(module, name):
            raise BrokenSnapshot(f"it names `{module}.{name}`")
        found = super().find_class(module, name)
        if is_moto(module) and not (isinstance(found, type) and found.__module__ == module):
            raise BrokenSnapshot(f"it names `{module}.{name}`, which is no class")
        return found


def _local_function(module: str, qualified_name: str, line: int) -> types.FunctionType:
    """Find a function inside of others by its name and its line."""
    if not is_moto(module):
        raise BrokenSnapshot(f"it names a function of `{module}`")
    home = importlib.import_module(module)
    found: Any = home
    for part in qualified_name.split("."):
        found = _part_of(found, part, line)
    if isinstance(found, types.CodeType):
        return types.FunctionType(found, vars(home))
    if not isinstance(found, types.FunctionType) or found.__module__ != module:
        raise BrokenSnapshot(f"`{module}.{qualified_name}` is no function of moto")
    return found


def _part_of(found: Any, part: str, line: int) -> Any:  # noqa: ANN401 - a module, a class, or code
    if part == "<locals>":
        return found.__code__ if isinstance(found, types.FunctionType) else found
    if not isinstance(found, types.CodeType):
        return getattr(found, part)
    inner = [each for each in found.co_consts if isinstance(each, types.CodeType) and each.co_name == part]
    return next((each for each in inner if each.co_firstlineno == line), inner[0])


def _bound_method(holder: object, name: str) -> Any:  # noqa: ANN401
    method = getattr(type(holder), name)
    if not isinstance(method, types.FunctionType) or not is_moto(method.__module__):
        raise BrokenSnapshot(f"`{name}` is no method of moto's")
    return types.MethodType(method, holder)


def _fill_dictionary(made: Any, held: tuple[dict[str, Any], dict[Any, Any], Any]) -> None:  # noqa: ANN401
    attributes, entries, default_factory = held
    made.__dict__.update(attributes)
    dict.update(made, entries)
    if default_factory is not None:
        made.default_factory = default_factory


def _member(kind: Any, value: object) -> Any:  # noqa: ANN401
    return kind(value)


def _constant(module: str, name: str) -> Any:  # noqa: ANN401
    if (module, name) != ("moto.core.constants", "MISSING"):
        raise BrokenSnapshot(f"it names `{module}.{name}`")
    return getattr(importlib.import_module(module), name)


def _private_key(der: bytes) -> Any:  # noqa: ANN401
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(der, password=None)


def _public_key(der: bytes) -> Any:  # noqa: ANN401
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(der)


def _certificate(der: bytes) -> Any:  # noqa: ANN401
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(der)


_REBUILT: dict[str, Callable[..., Any]] = {
    "local_function": _local_function,
    "bound_method": _bound_method,
    "fill_dictionary": _fill_dictionary,
    "member": _member,
    "constant": _constant,
    "lock": threading.Lock,
    "reentrant_lock": threading.RLock,
    "condition": threading.Condition,
    "private_key": _private_key,
    "public_key": _public_key,
    "certificate": _certificate,
    "weak_values": weakref.WeakValueDictionary,
}


def _refer_to_ec2(backend: MotoObject) -> None:
    """Tell EC2's classes of a backend, as its making would have: peerings are found through them."""
    kind = type(backend)
    for name in ("vpc_refs", "backend_refs", "vpc_pcx_refs"):
        if hasattr(kind, name):
            getattr(kind, name)[kind].add(weakref.ref(backend))
