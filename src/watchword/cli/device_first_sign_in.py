"""`watchword device first-sign-in`: from a key and a first password to a device and a new password."""

from __future__ import annotations

import json
import time

import click

from watchword.aws import NotALongTermKey, ProfileNotFound, Refusal
from watchword.cli.getting_in import announce, entrance, now, talk
from watchword.cli.options import color_option, not_a_code, output_option, profile_argument
from watchword.errors import ExitCode, UsageError, WatchwordError
from watchword.local.terminal import Terminal, open_terminal
from watchword.session import Entrance, SignedIn

_SEE = "docs/devices/first-sign-in.md"
_NEEDED = "run it in a terminal window: a QR code must be seen, codes and passwords be typed"


@click.command(
    "first-sign-in",
    short_help="Enrol, sign in, change the first password.",
    epilog="Examples: `watchword device first-sign-in` · `watchword device first-sign-in --user testuser`",
)
@profile_argument
@click.option(
    "--user",
    metavar="USER",
    callback=not_a_code,
    help="Tell how this user gets in, and what is in the way; nothing is asked or changed.",
)
@click.option(
    "--change-password/--no-change-password",
    default=None,
    help="Whether to change the password; without either it is changed where AWS wants it.",
)
@output_option
@color_option
def first_sign_in(
    profile: str | None,
    profile_option: str | None,
    user: str | None,
    change_password: bool | None,
    output: str,
) -> int | None:
    """Enrol a device, sign in with a code, change the first password: in the order that works.

    What is done already is not done again, so run it again after any interruption. Passwords are typed
    unseen, and are sent to AWS in the session that has MFA.
    """
    if user is not None:
        if change_password is not None:
            raise UsageError("`--user` changes nothing", hint="leave out `--change-password`", see=_SEE)
        return _judge(entrance(profile, profile_option), user, output)
    _walk(_own_entrance(profile, profile_option), change_password, output)
    return None


def _walk(way_in: Entrance, change_password: bool | None, output: str) -> None:
    from watchword.device.first_sign_in import Way, look, plan, walk
    from watchword.report.first_sign_in import plan_as_text, walked_as_text, walked_value

    standing = look(way_in, say=talk)
    talk(plan_as_text(plan(standing, change_password=change_password), standing))
    way = Way(
        enrol=lambda terminal: _enrol(way_in, terminal),
        open_terminal=lambda: open_terminal(hint=_NEEDED),
        announce=announce,
        say=talk,
        change_password=change_password,
    )
    value = walked_value(walk(standing, way))
    click.echo(json.dumps(value, indent=2) if output == "json" else walked_as_text(value, now()))


def _enrol(way_in: Entrance, terminal: Terminal) -> None:
    from watchword.device.at_screen import AtScreen
    from watchword.device.enrol import Wish, enrol

    person = AtScreen(clock=time.time, say=terminal.say)
    enrolled = enrol(way_in, Wish(), presenter=person, terminal=terminal, announce=announce)
    session, why_not = enrolled.checked.session, enrolled.checked.why_not
    talk(f"enabled {enrolled.serial_number}" + ("" if session else f"; it was not checked: {why_not}"))
    if session is not None:
        announce(SignedIn(session=session, fresh=True))


def _judge(way_in: Entrance, user: str, output: str) -> int:
    from watchword.device.acting import acting
    from watchword.device.first_sign_in_user import judge_user
    from watchword.device.refusal import explained
    from watchword.report.first_sign_in import judged_as_text, judged_value

    asking = acting(way_in, user, say=talk)
    owner = asking.owner()
    try:
        judged = judge_user(asking.signed, owner)
    except Refusal as refusal:
        raise explained(refusal, asking, resource=owner.arn) from None
    value = judged_value(judged)
    click.echo(json.dumps(value, indent=2) if output == "json" else judged_as_text(value))
    return ExitCode.FINDINGS if value["stuck"] else ExitCode.OK


def _own_entrance(profile: str | None, profile_option: str | None) -> Entrance:
    """Return the way in; who has no key is told what there is to do without one."""
    try:
        return entrance(profile, profile_option)
    except (NotALongTermKey, ProfileNotFound) as error:
        raise WatchwordError(
            error.message,
            hint=f"{error.hint or 'an access key is needed'}; with a password alone, sign in to the console;"
            " where that stops, an administrator runs `watchword device first-sign-in --user YOU`",
            see=_SEE,
        ) from error
