"""The sandbox's own folder: where it is, what stands in it, and who may read that (nobody else)."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from watchword.errors import WatchwordError
from watchword.local.cache_folder import private_folder

SEE = "docs/rooms/sandbox.md"


class SandboxIsUp(WatchwordError):
    """There is a sandbox in this folder already."""


class NoSandbox(WatchwordError):
    """There is no sandbox in this folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a running sandbox is reached. `token` opens the control door; `note` is for whoever started it."""

    endpoint_url: str
    account: str
    process_id: int
    token: str = field(repr=False)
    note: str | None = None

    @property
    def host(self) -> str:
        """Where it listens, such as `127.0.0.1:4566`."""
        return self.endpoint_url.removeprefix("http://")


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one sandbox."""

    path: Path

    @property
    def config(self) -> Path:
        """The AWS config file."""
        return self.path / "config"

    @property
    def credentials(self) -> Path:
        """The AWS credentials file: the random root key as `root`, and what users add."""
        return self.path / "credentials"

    @property
    def door(self) -> Path:
        """Endpoint and token of the running process."""
        return self.path / "door.json"

    @property
    def decisions(self) -> Path:
        """The decision log, one JSON object a line."""
        return self.path / "decisions.jsonl"

    @property
    def devices(self) -> Path:
        """The devices that a scenario made, with their seeds."""
        return self.path / "devices.json"

    @property
    def process_log(self) -> Path:
        """What the process itself had to say."""
        return self.path / "process.log"

    @property
    def failure(self) -> Path:
        """Why a process ended before it could be reached."""
        return self.path / "failure.json"

    @property
    def lock(self) -> Path:
        """Held by the process for as long as it lives; only processes of sandboxes ask for it."""
        return self.path / "lock"

    @property
    def life(self) -> Path:
        """Held by the process too; whoever wants to know whether it lives tries this one."""
        return self.path / "life"

    def make(self) -> None:
        """Make the folder, for its owner alone. Raises WatchwordError when it is not safe."""
        private_folder(self.path, variable="WATCHWORD_SANDBOX")

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Be the sandbox of this folder. Raises SandboxIsUp when another process is.

        The kernel drops both locks, however the process ends. There are two, because asking takes a lock
        for an instant, and must not keep a sandbox from starting.
        """
        lock, life = _open_lock(self.lock), _open_lock(self.life)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SandboxIsUp(
                    f"a sandbox is up already in `{self.path}`",
                    hint="`watchword sandbox env` prints how to use it; `watchword sandbox down` stops it",
                    see=SEE,
                ) from None
            fcntl.flock(life, fcntl.LOCK_EX)
            yield
        finally:
            # In this order: whoever sees that the sandbox is gone can start one at once.
            os.close(lock)
            os.close(life)

    def is_held(self) -> bool:
        """Tell whether a process of a sandbox lives in this folder."""
        try:
            descriptor = os.open(self.life, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def open_door(self) -> Door:
        """Return how the running sandbox is reached. Raises NoSandbox when none runs here."""
        if not self.is_held():
            named = self != sandbox_folder(None, os.environ)
            up = (
                f"watchword sandbox up --dir {shlex.quote(str(self.path))}"
                if named
                else "watchword sandbox up"
            )
            raise NoSandbox(f"no sandbox is up in `{self.path}`", hint=f"`{up}` starts one", see=SEE)
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            return Door(**json.loads(self.door.read_text(encoding="utf-8")))
        raise NoSandbox(
            f"the sandbox in `{self.path}` is just starting or stopping",
            hint="try again in a second",
            see=SEE,
        )

    def write_door(self, door: Door) -> None:
        """Say how this process is reached."""
        _write(self.door, json.dumps(asdict(door)))

    def write_profiles(self, *, endpoint_url: str, access_key_id: str, secret_access_key: str) -> None:
        """Write the config and credentials files of a fresh sandbox: root's key in the profile `root`.

        There is no default profile: a command that has lost its own credentials must not go on as root.
        """
        for file in (self.config, self.credentials):
            if file.is_symlink():  # to the profiles of a state, which stay with it
                file.unlink()
        _write(self.config, f"[profile root]\nregion = us-east-1\nendpoint_url = {endpoint_url}\n")
        _write(
            self.credentials,
            f"[root]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {secret_access_key}\n",
        )

    def add_profile(
        self,
        name: str,
        *,
        endpoint_url: str,
        access_key_id: str,
        secret_access_key: str,
        mfa_serial: str | None = None,
    ) -> None:
        """Put a key into the config and credentials files, beside what stands there.

        Raises UnreadableAwsFile, and NotRewritten when a file cannot be replaced.
        """
        from watchword.local.aws_files import config_section, edit

        settings = {"region": "us-east-1", "endpoint_url": endpoint_url}
        if mfa_serial is not None:
            settings["mfa_serial"] = mfa_serial
        key = {"aws_access_key_id": access_key_id, "aws_secret_access_key": secret_access_key}
        edit(self.config, lambda file: file.set(config_section(file, name), settings), private=True)
        edit(self.credentials, lambda file: file.set(name, key), private=True)

    def link_profiles(self, kept_in: Path) -> None:
        """Have the config and credentials files of another folder stand here, as links."""
        for file in (self.config, self.credentials):
            file.unlink(missing_ok=True)
            file.symlink_to(kept_in / file.name)

    def write_failure(self, error: WatchwordError) -> None:
        """Say why this process cannot be the sandbox, for whoever started it."""
        _write(self.failure, json.dumps({"message": str(error), "hint": error.hint, "see": error.see}))

    def take_failure(self) -> WatchwordError | None:
        """Return what `write_failure` said, once."""
        try:
            said = json.loads(self.failure.read_text(encoding="utf-8"))
            self.failure.unlink()
            return WatchwordError(said["message"], hint=said["hint"], see=said["see"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_devices(self, text: str) -> None:
        """Write the file of the devices that a scenario made."""
        _write(self.devices, text)

    def clear(self) -> None:
        """Remove what only a running sandbox has. The log of its decisions stays until the next start."""
        for file in (self.door, self.config, self.credentials, self.devices):
            file.unlink(missing_ok=True)


def sandbox_folder(given: str | None, environment: Mapping[str, str]) -> Folder:
    """Return the folder: `given`, or WATCHWORD_SANDBOX, or `watchword/sandbox` below the user's state folder.

    Source: XDG Base Directory Specification 0.8, "$XDG_STATE_HOME" (relative paths are ignored).
    """
    named = given or environment.get("WATCHWORD_SANDBOX")
    if named:
        return Folder(Path(named).expanduser().absolute())
    state = environment.get("XDG_STATE_HOME", "")
    home = Path(environment.get("HOME") or Path.home())
    base = Path(state) if state.startswith("/") else home / ".local" / "state"
    return Folder(base / "watchword" / "sandbox")


def _open_lock(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _write(file: Path, text: str) -> None:
    """Replace a file at once, readable by its owner alone; a link stays, and what it names is replaced."""
    file = file.resolve()
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    temporary.replace(file)
