"""What is settled of every request of a subject, whatever the action: a context to ask conditions with."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from watchword.iam import UNKNOWN, ContextValue, Universe
from watchword.proof.settle.domains import OF_THE_STATE, Asked, domain, of_the_principal
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.values import Domain


class Shared:
    """What is settled of a subject in every state: all but what the credential brings.

    `common`: the same for keys that do not hang on who the subject is.
    """

    __slots__ = ("common", "signs", "values")

    def __init__(self, common: Shared | None = None) -> None:
        self.values: dict[str, ContextValue | None] = {}
        self.signs: dict[str, Hashable] = {}
        self.common = common


class Settled(dict[str, ContextValue]):
    """A folded context in which a key that is not settled is `UNKNOWN`. Conditions ask it with `get`."""

    __slots__ = (
        "_assuming",
        "_shared",
        "_signs",
        "_subject",
        "_universe",
        "_values",
        "assumed",
        "through",
    )

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
        self._subject, self._universe = subject, universe
        self._assuming: dict[object, Settled] = {}
        self._shared = Shared() if shared is None else shared
        self._values: dict[str, ContextValue | None] = {}
        self._signs: dict[str, Hashable] = {key: (value,) for key, value in assumed}
        for key, value in assumed:
            self._values[key] = None if value == () else value

    def assuming(self, assumed: tuple[tuple[str, ContextValue], ...]) -> Settled:
        """Return what is settled of the requests that have these values."""
        found = self._assuming.get(assumed)
        if found is None:
            found = self._assuming[assumed] = Settled(
                self._subject, self._universe, through=self.through, assumed=assumed, shared=self._shared
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
        if key in OF_THE_STATE:
            return self._look(key)
        values = self._shared.values
        if key not in values:
            common = self._common(key)
            if common is None:
                values[key] = self._look(key)
            elif key not in common.values:
                values[key] = common.values[key] = self._look(key)
            else:
                values[key] = common.values[key]
        return values[key]

    def _common(self, key: str) -> Shared | None:
        """Return where a key is kept that does not hang on who the subject is."""
        return None if of_the_principal(key, self._subject) else self._shared.common

    def _domain(self, key: str, *, sure: bool) -> Domain:
        asked = Asked(
            subject=self._subject,
            universe=self._universe,
            action="",
            fixed=dict(self.assumed),
            sure=sure,
            through=self.through,
        )
        return domain(key, asked)

    def _look(self, key: str) -> ContextValue | None:
        found = self._domain(key, sure=False)
        if not found.present:
            return None
        if found.absent or found.values is None or len(found.values) != 1:
            return UNKNOWN
        return found.values[0]

    def sign(self, keys: Iterable[str]) -> tuple[Hashable, ...]:
        """Return what two subjects have in common that are the same as far as these keys go."""
        signs = self._signs
        return tuple([signs[key] if key in signs else self._sign(key) for key in keys])

    def _sign(self, key: str) -> Hashable:
        shared = None if key in OF_THE_STATE else self._shared.signs
        found = None if shared is None else shared.get(key)
        if found is None:
            common = None if shared is None else self._common(key)
            found = None if common is None else common.signs.get(key)
            if found is None:
                value = self.get(key)
                found = ("", self._domain(key, sure=True)) if value is UNKNOWN else (value,)
            for kept in (shared, None if common is None else common.signs):
                if kept is not None:
                    kept[key] = found
        self._signs[key] = found
        return found
