"""`watchword account snapshot`: read an account into one file."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta

import click

from watchword import __version__
from watchword.account.errors import UnreadableSnapshot
from watchword.account.read import read_snapshot, write_snapshot
from watchword.account.snapshot import Snapshot
from watchword.audit.asking import AT_ONCE
from watchword.audit.kept_answers import About, InFile, InMemory, kept_in, not_answers
from watchword.audit.snapshot import Wanted, take_snapshot
from watchword.audit.snapshot_file import Place, place_of, write
from watchword.aws import Refusal
from watchword.aws.errors import Unreachable
from watchword.aws.many_calls import ManyCalls
from watchword.cli.getting_in import getting_in_options, now, talk
from watchword.cli.known_names import profile_names
from watchword.cli.options import (
    color_option,
    not_a_code,
    one_profile,
    output_option,
    profile_argument,
    stderr_style,
    stdout_style,
)
from watchword.cli.progress import Progress
from watchword.cli.reading_as import reading_as
from watchword.cli.snapshots import NamedSnapshot
from watchword.device.acting import Acting
from watchword.errors import UsageError, WatchwordError
from watchword.report.account_snapshot import snapshot_summary, summary_text, unread_text
from watchword.session import AWS_ITSELF, RoleWish, Wish

_SEE = "docs/prove/snapshot.md"
_SPAN = re.compile(r"(?:([0-9]{1,4})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?")


@click.command(
    "snapshot",
    epilog="Examples: `watchword account snapshot` · `watchword account snapshot work -o work.json`"
    " · `watchword account snapshot --role Audit --resources --region eu-west-1`",
)
@profile_argument
@click.option(
    "-o",
    "wanted",
    metavar="FILE",
    callback=not_a_code,
    help="Where to put it; `-` is stdout. By default snapshot-ACCOUNT-DATE.json.",
)
@click.option("--resources", is_flag=True, help="Also the policies of resources, in all regions.")
@click.option(
    "--region",
    "regions",
    metavar="REGION",
    multiple=True,
    callback=lambda _context, _parameter, given: tuple(
        one.strip() for each in given for one in each.split(",") if one.strip()
    ),
    help="With --resources: only this region; several are given one by one, or with commas.",
)
@click.option(
    "--organization-profile",
    metavar="NAME",
    callback=not_a_code,
    shell_complete=profile_names,
    help="Read SCPs and RCPs with this profile, of the organization's management account.",
)
@click.option(
    "--resume-within",
    metavar="SPAN",
    default="12h",
    show_default=True,
    help="Go on with an earlier run that was cut off, if it was begun no longer ago.",
)
@click.option("--fresh", is_flag=True, help="Throw away what an earlier run has read.")
@click.option("--key-alone", is_flag=True, help="Read with the access key alone: no code is asked for.")
@getting_in_options
@output_option
@color_option
def snapshot(
    profile: str | None,
    profile_option: str | None,
    wanted: str | None,
    resources: bool,
    regions: tuple[str, ...],
    organization_profile: str | None,
    resume_within: str,
    fresh: bool,
    key_alone: bool,
    wish: Wish,
    output: str,
) -> None:
    """Read an account into one file, which `watchword prove` takes.

    Users, groups, roles and every policy; passwords, access keys and devices; the credential report, the
    account summary and the password policy; SCPs and RCPs by level; with --resources the policies of S3
    buckets, KMS keys, SQS, SNS, Secrets Manager and Lambda. Nothing is changed. What may not be read is said,
    and the rest is read. A run that was cut off goes on where it was when it is started again.
    """
    if regions and not resources:
        raise UsageError("`--region` is of `--resources`", hint="add `--resources`", see=_SEE)
    longest = _span(resume_within)
    asking = reading_as(one_profile(profile, profile_option), wish, key_alone=key_alone)
    what = Wanted(
        resources=resources,
        regions=regions or None,
        organization_as=None
        if organization_profile is None
        else ManyCalls(
            reading_as(organization_profile, replace(wish, role=None), key_alone=key_alone).signed,
            at_once=AT_ONCE,
        ),
    )
    if wanted == "-":
        content = write_snapshot(_read(asking, what, InMemory(), now()))
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    place = place_of(wanted, account_id=asking.identity.account, now=now())
    about = About(
        account=asking.identity.account,
        endpoint=asking.entrance.settings.endpoint_url or AWS_ITSELF,
    )
    with kept_in(place.partial, about, now=now(), longest=longest, fresh=fresh) as kept:
        taken = _into_file(asking, what, place, kept)
    value = snapshot_summary(taken, str(place.path))
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        click.echo(summary_text(value, stdout_style()), color=stdout_style().color)


def read_now(profile: str | None, role: str | None, *, key_alone: bool, resources: bool) -> NamedSnapshot:
    """Return the account of a profile (None: the one in use) as it is now; what it may not read is said."""
    wish = Wish(role=RoleWish(role=role)) if role else Wish()
    asking = reading_as(profile, wish, key_alone=key_alone)
    taken = _read(asking, Wanted(resources=resources, regions=None), InMemory(), now())
    return NamedSnapshot(name=asking.identity.account, sha256="", snapshot=taken)


def _span(text: str) -> timedelta:
    parts = _SPAN.fullmatch(text.strip().lower())
    if parts is None or not any(parts.groups()):
        raise UsageError(f"`{text}` is not a span of time", hint="write `90m`, `12h` or `2d`", see=_SEE)
    days, hours, minutes = (int(part or 0) for part in parts.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _into_file(asking: Acting, what: Wanted, place: Place, kept: InFile) -> Snapshot:
    if kept.found:
        begun = f"{kept.begun_at:%Y-%m-%d %H:%M} UTC"
        talk(f"going on with {kept.found} answers of {begun}, kept in `{place.partial}`")
    try:
        taken = _read(asking, what, kept, kept.begun_at)
        content = write_snapshot(taken)
        if kept.found:
            read_snapshot(content, name=str(place.path))
    except (Unreachable, Refusal, KeyboardInterrupt):
        if kept.size():
            talk(
                f"{stderr_style().quiet('note')}: what was read is kept: the same command goes on from there"
            )
        else:
            kept.remove()
        raise
    except (LookupError, TypeError, ValueError, AttributeError, UnreadableSnapshot):
        if not kept.found:
            raise
        # What AWS itself answers has the shape of its model: these were changed since.
        raise not_answers(place.partial) from None
    write(place.path, content)
    kept.remove()
    return taken


def _read(asking: Acting, what: Wanted, answers: InMemory, taken_at: datetime) -> Snapshot:
    calls = ManyCalls(asking.signed, at_once=AT_ONCE)
    account = asking.identity.account
    with Progress(f"reading account {account}: {{}} of {{}} calls") as progress:
        try:
            taken = take_snapshot(
                calls,
                asking.identity,
                wanted=what,
                region=calls.region,
                answers=answers,
                taken_at=taken_at,
                version=__version__,
                progress=progress,
                wait=time.sleep,
            )
        except Refusal as refusal:
            raise _explained(refusal, asking) from None
    for line in unread_text(snapshot_summary(taken, "-"), stderr_style()):
        talk(line)
    return taken


def _explained(refusal: Refusal, asking: Acting) -> WatchwordError:
    if refusal.code != "AccessDenied":
        return refusal
    from watchword.device.denied import explain_denial

    return explain_denial(refusal, asking, "*")
