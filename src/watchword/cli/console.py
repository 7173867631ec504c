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
from watchword.session.console import SEE, refuse_no_address, refuse_users, sign_in

_NOT_TRIED = ""


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
    It is printed where there is no terminal, no screen, or no browser that opens.

    A console session that is made in this way lacks MFA, or may lack it: this is said each time.
    """
    if service is not None and destination is not None:
        raise UsageError(
            "`--service` and `--destination` are two ways to name one page", hint="give one", see=SEE
        )
    if destination is not None:
        refuse_no_address(destination)
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
    problem = _opened(found.url) if _is_to_open(opens, output) else _NOT_TRIED
    if problem is None:
        talk("opened in the browser")
    elif opens:
        raise WatchwordError(problem, hint="`--print` prints the URL; BROWSER names a browser", see=SEE)
    elif output == "text":
        _print(found.url, problem)


def _is_to_open(opens: bool | None, output: str) -> bool:
    if opens is not None:
        return opens
    return output == "text" and sys.stdout.isatty() and has_browser(os.environ)


def _opened(url: str) -> str | None:
    """Open the URL in the browser; return why it was not opened, None when it was."""
    match open_secret_url(url):
        case Opened.YES:
            return None
        case Opened.NO_BROWSER:
            return "there is no browser to open"
        case Opened.NOT_FETCHED:
            return f"the browser did not ask for the page within {LONGEST_WAIT_SECONDS} s"


def _print(url: str, problem: str) -> None:
    style = stderr_style()
    if problem:
        talk(f"{style.warning('note')}: {problem}, so here is the URL")
    talk(f"{style.warning('warning')}: whoever opens this URL in the next 15 minutes is signed in with it")
    click.echo(url)
