"""What is settled of every request of a subject, whatever the action: a context to ask conditions with."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from watchword.iam import UNKNOWN, ContextValue, Universe
from watchword.proof.settle.domains import OF_THE_STATE, Asked, domain
from watchword.proof.settle.subject import Subject


class Shared:
    """What is settled of a subject in every state: all but what the credential brings."""

    __slots__ = ("signs", "values")

    def __init__(self) -> None:
        self.values: dict[str, ContextValue | None] = {}
        self.signs: dict[str, Hashable] = {}


class Settled(dict[str, ContextValue]):
    """A folded context in which a key that is not settled is `UNKNOWN`. Conditions ask it with `get`."""

    __slots__ = ("_asked", "_assuming", "_own", "_shared", "_signs", "_sure", "_values", "assumed", "through")

    def __init__(
        self,
        subject: Subject,
        universe: Universe,
        *,
        through: bool = False,
        assumed: tuple[tuple[str, ContextValue], ...] = (),
        shared: Shared | None = None,
    ) -> None:
        """`through`: of what services call on its behalf; `assumed`: of requests with these values."""
        super().__init__()
        self.through = through
        self.assumed = assumed
        self._assuming: dict[object, Settled] = {}
        self._asked, self._sure = (
            Asked(
                subject=subject, universe=universe, action="", fixed=dict(assumed), sure=sure, through=through
            )
            for sure in (False, True)
        )
        self._shared = Shared() if shared is None else shared
        self._own = OF_THE_STATE | {key for key, _ in assumed}
        self._values: dict[str, ContextValue | None] = {}
        self._signs: dict[str, Hashable] = {}

    def assuming(self, assumed: tuple[tuple[str, ContextValue], ...]) -> Settled:
        """Return what is settled of the requests that have these values."""
        found = self._assuming.get(assumed)
        if found is None:
            asked = self._asked
            found = self._assuming[assumed] = Settled(
                asked.subject, asked.universe, through=self.through, assumed=assumed, shared=self._shared
            )
        return found

    def get(self, key: str, *_: object) -> ContextValue | None:  # type: ignore[override]  # only this form is called
        """Return the value; None when the key is absent, `UNKNOWN` when it is not settled."""
        try:
            return self._values[key]
        except KeyError:
            found = self._values[key] = self._either(key)
            return found

    def _either(self, key: str) -> ContextValue | None:
        if key in self._own:
            return self._look(key)
        values = self._shared.values
        if key not in values:
            values[key] = self._look(key)
        return values[key]

    def _look(self, key: str) -> ContextValue | None:
        found = domain(key, self._asked)
        if not found.present:
            return None
        if found.absent or found.values is None or len(found.values) != 1:
            return UNKNOWN
        return found.values[0]

    def sign(self, keys: Iterable[str]) -> tuple[Hashable, ...]:
        """Return what two subjects have in common that are the same as far as these keys go."""
        return tuple(self._sign(key) for key in keys)

    def _sign(self, key: str) -> Hashable:
        signs = self._signs if key in self._own else self._shared.signs
        found = signs.get(key)
        if found is None:
            value = self.get(key)
            sign: Hashable = ("", domain(key, self._sure)) if value is UNKNOWN else (value,)
            found = signs[key] = sign
        return found
