"""From moto's objects to bytes. One group of backends is one pickle, so that what is shared stays shared."""

from __future__ import annotations

import copyreg
import enum
import hashlib
import io
import pickle
import threading
import types
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.snapshot import rebuild
from watchword.sandbox.plane.snapshot.allowed import is_moto, may_stand
from watchword.sandbox.plane.snapshot.backend_key import BackendKey
from watchword.sandbox.plane.snapshot.errors import CannotKeep

PROTOCOL: Final = 5
BODY: Final = "_watchword_body"
"""Where an object of S3 remembers the digest of its content; `put_right` drops it when that changes."""

Reduced = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A group of backends as bytes.

    `objects` are the identities of everything in it that can be changed and shared; `refers_to` the backends
    outside of it; `bodies` gives the content of S3's objects by its digest.
    """

    data: bytes
    objects: frozenset[int]
    refers_to: tuple[MotoObject, ...]
    bodies: dict[str, Callable[[], bytes]]


def write(backends: Sequence[MotoObject]) -> Written:
    """Return backends as bytes. Raises CannotKeep: something in them has no form on disk."""
    stream = io.BytesIO()
    writer = _Writer(stream)
    state = {BackendKey.of(each): _state_of(each) for each in backends}
    try:
        writer.dump([((key.module, key.name, key.account, key.region), each) for key, each in state.items()])
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        raise CannotKeep(str(error)) from error
    own = {id(each) for each in backends}
    return Written(
        data=stream.getvalue(),
        objects=frozenset(writer.objects),
        refers_to=tuple(each for key, each in writer.backends.items() if key not in own),
        bodies=writer.bodies,
    )


def _state_of(backend: MotoObject) -> dict[str, Any]:
    """Return what a backend holds; IAM's without AWS's own managed policies, which come with moto."""
    state: dict[str, Any] = backend.__dict__
    published = state.get("aws_managed_policies")
    if not published:
        return state
    kind = type(published[0])
    own = {arn: each for arn, each in state["managed_policies"].items() if type(each) is not kind}
    attached = {each.arn: each.attachment_count for each in published if each.attachment_count}
    return {**state, "managed_policies": own, "aws_managed_policies": attached}


class _Writer(pickle.Pickler):
    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream, PROTOCOL)
        self.objects: set[int] = set()
        self.backends: dict[int, MotoObject] = {}
        self.bodies: dict[str, Callable[[], bytes]] = {}

    def reducer_override(self, obj: Any) -> Any:  # noqa: ANN401 - pickle's signature
        """Say how an object is written; NotImplemented where pickle's own way is right."""
        kind = type(obj)
        way = _WAYS.get(kind)
        if way is None:
            way = _WAYS[kind] = _way_of(kind)
        if way is _SHARED:
            self.objects.add(id(obj))
            return NotImplemented
        return way(self, obj)


Way = Callable[[_Writer, Any], Any]


def _SHARED(_writer: _Writer, _obj: Any) -> Any:  # noqa: ANN401, N802 - a constant that is a function
    return NotImplemented


def _as_pickle_does(_writer: _Writer, _obj: Any) -> Any:  # noqa: ANN401
    return NotImplemented


def _way_of(kind: type) -> Way:
    from moto.core.base_backend import BaseBackend
    from moto.iam.models import AWSManagedPolicy
    from moto.s3.models import FakeKey

    for base, way in ((BaseBackend, _backend), (AWSManagedPolicy, _aws_policy), (FakeKey, _s3_object)):
        if issubclass(kind, base):
            return way
    found = _special(kind)
    if found is not None:
        return found
    if issubclass(kind, dict) and is_moto(kind.__module__):
        return _dictionary
    if not may_stand(kind.__module__, kind.__qualname__):
        raise CannotKeep(f"{kind.__module__}.{kind.__qualname__}")
    return _SHARED if kind.__module__ not in _UNCHANGING else _as_pickle_does


# Values that are never changed in place: two who share one need not be kept together.
_UNCHANGING: Final = frozenset({"datetime", "decimal", "fractions", "ipaddress", "re", "uuid"})


