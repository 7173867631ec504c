"""Lists in pages, as IAM gives them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from watchword.sandbox.identity.refusals import invalid_marker

DEFAULT_ITEMS: Final = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items, and where to go on; `marker` is None on the last page."""

    items: tuple[T, ...]
    marker: str | None

    def as_result(self) -> dict[str, Any]:
        """Return the elements that every paged result ends with."""
        ending: dict[str, Any] = {"IsTruncated": self.marker is not None}
        if self.marker is not None:
            ending["Marker"] = self.marker
        return ending


def page_of(items: Sequence[T], params: Mapping[str, Any], *, key: Callable[[T], str]) -> Page[T]:
    """Return the page that `Marker` and `MaxItems` in `params` ask for.

    `items` are in the order of `key`. A marker holds the key of the last item given, so that items
    that come and go between two pages neither hide nor repeat others.

    Raises AwsError (ValidationError) when no page can have given the marker.

    Source: API_ListVirtualMFADevices (Marker, MaxItems); the refusal as observed on AWS.
    """
    after = _read(params["Marker"]) if params.get("Marker") is not None else None
    rest = [item for item in items if after is None or key(item) > after]
    shown = tuple(rest[: params.get("MaxItems") or DEFAULT_ITEMS])
    more = len(rest) > len(shown)
    return Page(items=shown, marker=_written(key(shown[-1])) if more else None)


def _written(key: str) -> str:
    return base64.urlsafe_b64encode(b"\x01" + key.encode()).decode()


def _read(marker: str) -> str:
    try:
        decoded = base64.b64decode(marker, altchars=b"-_", validate=True)
        version, key = decoded[:1], decoded[1:].decode()
    except (binascii.Error, ValueError):
        raise invalid_marker() from None
    if version != b"\x01":
        raise invalid_marker()
    return key
