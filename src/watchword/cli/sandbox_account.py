"""`watchword sandbox account`: the accounts that a sandbox has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click

from watchword.cli.options import output_option
from watchword.cli.sandbox_options import InOrder, dir_option
from watchword.errors import UsageError
from watchword.report import sandbox_account as report

if TYPE_CHECKING:
    from watchword.sandbox.folder import Folder

_SEE = "docs/sandbox/accounts.md"
_NAME = re.compile(r"[\w.-]{1,50}", re.ASCII)


@click.group(
    cls=InOrder,
    invoke_without_command=True,
    short_help="Add accounts, and list them.",
    epilog="Examples: `watchword sandbox account add 111122223333 --name production` · "
    "`watchword sandbox account list`",
)
@dir_option
@click.pass_context
def account(context: click.Context) -> None:
    """Add accounts, and list them. Each has users, roles, keys and resources of its own."""
    if context.invoked_subcommand is None:
        context.invoke(list_accounts)


@account.command(
    short_help="Add an account with a key of its root.",
    epilog="Examples: `watchword sandbox account add` · "
    "`watchword sandbox account add 111122223333 --name production --member`",
)
@dir_option
@click.argument("number", required=False, metavar="[ACCOUNT]")
@click.option("--name", metavar="NAME", default="", help="What it is called; its number by default.")
@click.option("--member", is_flag=True, help="Into the organization of the sandbox's first account.")
@output_option
@click.pass_obj
def add(folder: Folder, number: str | None, name: str, member: bool, output: str) -> None:
    """Add an ACCOUNT, by a random number without one; its root's key is put into a profile.

    The profile is called NAME-root, or ACCOUNT-root. An account that `aws organizations create-account` has
    made is there already: then its root, which has no key, gets one.
    """
    from watchword.sandbox.door import Client

    if number is not None and not re.fullmatch(r"[0-9]{12}", number):
        raise UsageError(
            f"`{number}` is not an account number: twelve digits are expected",
            hint="write `watchword sandbox account add 111122223333`, for example, or no number",
            see=_SEE,
        )
    if name and not _NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` cannot be the name: 1 to 50 of A-Z a-z 0-9 _ . - are expected",
            hint="it begins the name of the profile, NAME-root",
            see=_SEE,
        )
    _refuse_taken_profile(folder, f"{name or number}-root")
    made = Client(folder).add_account(number, name=name, member=member)
    profile = f"{name or made['id']}-root"
    folder.add_profile(
        profile,
        endpoint_url=folder.open_door().endpoint_url,
        access_key_id=made["access_key_id"],
        secret_access_key=made["secret_access_key"],
    )
    value = report.added(account=made["id"], profile=profile, member=member)
    click.echo(json.dumps(value, indent=2) if output == "json" else report.added_as_text(value))


def _refuse_taken_profile(folder: Folder, profile: str) -> None:
    from watchword.local.aws_files import config_profiles, read_aws_file

    if profile in config_profiles(read_aws_file(folder.config)):
        raise UsageError(
            f"there is a profile `{profile}` already",
            hint="give another --name; the profile is called after it",
            see=_SEE,
        )


@account.command("list", short_help="List the accounts.", epilog="Example: `watchword sandbox account list`")
@dir_option
@output_option
@click.pass_obj
def list_accounts(folder: Folder, output: str = "text") -> None:
    """List the accounts: number, name, whether root has a key, and the place in an organization."""
    from watchword.sandbox.door import Client

    value = report.accounts(Client(folder).accounts())
    click.echo(json.dumps(value, indent=2) if output == "json" else report.accounts_as_text(value))
