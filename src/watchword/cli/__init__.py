"""One file a command: parse, call a feature, hand the result to report.

The table below is all that `--help` reads: a command is imported when it is run, not before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from watchword import __version__
from watchword.cli.failure import exit_code_of
from watchword.cli.lazy_group import Entry, LazyGroup
from watchword.cli.options import color_option
from watchword.local.streams import fill_closed_streams

COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Get in": (
        Entry("login", "watchword.cli.login:login", "Open a session with a code."),
        Entry("exec", "watchword.cli.exec:exec_", "Run a command inside the session."),
        Entry("env", "watchword.cli.env:env", "Print the session for a shell to `eval`."),
        Entry(
            "credential-process",
            "watchword.cli.credential_process:credential_process",
            "Print the session as AWS's SDKs ask for it.",
        ),
        Entry("serve", "watchword.cli.serve:serve", "Give a long job credentials that renew themselves."),
        Entry("console", "watchword.cli.console:console", "Sign in to AWS's console as a role."),
        Entry("role", "watchword.cli.role:role", "List the roles of the account, and get into one."),
        Entry("status", "watchword.cli.status:status", "Show who is signed in, and until when."),
        Entry("logout", "watchword.cli.logout:logout", "Forget the session."),
        Entry("profile", "watchword.cli.profile:profile", "List and write the profiles of ~/.aws."),
    ),
    "Devices": (Entry("device", "watchword.cli.device:device", "Enrol the device that shows the codes."),),
    "Policies": (
        Entry("policy", "watchword.cli.policy:policy", "Explain, tabulate, lint and test policies."),
    ),
    "Prove": (
        Entry("account", "watchword.cli.account:account", "Read an account as it is."),
        Entry("prove", "watchword.cli.prove:prove", "Prove that without MFA nobody reaches anything."),
        Entry("report", "watchword.cli.report:report", "Write a proof as a page, and its evidence."),
    ),
    "Practise": (
        Entry(
            "tour", "watchword.cli.tour:tour", "Watch the whole story, played on a local AWS.", extra="tour"
        ),
        Entry(
            "sandbox",
            "watchword.cli.sandbox:sandbox",
            "A local AWS that really checks codes.",
            extra="sandbox",
        ),
    ),
    "Set up": (
        Entry("audit-log", "watchword.cli.audit_log:audit_log", "Show who got in from here."),
        Entry("completion", "watchword.cli.completion:completion", "Let the shell complete command lines."),
    ),
}


@click.group(
    cls=LazyGroup,
    sections=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`watchword COMMAND --help` shows a command. AWS_PROFILE names the profile when none is given."
    "\n\nExamples: `watchword login` · `watchword exec -- aws s3 ls`",
)
@click.version_option(__version__, message="watchword %(version)s")
@color_option
def watchword() -> None:
    """Short-lived, MFA-checked access to AWS.

    A key alone should open nothing. Watchword asks for the code of your MFA device, once, and runs
    your commands in the session that AWS gives for it.
    """


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code; `arguments` without the program's name."""
    fill_closed_streams()
    if "_WATCHWORD_COMPLETE" in os.environ:
        from watchword.cli.completion import complete

        sys.exit(complete(watchword))
    sys.exit(exit_code_of(watchword, sys.argv[1:] if arguments is None else list(arguments)))
