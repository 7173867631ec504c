"""The process of a sandbox: started behind the shell, found again, and stopped through its own door."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from watchword.errors import WatchwordError
from watchword.sandbox.folder import SEE, Door, Folder, NoSandbox, SandboxIsUp
from watchword.sandbox.trail.folder import make_folder

if TYPE_CHECKING:
    from watchword.sandbox.identity.directory import LongTermKey
    from watchword.sandbox.server import Server
    from watchword.sandbox.state.state import Life, State

ACCOUNT = "123456789012"
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.02
_UP_ALREADY = 75  # EX_TEMPFAIL of sysexits(3)
_CANNOT_LISTEN = 69  # EX_UNAVAILABLE
_REFUSED = 78  # EX_CONFIG


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a sandbox is to run.

    `port` 0 takes a free one; the delay is that of a new device at STS; `cloudtrail` is the folder for
    CloudTrail's files, `state` the one to go on with. `account` None is that of the state, else 123456789012.
    `unlisted_allowed` lets operations through that are in no table.
    """

    folder: Folder
    port: int = 0
    account: str | None = None
    state: Path | None = None
    propagation_delay_seconds: float = 0.0
    cloudtrail: Path | None = None
    unlisted_allowed: bool = False

    def arguments(self) -> list[str]:
        """Return the options as arguments of the process."""
        return [
            f"--dir={self.folder.path}",
            f"--port={self.port}",
            f"--propagation-delay={self.propagation_delay_seconds}",
            *([f"--account={self.account}"] if self.account else []),
            *([f"--cloudtrail={self.cloudtrail}"] if self.cloudtrail else []),
            *([f"--state={self.state}"] if self.state else []),
            *(["--unlisted-allowed"] if self.unlisted_allowed else []),
        ]


