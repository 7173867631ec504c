"""Where codes come from: one file a source, and the choice of one."""

from __future__ import annotations

from collections.abc import Callable

from watchword.errors import NoTerminal
from watchword.local.stderr_only import StderrOnly
from watchword.local.terminal import Terminal
from watchword.session.code_from import CodeFrom, CodeSourceKind
from watchword.session.codes.asked import Asked
from watchword.session.codes.source import CodeSource, Occasion

__all__ = ["Asked", "CodeSource", "Occasion", "open_source", "talk_to"]


def open_source(wanted: CodeFrom | None, *, mfa_process: str | None) -> CodeSource:
    """Return the source of codes: the one that was asked for, the profile's `mfa_process`, or a person."""
    if wanted is None:
        return _process(mfa_process, "`mfa_process` of the profile") if mfa_process else Asked()
    of = wanted.of or ""
    match wanted.kind:
        case CodeSourceKind.STDIN:
            from watchword.session.codes.standard_input import StandardInput

            return StandardInput()
        case CodeSourceKind.PROCESS:
            return _process(of, "`--mfa-from process`")
        case CodeSourceKind.YKMAN:
            from watchword.session.codes.ykman import Ykman

            return Ykman(wanted.of)
        case CodeSourceKind.OP:
            from watchword.session.codes.onepassword import OnePassword

            return OnePassword(of)
        case CodeSourceKind.BW:
            from watchword.session.codes.bitwarden import Bitwarden

            return Bitwarden(of)
        case CodeSourceKind.PASS:
            from watchword.session.codes.pass_otp import PassOtp

            return PassOtp(of)
        case CodeSourceKind.KEYRING:
            from watchword.session.codes.keyring_seed import KeyringSeed

            return KeyringSeed()


def talk_to(source: CodeSource, open_terminal: Callable[[], Terminal]) -> Terminal:
    """Return who is told what happens: the terminal, or stderr alone where the source needs nobody.

    Raises `NoTerminal` when nobody can be asked, and a person must give the code.
    """
    try:
        return open_terminal()
    except NoTerminal as nobody:
        if source.asks:
            raise
        return StderrOnly(hint=nobody.hint)


def _process(command: str, said_by: str) -> CodeSource:
    from watchword.session.codes.process import Process

    return Process(command, said_by=said_by)
