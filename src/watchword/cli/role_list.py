"""`watchword role list`: the roles of the account, and which let you in."""

from __future__ import annotations

import json

import click

from watchword.cli.getting_in import entrance, getting_in_options, session_for_work
from watchword.cli.options import color_option, output_option, profile_argument, stdout_style
from watchword.report.role import roles_text, roles_value
from watchword.session import Wish
from watchword.session.role_list import roles_for


@click.command(
    "list", epilog="Examples: `watchword role list` · `watchword role list work --all --output json`"
)
@profile_argument
@click.option("--all", "everything", is_flag=True, help="Also the roles that belong to AWS services.")
@getting_in_options
@output_option
@color_option
def list_roles(
    profile: str | None, profile_option: str | None, everything: bool, wish: Wish, output: str
) -> None:
    """List the roles of the account, and whether each one's trust policy lets you in.

    That is worked out here, from the trust policies, for your session with MFA: yes, no, or undetermined,
    with what it depends on. Your own policies must allow `sts:AssumeRole` too where a role trusts the
    account and not you. Needs iam:ListRoles.
    """
    way_in = entrance(profile, profile_option, wish)
    session, _ = session_for_work(way_in)
    value = roles_value(roles_for(way_in, session, service_linked=everything))
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        style = stdout_style()
        click.echo(roles_text(value, style), color=style.color)
