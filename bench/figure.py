"""A measured number, and what was promised of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One result of a measurement.

    - `value` in `unit` ("1/s", "ms", "µs").
    - `ratio`: the value divided by that of `ratio_to`, measured in the same run, so that machines can be
      compared; both None when there is nothing to compare with.
    - `promise`: what was promised, in words, or None; `kept`: whether it holds here, None without a promise.
    """

    name: str
    value: float
    unit: str
    ratio: float | None = None
    ratio_to: str | None = None
    promise: str | None = None
    kept: bool | None = None

    def __str__(self) -> str:
        parts = [f"{self.name}: {self.value:,.4g} {self.unit}"]
        if self.ratio is not None:
            parts.append(f"{self.ratio:.3g} of {self.ratio_to}")
        if self.promise is not None:
            parts.append(f"{self.promise}: {'kept' if self.kept else 'not kept'}")
        return " · ".join(parts)
