"""Asking AWS for parts of an account: once each, page by page, several at once; what is denied is noted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from watchword.account.snapshot import Unread
from watchword.audit.kept_answers import Answers
from watchword.aws import Refusal, Unreachable
from watchword.device.invite_pace import THROTTLED, each_at_once

AT_ONCE: Final = 8
"""How many calls there are at the same time: all who call IAM in an account share what it bears."""

Progress = Callable[[int, int], None]  # calls that were answered, calls known of
Part = Callable[[], None]

# Whoever signs is not taken any more: every other call would be refused as well.
_UNSIGNED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
    }
)
# Source: botocore's `standard` retry mode, which has tried again before one of these comes here.
_TOO_OFTEN: Final = THROTTLED | {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
}
_BROKEN: Final = 500  # HTTP status from which on it is AWS's own failure
# What AWS says of a marker that it does not know any more.
_BAD_MARKER: Final = frozenset({"ValidationError", "ValidationException", "InvalidInput", "InvalidMarker"})


class Calls(Protocol):
    """What signs calls that change nothing, in any region."""

    def call(
        self,
        service: str,
        operation: str,
        *,
        region: str | None = None,
        **params: Any,  # noqa: ANN401 AWS's own shapes
    ) -> dict[str, Any]:
        """Call an operation by AWS's names; raise `Refusal`, `Unreachable`, `UnusableSettings`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How an operation gives its pages: the answer's and the request's names of where the next begins."""

    members: str
    answered: str = "Marker"
    asked: str = "Marker"
    size: str | None = "MaxItems"
    items: int = 1000


class Asking:
    """Asks each thing once, whoever asks, and keeps what AWS said; usable from several threads."""

    def __init__(self, calls: Calls, answers: Answers, progress: Progress) -> None:
        self._calls = calls
        self._answers = answers
        self._progress = progress
        self._unread: list[Unread] = []
        self._counting = threading.Lock()
        self._answered = self._waiting = self._expected = 0
        self._over = False

    def unread(self) -> tuple[Unread, ...]:
        """Return what AWS did not tell, in the order of fields and of whom they are."""
        return tuple(sorted(set(self._unread), key=lambda one: (one.what, one.of or "", one.operation or "")))

    def all_of(self, parts: Sequence[Part]) -> None:
        """Read all parts, several at the same time; raise what the first that fails raises."""
        with self._counting:
            self._expected = max(0, self._expected - len(parts))
            self._waiting += len(parts)
        try:
            for _ in each_at_once(lambda part: part(), parts, stopped=threading.Event(), at_once=AT_ONCE):
                with self._counting:
                    self._waiting -= 1
        except BaseException:
            # Calls that are under way are not waited for: nobody is to hear of them any more.
            with self._counting:
                self._over = True
            raise

    def expect(self, parts: int) -> None:
        """Count parts that will be read later, so that whoever looks knows how far it is."""
        with self._counting:
            self._expected += parts

    def once(
        self,
        service: str,
        operation: str,
        *,
        region: str | None = None,
        none: frozenset[str] = frozenset(),
        **params: Any,  # noqa: ANN401 AWS's own shapes
    ) -> dict[str, Any] | None:
        """Return the answer to a call, as JSON has it: times are text; None when AWS says a code of `none`.

        Raises `Refusal`, `Unreachable`.
        """
        key = _key(service, operation, region, params)
        kept = self._answers.get(key)
        if kept is None:
            try:
                answer = self._calls.call(service, operation, region=region, **params)
                answer.pop("ResponseMetadata", None)
                kept = msgspec.json.decode(msgspec.json.encode({"is": answer}))
            except Refusal as refusal:
                if refusal.code not in none:
                    raise
                kept = {"none": refusal.code}
            self._answers.keep(key, kept)
        with self._counting:
            self._answered += 1
            if not self._over:
                self._progress(self._answered, self._answered + self._waiting + self._expected)
        found: dict[str, Any] | None = kept.get("is")
        return found

    def anew(self, service: str, operation: str) -> None:
        """Call an operation whose answer is of this moment only; raise as `once`."""
        self._calls.call(service, operation)

    def pages(
        self,
        service: str,
        operation: str,
        paging: Paging,
        *,
        region: str | None = None,
        **params: Any,  # noqa: ANN401 AWS's own shapes
    ) -> list[dict[str, Any]]:
        """Return all pages of an operation; raise as `once`.

        A marker that an earlier run has kept may be too old: then the pages are asked for from the first on.
        """
        if paging.size:
            params = {**params, paging.size: paging.items}
        keys: set[str] = set()
        try:
            return list(self._each_page(service, operation, paging, region, params, keys))
        except Refusal as refusal:
            if refusal.code not in _BAD_MARKER or len(keys) <= 1:
                raise
        self._answers.forget(keys)
        return list(self._each_page(service, operation, paging, region, params, set()))

    def listed(self, service: str, operation: str, paging: Paging, **params: Any) -> list[Any]:  # noqa: ANN401 AWS's own shapes
        """Return the members of all pages of an operation; raise as `once`."""
        pages = self.pages(service, operation, paging, **params)
        return [member for page in pages for member in page.get(paging.members) or ()]

    def told(self, ask: Callable[[], None], *, what: str, leaves_open: str, of: str | None = None) -> bool:
        """Return whether AWS answered; note that the field `what` is not whole when it refused.

        What ends everything is raised: AWS out of reach or broken, asked too often, a session that is over.
        Another try would tell more then, and what was read is kept for it.
        """
        try:
            ask()
        except Refusal as refusal:
            if refusal.code in _UNSIGNED | _TOO_OFTEN or refusal.status >= _BROKEN:
                raise
            self.note(what, refusal.code, leaves_open, of=of, operation=refusal.operation)
            return False
        return True

    def told_there(
        self, ask: Callable[[], None], *, what: str, leaves_open: str, of: str | None = None
    ) -> bool:
        """Do as `told` for a region, where a service can be closed while the account is open."""
        try:
            return self.told(ask, what=what, leaves_open=leaves_open, of=of)
        except Unreachable as error:
            self.note(what, "Unreachable", f"{leaves_open}: {error.message}", of=of)
        except Refusal as refusal:
            if refusal.code in _TOO_OFTEN or refusal.code.startswith(("Expired", "RequestExpired")):
                raise
            self.note(what, refusal.code, leaves_open, of=of, operation=refusal.operation)
        return False

    def note(
        self, what: str, code: str, leaves_open: str, *, of: str | None = None, operation: str | None = None
    ) -> None:
        """Note something that was not read."""
        self._unread.append(Unread(what=what, of=of, code=code, operation=operation, leaves_open=leaves_open))

    def _each_page(
        self,
        service: str,
        operation: str,
        paging: Paging,
        region: str | None,
        params: dict[str, Any],
        keys: set[str],
    ) -> Iterator[dict[str, Any]]:
        while True:
            keys.add(_key(service, operation, region, params))
            page = self.once(service, operation, region=region, **params) or {}
            yield page
            marker = page.get(paging.answered)
            if not marker:
                return
            params = {**params, paging.asked: marker}


def _key(service: str, operation: str, region: str | None, params: dict[str, Any]) -> str:
    said = msgspec.json.encode(params, order="sorted").decode()
    return f"{service}:{operation} {region or '-'} {said}"
