"""`watchword role assume`: get into a role by its name or ARN."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import click

from watchword.aws import ProfileSettings
from watchword.cli.command_after_dashes import CommandAfterDashes, cannot_run, failed_to_run
from watchword.cli.env import FailsInEval, shell_option
from watchword.cli.exec import warn_of_a_key
from watchword.cli.getting_in import announce, code_options, entrance
from watchword.cli.known_names import profile_names, role_names
from watchword.cli.options import color_option, not_a_code, refuse_code
from watchword.cli.subshell import become_subshell
from watchword.errors import UsageError
from watchword.fastpath.run import program_of, run
from watchword.report.shell import Shell, shell_lines
from watchword.session import RoleWish, Session, Wish, login, session_variables

_SEE = "docs/getting-in/roles.md"


class _Assume(CommandAfterDashes, FailsInEval):
    """A command that runs another, or prints lines for `eval`, or starts a shell."""

    def works_alone(self) -> bool:
        return True

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        # `more` is there to tell a code, or a command without its dashes, from what belongs here.
        return [piece for piece in super().collect_usage_pieces(ctx) if "MORE" not in piece]

    def is_for_eval(self, arguments: Sequence[str]) -> bool:
        own = arguments[: arguments.index("--")] if "--" in arguments else arguments
        return any(argument.partition("=")[0] == "--shell" for argument in own)


@click.command(
    cls=_Assume,
    params=[shell_option("Print the session for `eval` instead, in this language.")],
    epilog="Examples: `watchword role assume Support -- aws s3 ls` · "
    '`eval "$(watchword role assume Support work --shell bash)"`',
)
@click.argument("role", callback=not_a_code, shell_complete=role_names)
@click.argument("profile", required=False, callback=not_a_code, shell_complete=profile_names)
@click.argument("more", nargs=-1, expose_value=False, callback=lambda *given: _nothing_more(given[2]))
@click.option("--external-id", metavar="ID", help="What the role's owner wants to be told.")
@click.option("--source-identity", metavar="NAME", help="Who this is, through all roles that follow.")
@click.option("--session-name", metavar="NAME", help="How CloudTrail calls the session; else your user name.")
@click.option("--tag", "tags", metavar="KEY=VALUE", multiple=True, help="A tag of the session.")
@click.option(
    "--transitive-tag", "transitive", metavar="KEY", multiple=True, help="A tag that roles after keep."
)
@click.option("--force", is_flag=True, help="Open a new session even if the present one is still good.")
@code_options
@color_option
@click.pass_context
def assume(
    context: click.Context,
    role: str,
    profile: str | None,
    wish: Wish,
    force: bool,
    shell: str | None,
    external_id: str | None,
    source_identity: str | None,
    session_name: str | None,
    tags: Sequence[str],
    transitive: tuple[str, ...],
) -> None:
    """Get into a role of your account by its name, or into any role by its ARN.

    The name is taken as it is written, and never for a part of another one. Runs the command behind `--`;
    with `--shell` prints lines for `eval`; without both starts your shell, when this is a terminal.

    The role is assumed from your session, and a code is asked for only when there is none. With `--duration`
    of more than an hour (up to 12h, if the role allows it) the code is given to the role itself.
    """
    inherited, command = dict(os.environ), list[str](context.obj)
    program = program_of(command[0], inherited) if command else None
    if command and program is None:
        cannot_run(context, command[0])
    asked = RoleWish(
        role=role,
        external_id=external_id,
        source_identity=source_identity,
        role_session_name=session_name,
        tags=_parsed(tags),
        transitive_tag_keys=transitive,
    )
    way_in = entrance(profile, None, replace(wish, role=asked))
    signed_in = login(way_in, force=force)
    announce(signed_in)
    session, settings = signed_in.session, way_in.settings
    if shell is not None:
        _print(Shell(shell), session, settings, inherited)
    elif program is not None:
        warn_of_a_key(settings.name, command)
        try:
            run(program, command, session_variables(session, settings, inherited).applied_to(inherited))
        except OSError as error:
            failed_to_run(context, command[0], error)
    elif sys.stdin.isatty() and sys.stdout.isatty():
        become_subshell(session, settings, inherited)


def _print(shell: Shell, session: Session, settings: ProfileSettings, inherited: Mapping[str, str]) -> None:
    variables = session_variables(session, settings, inherited)
    click.echo(shell_lines(shell, unset=variables.unset, values=variables.set), nl=False)


def _nothing_more(more: Sequence[str]) -> None:
    """Raise `UsageError` for what comes behind the profile: a code, or a command without its dashes."""
    for each in more:
        refuse_code(each)
    if more:
        raise UsageError(
            "there are no dashes before the command",
            hint="put `--` before it: `watchword role assume Support work -- aws s3 ls`",
            see=_SEE,
        )


def _parsed(tags: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in tags:
        key, equals, value = tag.partition("=")
        if not equals or not key or key in found:
            raise UsageError(
                f"`{tag}` is no tag, or its key comes twice", hint="write `--tag team=red`", see=_SEE
            )
        found[key] = value
    return found
