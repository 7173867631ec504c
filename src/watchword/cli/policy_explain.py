"""`watchword policy explain`: who decides one request, and why."""

from __future__ import annotations

import json
import re

import click

from watchword.cli.options import color_option, output_option, stdout_style
from watchword.cli.policy_actions import unknown_action
from watchword.cli.policy_files import Given, read_policies, without_say
from watchword.cli.policy_options import (
    SEE,
    TakesSeveral,
    account_option,
    assume_option,
    check_resource,
    known_options,
    policy_options,
)
from watchword.cli.policy_principals import EXAMPLE_USER, who_signs
from watchword.errors import ExitCode, UsageError
from watchword.iam import Assumptions, CredentialKind, Outcome
from watchword.iam.asking import Call, Known, all_keys_read, ask
from watchword.iam.explanation import explain as explain_request
from watchword.report.policy_explain import explain_value
from watchword.report.policy_explain_text import explain_text


@click.command(
    cls=TakesSeveral,
    epilog="Examples: `watchword policy explain --policy mine.json --action s3:ListAllMyBuckets` · "
    "`watchword policy explain --policy mine.json --action iam:ListUsers --credential session-mfa`",
)
@policy_options
@click.option("--principal", metavar="ARN", help=f"Who asks. [default: {EXAMPLE_USER}, or as KIND needs]")
@click.option("--action", required=True, metavar="ACTION", help="One action, as in s3:GetObject.")
@click.option("--resource", default="*", show_default=True, metavar="ARN", help="What it is asked on.")
@account_option
@click.option(
    "--credential",
    type=click.Choice([kind.value for kind in CredentialKind]),
    metavar="KIND",
    help=f"What it is signed with: {', '.join(CredentialKind)}. "
    "[default: a user's access key, a role's session]",
)
@click.option("--with-code", is_flag=True, help="The AssumeRole call carries a device's code.")
@known_options
@assume_option
@click.option("--no-service-rules", is_flag=True, help="What the policies alone decide.")
@click.option(
    "--expect",
    type=click.Choice([outcome.value for outcome in Outcome]),
    help="End with 3 when the answer is another one.",
)
@output_option
@color_option
@click.pass_context
def explain(
    context: click.Context,
    given: Given,
    known: Known,
    principal: str | None,
    action: str,
    resource: str,
    resource_account: str | None,
    credential: str | None,
    with_code: bool,
    assumptions: Assumptions,
    no_service_rules: bool,
    expect: str | None,
    output: str,
) -> None:
    """Say who decides one request: each layer, the statement, and the smallest change that turns it.

    What follows from the principal and the credential is filled in. Every other condition key that the
    policies read is unknown until --context or --absent says otherwise.

    Ends with 0 whatever the answer is, unless --expect names another one.
    """
    call = Call(
        action=_one_action(action),
        resource=check_resource(resource),
        resource_account=resource_account,
        with_code=with_code,
    )
    policies = read_policies(given)
    named = CredentialKind(credential) if credential else None
    who, kind, notes = who_signs(principal, named, policies, resource)
    _check_code(call, kind)
    question = ask(
        call,
        who,
        kind,
        policies,
        known=known,
        assumptions=assumptions,
        service_rules=not no_service_rules,
    )
    read = {key.lower() for key in all_keys_read(policies)}
    notes += filter(None, [unknown_action(action)])
    notes += [f"no policy reads {key}" for key in (*known.context, *known.absent) if key.lower() not in read]
    explanation = explain_request(question.request, policies, signed_with=kind)
    notes += without_say(given, {each.layer for each in explanation.layers})
    value = explain_value(explanation, notes=tuple(notes))
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        style = stdout_style()
        click.echo(explain_text(value, style), color=style.color)
    if expect is not None and value["outcome"] != expect:
        click.echo(f"expected {expect}, found {value['outcome']}", err=True)
        context.exit(ExitCode.FINDINGS)


def _one_action(action: str) -> str:
    if re.search(r"[*?]", action):
        raise UsageError(
            f"`{action}` is a pattern, and a request names one action",
            hint="`watchword policy table --action PATTERN` takes patterns",
            see="docs/policy/table.md",
        )
    if not re.fullmatch(r"[^\s:]+:[^\s:]+", action):
        raise UsageError(f"`{action}` is no action", hint="write `service:Name`, as in s3:GetObject", see=SEE)
    return action


def _check_code(call: Call, kind: CredentialKind | None) -> None:
    if not call.with_code:
        return
    if call.action.lower() != "sts:assumerole" or kind is not CredentialKind.ACCESS_KEY:
        raise UsageError(
            "--with-code is for sts:AssumeRole with an access key: other calls take no code",
            hint="for a session that was got with a code, `--credential session-mfa`",
            see=SEE,
        )
