"""Another program's `credential_process` as the beginning of a chain of roles.

Source: "Process credential provider", AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from botocore import exceptions
from botocore.credentials import ProcessProvider

from watchword.aws.errors import SEE_SOURCES, UnusableSource
from watchword.aws.source_credentials import OtherSource, short_lived
from watchword.aws.source_mfa import MfaKnowledge
from watchword.fastpath.session_file import Credentials

# As long as a person may take to find the phone: the program may ask for a code itself.
_LONGEST_SECONDS = 300
_ASKED_FOR = "WATCHWORD_ASKED_FOR"


def credential_process(name: str, settings: Mapping[str, Any]) -> OtherSource:
    """Return the source that profile `name` is, whose settings are `settings`."""
    command = str(settings["credential_process"])
    return OtherSource(
        name=name,
        what="another program (`credential_process`)",
        # The command may hold what is nobody's business.
        cache_name=f"process {hashlib.sha256(command.encode()).hexdigest()}",
        mfa=MfaKnowledge.UNKNOWN,
        mfa_says=f"whether the program of profile `{name}` asked for a code, only that program knows",
        _load=lambda: _credentials(name, command),
    )


def _credentials(name: str, command: str) -> Credentials:
    names = os.environ.get(_ASKED_FOR, "").split("\n")
    if name in names:
        raise UnusableSource(
            f"the `credential_process` of profile `{name}` asks for that profile again",
            hint="name a program there that has credentials of its own",
            see=SEE_SOURCES,
        )
    run = _Run(name, {_ASKED_FOR: "\n".join([*filter(None, names), name])})
    sdk = ProcessProvider(
        profile_name=name,
        load_config=lambda: {"profiles": {name: {"credential_process": command}}},
        popen=run,
    )
    return short_lived(f"profile `{name}`", "credential_process", "the program", lambda: _printed(name, sdk))


def _printed(name: str, sdk: ProcessProvider) -> Any:  # noqa: ANN401 the SDK has no types
    try:
        return sdk.load()
    except (exceptions.CredentialRetrievalError, ValueError, AttributeError, TypeError):
        # Not with what it printed: that may be half of a secret.
        raise UnusableSource(
            f"the `credential_process` of profile `{name}` printed no credentials",
            hint='it must print JSON with `"Version": 1`, AccessKeyId, SecretAccessKey and SessionToken',
            see=SEE_SOURCES,
        ) from None


class _Run:
    """Runs the program once, in the place of `Popen`; the SDK asks again when the credentials end soon."""

    def __init__(self, name: str, more: Mapping[str, str]) -> None:
        self._name = name
        self._more = more
        self._output: bytes | None = None
        self.returncode = 0

    def __call__(self, arguments: Sequence[str], **_: object) -> _Run:
        if self._output is None:
            self._output = self._run(arguments)
        return self

    def communicate(self) -> tuple[bytes, bytes]:
        """Return what it printed, as `Popen.communicate` does."""
        return self._output or b"", b""

    def _run(self, arguments: Sequence[str]) -> bytes:
        try:
            # Its stderr is the user's: it may ask something there, or say why it fails.
            ended = subprocess.run(
                arguments,
                stdout=subprocess.PIPE,
                env={**os.environ, **self._more},
                timeout=_LONGEST_SECONDS,
                check=False,
            )
        except OSError as error:
            raise self._failed(f"cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise self._failed(f"gave no answer for {_LONGEST_SECONDS} s and was ended") from None
        if ended.returncode != 0:
            raise self._failed(f"ended with exit code {ended.returncode}")
        return ended.stdout

    def _failed(self, how: str) -> UnusableSource:
        return UnusableSource(
            f"the `credential_process` of profile `{self._name}` {how}",
            hint="run that line of the profile by itself to see why",
            see=SEE_SOURCES,
        )
