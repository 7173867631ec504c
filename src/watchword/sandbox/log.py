"""The decision log: who asked for what, in which MFA state, and which statement decided."""

from __future__ import annotations

import errno
import os
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from watchword.sandbox.wire.error import SandboxRefusal

SCHEMA = "watchword/sandbox-log/v1"
_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One decision. `time` is the sandbox's (ISO 8601, UTC).

    `mfa` is `aws:MultiFactorAuthPresent` as the request carried it: absent, false, true or unknown.
    `outcome` is allowed, explicitDeny, implicitDeny, undetermined, refused when a rule of the service or of
    the sandbox refused before any policy was looked at, or unlisted when no policy was asked and the call
    ran. `statement` is the one that decided, `reason` what else there is to say: for an implicit denial,
    the statements that would have allowed the call and the conditions that they failed on. `via` are the
    services that called on the principal's behalf, with commas, the first one first; None for a direct
    call. No field ever holds a secret, a code or a token.
    """

    number: int
    time: str
    request_id: str
    principal: str
    credential: str
    mfa: str
    action: str
    resource: str
    outcome: str
    layer: str | None = None
    statement: str | None = None
    reason: str | None = None
    via: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the record as it is printed and stored."""
        return {"schema": SCHEMA, **{name: getattr(self, name) for name in self.__slots__}}


class DecisionLog:
    """The last decisions in memory, and all of them as JSON lines in a file. Any thread may use it."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._records: deque[LogRecord] = deque(maxlen=_KEPT)
        self._number = 0
        self._stream = None if file is None else file.open("ab", buffering=0)

    def write(
        self,
        *,
        time: datetime,
        request_id: str,
        principal: str,
        credential: str,
        mfa: str,
        action: str,
        resource: str,
        outcome: str,
        layer: str | None = None,
        statement: str | None = None,
        reason: str | None = None,
        via: str | None = None,
    ) -> None:
        """Add a decision. Raises SandboxRefusal when it cannot be written: then nothing is to be done."""
        with self._lock:
            record = LogRecord(
                number=self._number + 1,
                time=time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                request_id=request_id,
                principal=principal,
                credential=credential,
                mfa=mfa,
                action=action,
                resource=resource,
                outcome=outcome,
                layer=layer,
                statement=statement,
                reason=reason,
                via=via,
            )
            self._write(msgspec.json.encode(record.as_json()) + b"\n")
            self._records.append(record)
            self._number = record.number

    def _write(self, line: bytes) -> None:
        if self._stream is None:
            return
        end = self._stream.seek(0, os.SEEK_END)
        try:
            if self._stream.write(line) == len(line):
                return
            why = errno.ENOSPC
        except OSError as error:
            why = error.errno or errno.EIO
        self._stream.truncate(end)  # half a line would be none
        raise SandboxRefusal(
            f"nothing is done, since the log of decisions cannot be written: {os.strerror(why)}", status=507
        )

    def after(self, number: int) -> list[LogRecord]:
        """Return the records in memory that follow record `number` (0: all of them)."""
        with self._lock:
            return [record for record in self._records if record.number > number]

    def __iter__(self) -> Iterator[LogRecord]:
        return iter(self.after(0))

    def forget(self) -> None:
        """Begin anew: no records, in memory or in the file, and the next one has number 1."""
        with self._lock:
            self._records.clear()
            self._number = 0
            if self._stream is not None:
                self._stream.truncate(0)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._stream is not None:
                self._stream.close()
                self._stream = None
