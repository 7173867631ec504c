"""`watchword logout`: forget the session."""

from __future__ import annotations

import os

import click

from watchword.aws import NotALongTermKey, ProfileNotFound, profile_in_use
from watchword.cli.cli_cache import forget_for
from watchword.cli.env import shell_option
from watchword.cli.getting_in import entrance, now, store, talk
from watchword.cli.options import color_option, one_profile, profile_argument
from watchword.cli.profile_forget import forget_written_for
from watchword.errors import UsageError
from watchword.report.shell import Shell, guess_shell, shell_lines
from watchword.report.span import ending
from watchword.session import Session, SessionStore, sessions_of, variables_after_logout


@click.command(
    params=[
        shell_option(
            "Print, for `eval`, what takes the session out of this shell as well.", but=[Shell.DOTENV]
        )
    ],
    epilog='Examples: `watchword logout --all` · `eval "$(watchword logout --shell bash)"`',
)
@profile_argument
@click.option("--all", "everything", is_flag=True, help="Forget the sessions of all profiles.")
@color_option
def logout(profile: str | None, profile_option: str | None, everything: bool, shell: str | None) -> None:
    """Forget the session on this machine, and the sessions of roles that began with it.

    Works without the profile, which may be gone by now.
    AWS cannot take a session back: copies in other shells and programs live until it expires.
    """
    left = variables_after_logout(os.environ)
    if everything and (profile or profile_option):
        raise UsageError("a profile and `--all` are both given", hint="name one", see="docs/rooms/cli.md")
    if shell is not None:
        # First: what is wrong with files and profiles must not keep a shell from letting go of a session.
        click.echo(shell_lines(Shell(shell), unset=left.unset, values=left.set), nl=False)
    if everything:
        _forget_all(store())
        forget_written_for(None)
    else:
        for name in _forget_one(profile_in_use(one_profile(profile, profile_option))):
            forget_written_for(name)
    if shell is None and left.unset:
        talk(f"still set in this shell: {', '.join(left.unset)}")
        talk(f"hint: {_taking_out()} takes them out")


def _taking_out() -> str:
    try:
        shell = guess_shell(os.environ)
    except UsageError:
        shell = Shell.BASH
    match shell:
        case Shell.FISH:
            return "`watchword logout --shell fish | source`"
        case Shell.POWERSHELL:
            return "`watchword logout --shell powershell | Out-String | Invoke-Expression`"
        case Shell.NUSHELL:
            return "`watchword logout --shell nushell | save --force out.nu; source out.nu`"
        case Shell.BASH | Shell.ZSH | Shell.CMD | Shell.JSON | Shell.DOTENV:
            return f'`eval "$(watchword logout --shell {"zsh" if shell is Shell.ZSH else "bash"})"`'


def _forget_all(kept: SessionStore) -> None:
    kept.sweep()
    stored = list(kept.all())
    for each in stored:
        kept.remove(each)
        if each.session:
            _say_forgotten(each.session)
        else:
            talk(f"removed: {each.problem}")
    forget_for(None, [each.session for each in stored if each.session])
    if not stored:
        talk("there was no session")


def _forget_one(name: str) -> list[str]:
    """Forget the sessions of a profile; return it and the profiles that those were opened by."""
    sessions, problem = _of_profile(name)
    for session in sessions:
        store().remove(session)
        _say_forgotten(session)
    forget_for(name, sessions)
    if not sessions:
        talk(f"there was no session for profile `{name}`{f'; {problem}' if problem else ''}")
    return list(dict.fromkeys([name, *(session.profile for session in sessions)]))


def _of_profile(name: str) -> tuple[list[Session], str | None]:
    """Return what is kept for the profile, also of keys and devices that it had before.

    Without the profile's key, for it may be gone: what it left is found by its name then, and what is
    wrong with the profile is the second value.
    """
    try:
        return sessions_of(entrance(name, None)), None
    except (ProfileNotFound, NotALongTermKey) as error:
        kept = [each.session for each in store().all()]
        return [session for session in kept if session and session.profile == name], error.message


def _say_forgotten(session: Session) -> None:
    talk(f"signed out of profile `{session.profile}` ({session.arn})")
    if session.is_live(now()):
        talk(f"copies that were handed out stay good until {ending(session.expires_at, now())}")
