"""Which classes may stand in a snapshot: moto's, and those that hold plain values."""

from __future__ import annotations

from typing import Final

_PLAIN: Final = frozenset(
    {
        "builtins.bytearray", "builtins.complex", "builtins.frozenset", "builtins.object", "builtins.range",
        "builtins.set", "builtins.slice",
        "_codecs.encode",
        "collections.Counter", "collections.OrderedDict", "collections.UserDict", "collections.defaultdict",
        "collections.deque",
        "datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta", "datetime.timezone",
        "dateutil.tz.tz.tzutc", "dateutil.tz.tzutc",
        "decimal.Decimal",
        "fractions.Fraction",
        "ipaddress.IPv4Address", "ipaddress.IPv4Interface", "ipaddress.IPv4Network",
        "ipaddress.IPv6Address", "ipaddress.IPv6Interface", "ipaddress.IPv6Network",
        "re._compile", "re.Pattern",
        "requests.structures.CaseInsensitiveDict",
        "uuid.UUID", "uuid.SafeUUID",
        "werkzeug.datastructures.headers.Headers", "werkzeug.datastructures.structures.MultiDict",
    }
)  # fmt: skip
# What is a type when it is written as itself: `defaultdict(list)` names `list`.
_TYPES: Final = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str", "tuple", "type"})


def is_moto(module: str) -> bool:
    """Tell whether a module is moto's."""
    return module.startswith("moto.")


def may_stand(module: str, name: str) -> bool:
    """Tell whether a class of that name may stand in a snapshot."""
    if module == "builtins" and name in _TYPES:
        return True
    return is_moto(module) or f"{module}.{name}" in _PLAIN
