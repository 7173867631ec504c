"""`watchword profile default`: what is used when no profile is named."""

from __future__ import annotations

import json
import os

import click

from watchword.aws import profile_in_use
from watchword.cli.getting_in import entrance, talk
from watchword.cli.known_names import profile_names
from watchword.cli.options import color_option, output_option, stderr_style
from watchword.errors import UsageError
from watchword.report.profile import default_text, default_value
from watchword.session.profile_add import DEFAULT, NewProfile, add_profile, default_source, reset_default
from watchword.session.profile_files import SEE, read_profile_files

_NAMED_BY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


@click.command(epilog="Examples: `watchword profile default work` · `watchword profile default --unset`")
@click.argument("name", required=False, shell_complete=profile_names)
@click.option("--unset", is_flag=True, help="Take it back: `[default]` stands for no other profile.")
@output_option
@color_option
def default(name: str | None, unset: bool, output: str) -> None:
    """Let `[default]` stand for a profile: programs that name none run in its session. Or show what it is.

    No key is copied: `[default]` gets a `credential_process` that asks watchword, and the region and output
    of the profile where it has none of its own. A `[default]` that holds a key stays as it is.
    `--unset` takes out again what was written.
    """
    if name is not None and unset:
        raise UsageError("`--unset` takes no profile", hint="`watchword profile default --unset`", see=SEE)
    if name is not None:
        entrance(name, None)
        add_profile(NewProfile(profile=DEFAULT, source=name), os.environ)
    elif unset and not reset_default(os.environ):
        talk("`[default]` stood for no other profile; nothing was changed")
    files = read_profile_files(os.environ)
    value = default_value(files.kind(DEFAULT), default_source(files), in_use=profile_in_use(None))
    click.echo(json.dumps(value, indent=2) if output == "json" else default_text(value))
    variable = next((each for each in _NAMED_BY if os.environ.get(each)), None)
    if variable is not None:
        note = f"{variable} is `{os.environ[variable]}` in this shell, and goes before it"
        talk(f"{stderr_style().warning('note')}: {note}")
