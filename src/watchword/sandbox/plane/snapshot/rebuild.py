"""The words that a snapshot has for what pickle cannot write, or must not.

The functions here stand in a snapshot in the place of such an object. They are never called: whoever reads
a snapshot has a method of the same name.
"""

from __future__ import annotations

from typing import NoReturn


def backend(module: str, name: str, account: str, region: str) -> NoReturn:
    """Stand for one of moto's backends."""
    raise NotImplementedError


def aws_policy(account: str, region: str, arn: str) -> NoReturn:
    """Stand for a managed policy of AWS's own."""
    raise NotImplementedError


def body(digest: str) -> NoReturn:
    """Stand for the content of an object of S3."""
    raise NotImplementedError


def local_function(module: str, qualified_name: str, line: int) -> NoReturn:
    """Stand for a function of moto's that has no name of its own, such as the one in a `defaultdict`."""
    raise NotImplementedError


def bound_method(holder: object, name: str) -> NoReturn:
    """Stand for a method of an object of moto's."""
    raise NotImplementedError


def member(kind: type, value: object) -> NoReturn:
    """Stand for a member of an enum."""
    raise NotImplementedError


def constant(module: str, name: str) -> NoReturn:
    """Stand for one of moto's constants, which are compared by identity."""
    raise NotImplementedError


def fill_dictionary(made: object, held: tuple[object, ...]) -> NoReturn:
    """Stand for putting into a dictionary of moto's own kind what it held."""
    raise NotImplementedError


def lock() -> NoReturn:
    """Stand for a lock that nobody holds."""
    raise NotImplementedError


def reentrant_lock() -> NoReturn:
    """Stand for a reentrant lock that nobody holds."""
    raise NotImplementedError


def condition() -> NoReturn:
    """Stand for a condition that nobody waits for."""
    raise NotImplementedError


def private_key(der: bytes) -> NoReturn:
    """Stand for a private key, in PKCS #8."""
    raise NotImplementedError


def public_key(der: bytes) -> NoReturn:
    """Stand for a public key."""
    raise NotImplementedError


def certificate(der: bytes) -> NoReturn:
    """Stand for an X.509 certificate."""
    raise NotImplementedError


def weak_values(entries: dict[object, object]) -> NoReturn:
    """Stand for a `WeakValueDictionary`."""
    raise NotImplementedError
