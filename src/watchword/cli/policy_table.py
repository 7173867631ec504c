"""`watchword policy table`: what policies let through, with MFA and without."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import click

from watchword.cli.options import color_option, stdout_style
from watchword.cli.policy_files import Given, read_policies
from watchword.cli.policy_options import (
    TakesSeveral,
    account_option,
    assume_option,
    check_resource,
    known_options,
    policy_options,
)
from watchword.cli.policy_principals import examples, read_principal
from watchword.errors import UsageError
from watchword.iam import Assumptions, CredentialKind, PolicySet, compile_policy, parse_policy
from watchword.iam.asking import Known
from watchword.iam.table import USUAL_KINDS, columns_for, tabulate
from watchword.local.universe import load_universe
from watchword.report.policy_table import table_csv, table_markdown, table_text, table_value

_SEE = "docs/policy/table.md"
_ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


@click.command(
    cls=TakesSeveral,
    epilog="Examples: `watchword policy table --policy mine.json` · "
    "`watchword policy table --policy force-mfa.json --with-administrator --action 'iam:*' ec2:RunInstances`",
)
@policy_options
@click.option("--principal", metavar="ARN", help="Who asks. [default: an example of each kind]")
@click.option("--action", multiple=True, metavar="ACTION…", help="Actions or patterns, as in 's3:Get*'.")
@click.option("--resource", multiple=True, metavar="ARN…", help="What they are asked on.")
@account_option
@click.option("--all-kinds", is_flag=True, help="Every kind of credential, not just six.")
@click.option(
    "--with-administrator", is_flag=True, help="As if a policy that allows everything stood beside."
)
@known_options
@assume_option
@click.option("--no-service-rules", is_flag=True, help="What the policies alone decide.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "markdown", "csv"]),
    default="text",
    show_default=True,
    help="Text to read, or data.",
)
@color_option
def table(
    given: Given,
    known: Known,
    principal: str | None,
    action: tuple[str, ...],
    resource: tuple[str, ...],
    resource_account: str | None,
    all_kinds: bool,
    with_administrator: bool,
    assumptions: Assumptions,
    no_service_rules: bool,
    output: str,
) -> None:
    """Show what each kind of credential may do: at once, what passes without MFA.

    Without --action, it is about the actions that the policies name; a pattern is asked about every
    action that AWS has, and those with the same answers share a row. Without --resource, each is asked
    about on the resources that its Allow statements name.
    """
    for each in action:
        _check_action(each)
    for each in resource:
        check_resource(each)
    policies = read_policies(given)
    notes = []
    if with_administrator:
        policies = _with_administrator(policies)
    elif not _allow_anything(policies):
        notes.append("no policy here allows anything; --with-administrator shows what the Denies leave open")
    principals = [read_principal(principal)] if principal else examples(policies, resource)
    if not principal:
        others = "role/example" + (", the root user and s3.amazonaws.com" if all_kinds else "")
        notes.append(
            f"no principal was named: {principals[0].arn} stands for it, with {others} for the other columns"
        )
    columns = columns_for(
        tuple(CredentialKind) if all_kinds else USUAL_KINDS, principals, assumptions=assumptions
    )
    if not any(column.principal for column in columns):
        raise UsageError(
            f"`{principal}` can sign with none of these kinds",
            hint="`--all-kinds` shows the others; who signs nothing is asked about with `policy explain`",
            see=_SEE,
        )
    found = tabulate(
        policies,
        columns,
        load_universe(),
        actions=action,
        resources=resource,
        resource_account=resource_account,
        known=known,
        assumptions=assumptions,
        service_rules=not no_service_rules,
    )
    value = table_value(found, notes=notes)
    style = stdout_style()
    match output:
        case "json":
            click.echo(json.dumps(value, indent=2))
        case "markdown":
            click.echo(table_markdown(value))
        case "csv":
            click.echo(table_csv(value))
        case _:
            click.echo(table_text(value, style), color=style.color)


def _check_action(text: str) -> None:
    if text != "*" and not re.fullmatch(r"[^\s:]+:[^\s:]+", text):
        raise UsageError(f"`{text}` is no action", hint="write `service:Name`, as in s3:Get*", see=_SEE)


def _allow_anything(policies: PolicySet) -> bool:
    """Whether one of the policies that can grant does so at all."""
    granting = [*policies.identity, *filter(None, (policies.resource, policies.trust))]
    return any(not rule.deny for policy in granting for rule in policy.rules)


def _with_administrator(policies: PolicySet) -> PolicySet:
    administrator = compile_policy(parse_policy(_ALL, name="(administrator)"))
    return replace(policies, identity=(*policies.identity, administrator))
