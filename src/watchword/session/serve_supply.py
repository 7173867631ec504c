"""The session that is served: renewed ahead of its end, by one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from watchword.aws import AwsProfile
from watchword.errors import NoTerminal, SignInNeeded, WatchwordError
from watchword.session.entrance import Entrance, SignedIn
from watchword.session.errors import NotNow
from watchword.session.login import current_session, login
from watchword.session.session import How, Session

# SDKs begin to renew 15 minutes ahead, and take nothing that has less than 5.
_ROLE_AHEAD_SECONDS = 15 * 60
# A person is not asked earlier than must be.
_CODE_AHEAD_SECONDS = 5 * 60
_LONGEST_ANSWER_SECONDS = 0.7
_BETWEEN_TRIES_SECONDS = 5.0
_SEE = "docs/getting-in/serve.md"


class Supply:
    """The session for all that ask.

    `current` is called by many threads, `renew` by one that may ask a person; `call` tells that one that it
    is wanted. Nobody waits long: an answer comes within a second, if only `NotNow`.
    """

    def __init__(self, way_in: Entrance, session: Session, *, call: Callable[[], None]) -> None:
        self._way_in = way_in
        self._session = session
        self._call = call
        self._changed = threading.Condition()
        self._why: WatchwordError | None = None
        self._next_try = 0.0
        self._wanted = False

    @property
    def session(self) -> Session:
        """Return the session of now, live or not."""
        return self._session

    def current(self) -> Session:
        """Return a live session; raise `NotNow`, or what keeps us from getting in."""
        if session := self._live():
            return session
        with self._changed:
            self._wanted = True
        self._call()
        with self._changed:
            self._changed.wait_for(lambda: self._live() or not self._wanted, _LONGEST_ANSWER_SECONDS)
            if session := self._live():
                return session
            if self._why is not None and not isinstance(self._why, (NoTerminal, SignInNeeded)):
                raise self._why
        raise NotNow(
            f"the session of profile `{self._way_in.settings.name}` is over, and nobody has signed in yet",
            hint="answer the question of `watchword serve`, or run `watchword login` in another terminal",
            see=_SEE,
        )

    def seconds_until_due(self) -> float:
        """Return for how long nothing has to be done; 0 when `renew` is to be called now."""
        pause = max(0.0, self._next_try - time.monotonic())
        if self._wanted:
            return pause
        now = self._way_in.now()
        return max(pause, (self._session.expires_at - now).total_seconds() - self._ahead())

    def needs_a_code(self) -> bool:
        """Return whether the next renewal has to ask for a code, as far as is known here."""
        return not self._from_live_source()

    def renew(self) -> SignedIn | None:
        """Get a session that lives longer; None when another process has got one meanwhile.

        Raises as `login`, and KeyboardInterrupt. After a failure it is due again when a program wants a
        session and there is none, not earlier than some seconds later.
        """
        try:
            found = current_session(self._way_in)
            if found is not None and self._is_better(found):
                self._take(found)
                return None
            signed_in = self._signed_in()
        except BaseException as error:
            self._failed(error if isinstance(error, WatchwordError) else None)
            raise
        self._take(signed_in.session)
        return signed_in

    def _signed_in(self) -> SignedIn:
        if self._session.how is How.CHAINED and self._from_live_source():
            self._way_in.store.forget(self._session)
            return login(self._way_in)
        return login(self._way_in, force=self._session.is_live(self._way_in.now()))

    def _from_live_source(self) -> bool:
        """Return whether the role can be assumed anew without a code."""
        if self._session.how is not How.CHAINED:
            return False
        if not isinstance(self._way_in.chain.source, AwsProfile):
            return True
        user = current_session(self._way_in.of_user())
        return user is not None and user.expires_at > self._way_in.now() + timedelta(seconds=60)

    def _ahead(self) -> int:
        if not self._session.is_live(self._way_in.now()):
            # Nobody wants it at present; whoever does will say so.
            return -(10**9)
        return _ROLE_AHEAD_SECONDS if self._from_live_source() else _CODE_AHEAD_SECONDS

    def _live(self) -> Session | None:
        now = self._way_in.now()
        if self._session.is_worth_using(now):
            return self._session
        found = current_session(self._way_in)
        if found is not None and self._is_better(found):
            self._take(found)
        return self._session if self._session.is_live(now) else None

    def _is_better(self, found: Session) -> bool:
        return found.expires_at > self._session.expires_at

    def _take(self, session: Session) -> None:
        with self._changed:
            self._session, self._wanted, self._why, self._next_try = session, False, None, 0.0
            self._changed.notify_all()

    def _failed(self, why: WatchwordError | None) -> None:
        with self._changed:
            self._why, self._wanted = why, False
            left = self._session.seconds_left(self._way_in.now())
            self._next_try = time.monotonic() + max(_BETWEEN_TRIES_SECONDS, left)
            self._changed.notify_all()
