"""`watchword prove --fixes FOLDER`: the policies as the fixes have them, and the commands that store them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.audit.snapshot_file import write
from watchword.errors import WatchwordError, printable

if TYPE_CHECKING:
    from watchword.proof.result import Fix, Proof


def put_fixes(proof: Proof, folder: str) -> None:
    """Write each changed policy into a file of its own, and say on stderr how each is stored.

    Of two fixes for one policy the first is written: the other is seen in the next proof. Raises
    WatchwordError when the folder cannot be made, UnwritablePlace when a file cannot be written.
    """
    found = _one_a_policy(proof)
    if not found:
        click.echo("no fix to write", err=True)
        return
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WatchwordError(
            f"the folder `{folder}` cannot be made: {(error.strerror or str(error)).lower()}",
            hint="name one that you may write with `--fixes`",
            see="docs/prove/index.md",
        ) from None
    for fix in found:
        write(place / fix.file, fix.document.encode())
    policies = "1 fixed policy" if len(found) == 1 else f"{len(found)} fixed policies"
    click.echo(
        f"{policies} written to `{printable(folder)}`. In that folder, as who may change them:", err=True
    )
    for fix in found:
        click.echo(f"  {fix.command}", err=True)
    click.echo("then read the account again, and prove again", err=True)


def _one_a_policy(proof: Proof) -> list[Fix]:
    found: dict[str, Fix] = {}
    for finding in proof.findings:
        if finding.fix is not None:
            found.setdefault(finding.fix.file, finding.fix)
    return list(found.values())
