"""The snapshots that a command line names: a file, or a folder with one file an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import click

from watchword.errors import WatchwordError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchword.account.accounts import Accounts
    from watchword.account.snapshot import Snapshot

_SEE: Final = "docs/prove/snapshot.md"
_OURS: Final = "watchword/"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSnapshot:
    """A snapshot, the name of its file, and the SHA-256 of that in hexadecimal digits.

    `written` is what the file would hold where there is none: the account was read now.
    """

    name: str
    sha256: str
    snapshot: Snapshot = field(repr=False)
    written: bytes | None = field(repr=False, default=None)


def load_snapshots(path: str) -> tuple[NamedSnapshot, ...]:
    """Return the snapshot in a file (`-`: on standard input), or those of a folder.

    Other documents of Watchword in a folder, such as proofs, are left out, and stderr says so. Raises
    `UnreadableFile` and `UnreadableSnapshot`, and `WatchwordError` when a folder holds none.
    """
    from watchword.account.read import read_snapshot
    from watchword.local.snapshot_files import read_files

    found = []
    for file in read_files(path):
        other = None if file.name == path else _other_document(file.data)
        if other is not None:
            click.echo(printable(f"left out `{file.name}`: it is {other}"), err=True)
            continue
        snapshot = read_snapshot(file.data, name=file.name)
        found.append(NamedSnapshot(name=file.name, sha256=file.sha256, snapshot=snapshot))
    if not found:
        raise WatchwordError(f"the folder `{path}` holds no snapshot", see=_SEE)
    return tuple(found)


def load_one(path: str) -> NamedSnapshot:
    """Return the snapshot in a file; raise `WatchwordError` when `path` is a folder with several."""
    found = load_snapshots(path)
    if len(found) > 1:
        names = ", ".join(f"`{each.name}`" for each in found[:2])
        raise WatchwordError(
            f"`{path}` is a folder with {len(found)} snapshots, and one is wanted",
            hint=f"name one of the files: {names}{' …' if len(found) > 2 else ''}",
            see=_SEE,
        )
    return found[0]


def together(snapshots: Sequence[NamedSnapshot]) -> Accounts:
    """Return the accounts of the snapshots; raise `TwoSnapshots` when two are of one account."""
    from watchword.account.accounts import Accounts

    return Accounts.of((each.snapshot for each in snapshots), names=[each.name for each in snapshots])


def _other_document(data: bytes) -> str | None:
    """Return the schema of a document of Watchword that is no snapshot; None for everything else."""
    import msgspec

    try:
        top = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        found = str(msgspec.json.decode(top["schema"])) if "schema" in top else ""
    except msgspec.MsgspecError:
        return None
    return found if found.startswith(_OURS) and not found.startswith(f"{_OURS}snapshot/") else None
