"""`watchword account diff`: how two snapshots of an account differ."""

from __future__ import annotations

import click

from watchword.cli.options import color_option, stdout_style
from watchword.errors import ExitCode


@click.command(
    epilog="Examples: `watchword account diff monday.json friday.json` · "
    "`watchword account diff --exit-code approved.json now.json` (in CI)"
)
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option("--exit-code", is_flag=True, help="End with 3 when they differ, as CI wants it.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Text to read, data, or Markdown for a comment.",
)
@color_option
@click.pass_context
def diff(context: click.Context, before: str, after: str, *, exit_code: bool, output: str) -> None:
    """Show how two snapshots of an account differ, in the words of policies.

    Who was added and removed; statements added, removed and changed; memberships, attached policies,
    boundaries, trust, keys, passwords, devices, SCPs. What is only written otherwise, and means the same, is
    told apart. BEFORE and AFTER are files of `watchword account snapshot`, or AWS's raw
    GetAccountAuthorizationDetails; one of them may be `-`, standard input.

    Ends with 0; with --exit-code, with 3 when they differ in what they mean.
    """
    import msgspec

    from watchword.account.diff import compare
    from watchword.account.difference import Change
    from watchword.cli.snapshots import load_one
    from watchword.report.account_diff import diff_account_markdown, diff_account_text

    first, second = load_one(before), load_one(after)
    found = compare(first.snapshot, second.snapshot, names=(first.name, second.name))
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    elif output == "markdown":
        click.echo(diff_account_markdown(found))
    else:
        style = stdout_style()
        click.echo(diff_account_text(found, style), color=style.color)
    if exit_code and any(each.change is not Change.REWRITTEN for each in found.changed):
        context.exit(ExitCode.FINDINGS)