def _special(kind: type) -> Way | None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
    from moto.core.constants import MISSING

    private = (
        rsa.RSAPrivateKey,
        ec.EllipticCurvePrivateKey,
        ed25519.Ed25519PrivateKey,
        ed448.Ed448PrivateKey,
    )
    public = (rsa.RSAPublicKey, ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)
    ways: tuple[tuple[Any, Way], ...] = (
        (type, _type),
        (enum.Enum, lambda _, obj: (rebuild.member, (type(obj), obj.value))),
        (type(threading.Lock()), lambda _, __: (rebuild.lock, ())),
        (type(threading.RLock()), lambda _, __: (rebuild.reentrant_lock, ())),
        (threading.Condition, lambda _, __: (rebuild.condition, ())),
        (types.FunctionType, _function),
        (types.BuiltinFunctionType, _refused),
        (types.MethodType, _method),
        (weakref.WeakValueDictionary, lambda _, obj: (rebuild.weak_values, (dict(obj),))),
        (type(MISSING), lambda _, __: (rebuild.constant, ("moto.core.constants", "MISSING"))),
        (private, _private_key),
        (public, _public_key),
        (x509.Certificate, _certificate),
    )
    return next((way for base, way in ways if issubclass(kind, base)), None)


def _backend(writer: _Writer, obj: MotoObject) -> Reduced:
    writer.backends[id(obj)] = obj
    key = BackendKey.of(obj)
    return rebuild.backend, (key.module, key.name, key.account, key.region)


def _aws_policy(_writer: _Writer, obj: MotoObject) -> Reduced:
    return rebuild.aws_policy, (obj.account_id, obj.partition, obj.arn)


def _dictionary(writer: _Writer, obj: Any) -> Reduced:  # noqa: ANN401
    """Write a dictionary of moto's own kind by what it holds, whatever its methods would make of that."""
    writer.objects.add(id(obj))
    kind = type(obj)
    held = (vars(obj), dict(dict.items(obj)), getattr(obj, "default_factory", None))
    return copyreg.__newobj__, (kind,), held, None, None, rebuild.fill_dictionary  # type: ignore[attr-defined]


def _s3_object(writer: _Writer, obj: MotoObject) -> Reduced:
    writer.objects.add(id(obj))
    held: dict[str, Any] = obj.__dict__
    digest = held.get(BODY)
    if digest is None:
        digest = held[BODY] = "" if obj.disposed else hashlib.blake2b(obj.value, digest_size=32).hexdigest()
    state = {name: value for name, value in held.items() if name not in {"_value_buffer", "lock"}}
    if digest:
        writer.bodies[digest] = lambda: obj.value
    return copyreg.__newobj__, (type(obj),), {**state, "value": _Body(digest)}  # type: ignore[attr-defined]


class _Body:
    """The place of a content."""

    def __init__(self, digest: str) -> None:
        self.digest = digest


def _type(_writer: _Writer, obj: type) -> Any:  # noqa: ANN401
    if not may_stand(obj.__module__, obj.__qualname__):
        raise CannotKeep(f"the class {obj.__module__}.{obj.__qualname__}")
    return NotImplemented


def _function(_writer: _Writer, obj: types.FunctionType) -> Any:  # noqa: ANN401
    if obj.__module__ == rebuild.__name__:
        return NotImplemented
    if obj is copyreg.__newobj__ or obj.__module__ == "re":  # type: ignore[attr-defined]
        return NotImplemented
    if not is_moto(obj.__module__) or obj.__closure__:
        raise CannotKeep(f"{obj.__module__}.{obj.__qualname__}")
    return rebuild.local_function, (obj.__module__, obj.__qualname__, obj.__code__.co_firstlineno)


def _refused(_writer: _Writer, obj: Any) -> Any:  # noqa: ANN401
    if obj.__module__ == "_codecs":
        return NotImplemented
    raise CannotKeep(str(obj.__qualname__))


def _method(_writer: _Writer, obj: types.MethodType) -> Reduced:
    return rebuild.bound_method, (obj.__self__, obj.__name__)


def _private_key(_writer: _Writer, obj: Any) -> Reduced:  # noqa: ANN401
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return rebuild.private_key, (obj.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)


def _public_key(_writer: _Writer, obj: Any) -> Reduced:  # noqa: ANN401
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return rebuild.public_key, (obj.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),)


def _certificate(_writer: _Writer, obj: Any) -> Reduced:  # noqa: ANN401
    from cryptography.hazmat.primitives.serialization import Encoding

    return rebuild.certificate, (obj.public_bytes(Encoding.DER),)


_WAYS: Final[dict[type, Way]] = {_Body: lambda _, obj: (rebuild.body, (obj.digest,))}
