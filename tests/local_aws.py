"""A sandbox for tests: a real server on a free port, in a thread of the test's own process.

What everybody may use is `watchword.sandbox`; here is what only these tests want of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchword.sandbox.environment import shell_environment
from watchword.sandbox.identity.budget import WINDOW_SECONDS
from watchword.sandbox.key import Key
from watchword.sandbox.local_aws import LocalAws as RunningSandbox
from watchword.sandbox.occupied import occupied
from watchword.sandbox.process import ACCOUNT
from watchword.sandbox.running import running

__all__ = ["Key", "LocalAws", "local_aws"]


class LocalAws(RunningSandbox):
    """A running sandbox. `environment` is what a shell would have after `eval "$(watchword sandbox env)"`."""

    @property
    def access_key_id(self) -> str:
        return self.root.access_key_id

    @property
    def secret_access_key(self) -> str:
        return self.root.secret_access_key

    @property
    def environment(self) -> dict[str, str]:
        return dict(shell_environment(self.folder, self.door, {}).set_variables)

    def begin_window_of_checks(self) -> None:
        """Move the time to where AWS begins to count checks anew: all that follow are in one window."""
        past = self.inner.clock.now().timestamp() % WINDOW_SECONDS
        self.move_clock(WINDOW_SECONDS - past)

    def phone(self, wanted: str) -> str:  # type: ignore[override] # these tests want the code that is shown
        """Return the present code of a user's (or of the named, or of the numbered) device."""
        return super().phone(wanted).shown_code()

    def next_code(self, wanted: str) -> str:
        """Return the code that comes next."""
        return super().phone(wanted).next_code()

    def fresh_code(self, wanted: str) -> str:
        """Move the clock to a new time step, and return its code: one that was never shown before."""
        self.move_clock(30)
        return self.phone(wanted)

    def session(  # type: ignore[override] # of STS, not of boto3
        self, key: Key, serial: str | None = None, *, duration_seconds: int = 43_200
    ) -> Key:
        """Return a GetSessionToken session of `key`, with a code of the device if one is named."""
        code = {} if serial is None else {"SerialNumber": serial, "TokenCode": self.fresh_code(serial)}
        answer = self.client("sts", key).get_session_token(DurationSeconds=duration_seconds, **code)
        return Key.of(answer["Credentials"])


@contextmanager
def local_aws(
    path: Path, *, account: str = ACCOUNT, propagation_delay_seconds: float = 0
) -> Iterator[LocalAws]:
    """Run a sandbox in a thread, with its folder at `path`, until the `with` ends."""
    with (
        occupied(),
        running(account=account, folder=path, propagation_delay_seconds=propagation_delay_seconds) as aws,
    ):
        yield LocalAws(inner=aws.inner, folder=aws.folder, door=aws.door, root=aws.root)