def start(options: Options) -> Door:
    """Start a sandbox that outlives this process, and return once it answers.

    Raises SandboxIsUp when there is one already, WatchwordError when it does not start.
    """
    if options.cloudtrail is not None:
        make_folder(options.cloudtrail)  # here, where somebody reads what is wrong with it
    options.folder.make()
    if options.folder.is_held():
        raise _up_already(options.folder)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(options.folder.process_log, flags, 0o600), "ab") as log:
        os.fchmod(log.fileno(), 0o600)
        child = subprocess.Popen(
            [sys.executable, "-m", "watchword.sandbox.process", *options.arguments()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            close_fds=True,
        )
    return wait_for(child, options)


def wait_for(child: subprocess.Popen[bytes], options: Options) -> Door:
    """Return how a sandbox that was just started is reached, once it is. Raises as `start`."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        code = child.poll()
        if code is not None:
            raise _ended(code, options)
        door = _door_of(options.folder, child.pid)
        if door is not None:
            child.returncode = 0  # it is on its own now: no warning when this object goes
            return door
        time.sleep(_POLL_SECONDS)
    child.terminate()
    raise WatchwordError(
        f"the sandbox did not start within {_PATIENCE_SECONDS:.0f} seconds",
        hint=f"`{options.folder.process_log}` says more",
        see=SEE,
    )


def _door_of(folder: Folder, process_id: int) -> Door | None:
    try:
        door = folder.open_door()
    except NoSandbox:
        return None
    return door if door.process_id == process_id else None


def _ended(code: int, options: Options) -> WatchwordError:
    if code == _UP_ALREADY:
        return _up_already(options.folder)
    if code == _CANNOT_LISTEN:
        return WatchwordError(
            f"cannot listen on port {options.port} of 127.0.0.1",
            hint="another program may have it; without --port a free one is taken",
            see=SEE,
        )
    if code == _REFUSED and (failure := options.folder.take_failure()) is not None:
        return failure
    return WatchwordError(
        "the sandbox ended while it started", hint=f"`{options.folder.process_log}` says more", see=SEE
    )


def _up_already(folder: Folder) -> SandboxIsUp:
    try:
        where = f" at {folder.open_door().endpoint_url}"
    except NoSandbox:
        where = ""
    return SandboxIsUp(
        f"a sandbox is up already{where}",
        hint="`watchword sandbox env` prints how to use it; `watchword sandbox down` stops it; "
        "`watchword sandbox up --dir DIR` starts another",
        see=SEE,
    )


def run(options: Options, *, listening: Callable[[Door], None] | None = None) -> int:
    """Be the sandbox until it is stopped, and return the exit code. SIGTERM and SIGINT stop it.

    `listening` is called once it can be reached.
    """
    os.umask(0o077)
    options.folder.make()
    try:
        with options.folder.hold():
            try:
                return _serve(options, listening)
            finally:
                options.folder.clear()
    except SandboxIsUp:
        return _UP_ALREADY
    except WatchwordError as error:
        sys.stderr.write(f"{error}\n")
        options.folder.write_failure(error)
        return _REFUSED


def run_in_foreground(options: Options, listening: Callable[[Door], None]) -> int:
    """Be the sandbox in this terminal, and call `listening` once it can be reached.

    Raises SandboxIsUp or WatchwordError when it cannot start.
    """
    code = run(options, listening=listening)
    if code:
        raise _ended(code, options)
    return code


def _serve(options: Options, listening: Callable[[Door], None] | None) -> int:
    from watchword.sandbox.state.state import open_state

    with contextlib.ExitStack() as held:
        state = None if options.state is None else held.enter_context(open_state(options.state, os.environ))
        life = _life(options, state)
        server, note = _listen(options.port, life)
        if server is None:
            return _CANNOT_LISTEN
        return _be(options, server, state=state, life=life, note=note, listening=listening)


def _life(options: Options, state: State | None) -> Life | None:
    """Return what the state says this sandbox was; None for a new one. Raises WatchwordError."""
    life = None if state is None else state.life
    if life is not None and options.account not in {None, life.account}:
        raise WatchwordError(
            f"the state in `{options.state}` is of account {life.account}, not {options.account}",
            hint=f"leave out --account, or name another --state DIR for {options.account}",
            see="docs/sandbox/state.md",
        )
    return life


def _listen(port: int, life: Life | None) -> tuple[Server | None, str | None]:
    """Return a server, on the port that it had before if it can have it, and what is to be said of that."""
    from watchword.sandbox.server import Server

    if port or life is None:
        try:
            return Server(port=port), None
        except OSError:
            return None, None
    try:
        return Server(port=life.port), None
    except OSError:
        return Server(), (
            f"port {life.port}, where it was before, is taken: it has another address now. "
            'Shells that used it need `eval "$(watchword sandbox env)"` again.'
        )


def _be(
    options: Options,
    server: Server,
    *,
    state: State | None,
    life: Life | None,
    note: str | None,
    listening: Callable[[Door], None] | None,
) -> int:
    from watchword.sandbox.answer import Sandbox
    from watchword.sandbox.clock import SandboxClock
    from watchword.sandbox.control import Control
    from watchword.sandbox.log import DecisionLog
    from watchword.sandbox.trail.delivery import Trail

    folder = options.folder
    folder.decisions.unlink(missing_ok=True)
    account = life.account if life is not None else options.account or ACCOUNT
    root_key = life.root_key if life is not None else new_root_key(account)
    clock = SandboxClock()
    trail = None if options.cloudtrail is None else Trail(options.cloudtrail, now=clock.now)
    sandbox = Sandbox(
        account=account,
        root_key=root_key,
        host=server.host,
        clock=clock,
        log=DecisionLog(folder.decisions),
        propagation_delay=timedelta(seconds=options.propagation_delay_seconds),
        trail=trail,
        begun_at=None if life is None else life.begun_at,
        unlisted_allowed=options.unlisted_allowed,
    )
    ready = threading.Event()
    token = secrets.token_urlsafe(32)
    control = Control(sandbox=sandbox, token=token, is_ready=ready.is_set)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    if state is None:
        folder.write_profiles(
            endpoint_url=server.endpoint_url,
            access_key_id=root_key.access_key_id,
            secret_access_key=root_key.secret_access_key,
        )
        threading.Thread(target=_load, args=(sandbox.load, ready), daemon=True).start()
    else:
        state.keep(sandbox, port=server.port)
        state.write_profiles(folder, endpoint_url=server.endpoint_url, root_key=root_key)
        ready.set()
    door = Door(
        endpoint_url=server.endpoint_url, account=account, process_id=os.getpid(), token=token, note=note
    )
    folder.write_door(door)
    if listening is not None:
        listening(door)
    server.serve(sandbox, control)
    if trail is not None:
        trail.close()
    return 0


def _load(load: Callable[[], None], ready: threading.Event) -> None:
    load()
    ready.set()


def new_root_key(account: str) -> LongTermKey:
    """Return a random root key."""
    from watchword.sandbox.identity import root_key

    return root_key.new_root_key(account)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sandbox in this process (`python -m watchword.sandbox.process`)."""
    parser = argparse.ArgumentParser(prog="watchword.sandbox.process")
    parser.add_argument("--dir", required=True, type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account")
    parser.add_argument("--state", type=Path)
    parser.add_argument("--propagation-delay", type=float, default=0.0)
    parser.add_argument("--cloudtrail", type=Path)
    parser.add_argument("--unlisted-allowed", action="store_true")
    given = parser.parse_args(arguments)
    return run(
        Options(
            folder=Folder(given.dir),
            port=given.port,
            account=given.account,
            state=given.state,
            propagation_delay_seconds=given.propagation_delay,
            cloudtrail=given.cloudtrail,
            unlisted_allowed=given.unlisted_allowed,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
