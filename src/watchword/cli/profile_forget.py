"""What `logout` does with sessions that `profile write` put into the credentials file."""

from __future__ import annotations

import os

from watchword.cli.getting_in import talk
from watchword.cli.options import stderr_style
from watchword.errors import WatchwordError
from watchword.session.profile_write import forget_written


def forget_written_for(profile: str | None) -> None:
    """Take the sessions of a profile (None: of all) out of the credentials file, and say so.

    Files that cannot be read or changed are said, too; they keep nobody from signing out.
    """
    try:
        for name in forget_written(profile, os.environ):
            talk(f"taken out of the credentials file: the session in `[{name}]`")
    except WatchwordError as error:
        talk(
            f"{stderr_style().warning('note')}: sessions in the credentials file stay there: {error.message}"
        )
