"""A sandbox in a thread of this process."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from watchword.sandbox.answer import Sandbox
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.control import Control
from watchword.sandbox.folder import Door, Folder
from watchword.sandbox.identity.root_key import new_root_key
from watchword.sandbox.key import Key
from watchword.sandbox.local_aws import LocalAws
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.occupied import occupied
from watchword.sandbox.process import ACCOUNT
from watchword.sandbox.scenario.model import Scenario
from watchword.sandbox.scenario.read import read_scenario
from watchword.sandbox.server import Server

_PATIENCE_SECONDS = 10


@contextlib.contextmanager
def sandbox(
    scenario: str | Path | Scenario | None = None,
    *,
    account: str = ACCOUNT,
    folder: Path | None = None,
    propagation_delay_seconds: float = 0,
    unlisted_allowed: bool = False,
) -> Iterator[LocalAws]:
    """Run a sandbox in a thread, on a free port of 127.0.0.1, until the `with` ends.

    `scenario` is a file of what it begins with; `account` the twelve digits of its account; `folder` where
    its config, credentials and log are, a temporary folder if None; the delay is how long STS does not see a
    new device (on AWS 8 to 14 seconds); `unlisted_allowed` lets operations through undecided of which nothing
    says what they need, instead of refusing them.

    Raises ScenarioInvalid or ScenarioRefused; SandboxInUse when this process has a sandbox already.
    """
    planned = scenario if scenario is None or isinstance(scenario, Scenario) else read_scenario(scenario)
    with (
        occupied(),
        running(
            account=account,
            folder=folder,
            propagation_delay_seconds=propagation_delay_seconds,
            unlisted_allowed=unlisted_allowed,
        ) as aws,
    ):
        if planned is not None:
            aws.apply(planned)
        yield aws


@contextlib.contextmanager
def running(
    *,
    account: str = ACCOUNT,
    folder: Path | None = None,
    propagation_delay_seconds: float = 0,
    unlisted_allowed: bool = False,
) -> Iterator[LocalAws]:
    """Run a sandbox in a thread. Whoever uses it must have this process's place for one: see `occupied`."""
    with contextlib.ExitStack() as open_things:
        if folder is None:
            folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="watchword-")))
        place = Folder(folder)
        place.make()
        place.decisions.touch(mode=0o600)
        server = Server()
        root_key = new_root_key(account)
        inner = Sandbox(
            account=account,
            root_key=root_key,
            host=server.host,
            clock=SandboxClock(),
            log=DecisionLog(place.decisions),
            propagation_delay=timedelta(seconds=propagation_delay_seconds),
            unlisted_allowed=unlisted_allowed,
        )
        open_things.callback(inner.log.close)
        token = secrets.token_urlsafe(32)
        control = Control(sandbox=inner, token=token, is_ready=lambda: True)
        door = Door(endpoint_url=server.endpoint_url, account=account, process_id=0, token=token)
        root = Key(access_key_id=root_key.access_key_id, secret_access_key=root_key.secret_access_key)
        aws = LocalAws(inner=inner, folder=place, door=door, root=root)
        inner.load()
        aws.reset()  # what another sandbox of this process has left in moto
        thread = threading.Thread(
            target=server.serve, args=(inner, control), name="watchword sandbox", daemon=True
        )
        thread.start()
        open_things.callback(thread.join, _PATIENCE_SECONDS)
        open_things.callback(server.stop)
        yield aws
