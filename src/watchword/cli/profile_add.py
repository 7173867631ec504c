"""`watchword profile add`: a profile that asks watchword for its session."""

from __future__ import annotations

import json
import os

import click

from watchword.aws import named, profile_in_use
from watchword.cli.getting_in import entrance, session_for_work, talk
from watchword.cli.options import color_option, output_option
from watchword.errors import UsageError
from watchword.local.aws_files import checked_name, config_path
from watchword.report.profile import added_text, added_value
from watchword.session import RoleWish, Wish
from watchword.session.profile_add import NewProfile, add_profile, config_with
from watchword.session.profile_files import SEE, read_profile_files

_ARN = "arn:"


@click.command(
    epilog="Examples: `watchword profile add work-mfa --from work`"
    " · `watchword profile add deploy --from work --role Deploy`"
)
@click.argument("name")
@click.option("--from", "source", metavar="PROFILE", help="Whose session it is; else the profile in use.")
@click.option("--role", metavar="ROLE", help="The session is in this role: its ARN, or its name.")
@click.option("--print", "only_print", is_flag=True, help="Print what would be written; write nothing.")
@output_option
@color_option
def add(name: str, source: str | None, role: str | None, only_print: bool, output: str) -> None:
    """Add a profile that gets its credentials from watchword, each time that a program needs some.

    `aws --profile NAME`, boto3 and every other SDK then run in the session; it is renewed for a code,
    asked on the terminal. What is written is printed, too: a `credential_process` in the config file.

    A role's name is looked up in the session, so that a code may be asked; its ARN needs none.
    A profile that holds a key, assumes a role or signs in elsewhere is never written over.
    """
    beginning = profile_in_use(source)
    new = NewProfile(profile=checked_name(name), source=beginning)
    config_with(new, read_profile_files(os.environ))  # what is in the way is said before a code is asked
    if role is None or role.startswith(_ARN):
        entrance(beginning, None, None if role is None else Wish(role=RoleWish(role=role)))
        role_arn = role
    else:
        role_arn = _role_arn(beginning, role)
    new = NewProfile(profile=new.profile, source=beginning, role_arn=role_arn)
    config = config_with(new, read_profile_files(os.environ))
    changed = not only_print and add_profile(new, os.environ)
    value = added_value(new, config, changed=changed)
    click.echo(json.dumps(value, indent=2) if output == "json" else added_text(value))
    if not only_print:
        done = "is in" if changed else "stands unchanged in"
        talk(
            f"profile `{new.profile}` {done} `{config_path(os.environ)}`; try it:"
            f" `aws sts get-caller-identity --profile {named(new.profile)}`"
        )


def _role_arn(source: str, role: str) -> str:
    session, _ = session_for_work(entrance(source, None, Wish(role=RoleWish(role=role))))
    if session.role is None:
        raise UsageError(f"`{role}` is not a role", hint="name it by its ARN", see=SEE)
    return session.role.arn
