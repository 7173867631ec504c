"""Reading an AWS file, and changing one: all of the change or nothing, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from watchword.local.aws_files.aws_file import AwsFile
from watchword.local.aws_files.errors import SEE, UnreadableAwsFile
from watchword.local.rewrite import Care, rewrite_bytes

_HINT: Final = "put that right and run it again; the file is as it was"
_LONGEST_WAIT_SECONDS: Final = 60.0


def read_aws_file(path: Path) -> AwsFile:
    """Return the file; what is missing, or no regular file, says nothing, as for AWS's programs.

    Raises UnreadableAwsFile: file:line, no content.
    """
    try:
        content = path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise UnreadableAwsFile(
            f"cannot read `{path}`: {(error.strerror or str(error)).lower()}",
            line=None,
            hint="make it readable for yourself, or name another in the environment",
        ) from error
    return AwsFile.parsed(content, path)


def edit(path: Path, change: Callable[[AwsFile], AwsFile], *, private: bool = False) -> bool:
    """Put `change(file)` in the place of the file; return whether anything changed.

    The file is locked, read under the lock, and replaced in one step where its links lead; `change` is
    called again when somebody without the lock wrote it meanwhile. A missing file is made, mode 0600, in a
    folder of mode 0700. `private`: it holds secrets, so that group and others lose what rights they had.

    Raises UnreadableAwsFile, what `change` raises, and NotRewritten when the file cannot be replaced
    without harm (other hard links, read-only, a full disk); then it is as it was.
    """
    care = Care(hint=_HINT, see=SEE, make=True, private=private, longest_wait_seconds=_LONGEST_WAIT_SECONDS)
    return rewrite_bytes(path, lambda content: change(AwsFile.parsed(content, path)).text.encode(), care)
