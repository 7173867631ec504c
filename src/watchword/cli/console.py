"""`watchword console`: a sign-in URL for AWS's console, opened or printed."""

from __future__ import annotations

import json
import os
import sys

import click

from watchword.cli.getting_in import entrance, getting_in_options, now, session_for_work, talk
from watchword.cli.options import color_option, output_option, profile_argument, stderr_style
from watchword.cli.which_profile import named_or_chosen
from watchword.errors import UsageError, WatchwordError
from watchword.local.one_time_page import (
    LONGEST_WAIT_SECONDS,
    Opened,
    has_browser,
    open_secret_url,
)
from watchword.report.console import console_lines, console_value
from watchword.session import Wish
from watchword.session.console import SEE, refuse_users, sign_in


@click.command(
    epilog="Examples: `watchword console ops` · `watchword console work --role Support --service ec2`"
    " · `watchword console ops --print`",
)
@profile_argument
@getting_in_options
@click.option(
    "--service", metavar="PAGE", help="The page to open: `ec2`, or its whole path such as `s3/buckets/NAME`."
)
@click.option("--destination", metavar="URL", help="The whole address of the page to open.")
@click.option("--open/--print", "opens", default=None, help="In the browser (on a terminal), or on stdout.")
@output_option
@color_option
def console(
    profile: str | None,
    profile_option: str | None,
    wish: Wish,
    service: str | None,
    destination: str | None,
    opens: bool | None,
    output: str,
) -> None:
    """Sign in to AWS's console as a role.

    The profile is that of a role, or --role names one. The URL is good for 15 minutes, and whoever has it
    is signed in; so the browser gets it from a page on 127.0.0.1 that works once, never as an argument.
    It is printed where there is no terminal or no browser.

    A console session that is made in this way lacks MFA, or may lack it: this is said each time.
    """
    if service is not None and destination is not None:
        raise UsageError(
            "`--service` and `--destination` are two ways to name one page", hint="give one", see=SEE
        )
    way_in = entrance(named_or_chosen(profile, profile_option, wish), None, wish)
    refuse_users(way_in)
    session, settings = session_for_work(way_in)
    at = now()
    found = sign_in(
        session,
        settings,
        service=service,
        destination=destination,
        duration_seconds=wish.duration_seconds,
        now=at,
    )
    value = console_value(found, at)
    style = stderr_style()
    for line in console_lines(value, at, style):
        talk(line)
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    if _is_to_open(opens, output):
        _open(found.url)
    elif output == "text":
        talk(
            f"{style.warning('warning')}: whoever opens this URL in the next 15 minutes is signed in with it"
        )
        click.echo(found.url)


def _is_to_open(opens: bool | None, output: str) -> bool:
    if opens is not None:
        return opens
    return output == "text" and sys.stdout.isatty() and has_browser(os.environ)


def _open(url: str) -> None:
    match open_secret_url(url):
        case Opened.YES:
            talk("opened in the browser")
        case Opened.NO_BROWSER:
            raise WatchwordError(
                "there is no browser to open",
                hint="`--print` prints the URL; BROWSER names a browser",
                see=SEE,
            )
        case Opened.NOT_FETCHED:
            raise WatchwordError(
                f"the browser did not ask for the page within {LONGEST_WAIT_SECONDS} s",
                hint="`--print` prints the URL, to be opened by hand",
                see=SEE,
            )
