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
    for name, fix in found.items():
        write(place / name, fix.document.encode())
    policies = "1 fixed policy" if len(found) == 1 else f"{len(found)} fixed policies"
    click.echo(
        f"{policies} written to `{printable(folder)}`. In that folder, as who may change them:", err=True
    )
    for name, fix in found.items():
        command = fix.command.replace(f"file://{fix.file}", f"file://{name}")
        click.echo(f"  {printable(command)}", err=True)
    click.echo("then read the account again, and prove again", err=True)


def _one_a_policy(proof: Proof) -> dict[str, Fix]:
    """Return the fixes by the names of their files, which differ in more than case: `a-2.json`."""
    found: dict[str, Fix] = {}
    policies: set[tuple[str, str]] = set()
    taken: set[str] = set()
    for fix in (finding.fix for finding in proof.findings):
        if fix is None or (fix.arn or fix.owner, fix.policy) in policies:
            continue
        policies.add((fix.arn or fix.owner, fix.policy))
        name, number = fix.file, 2
        while name.lower() in taken:
            name, number = f"{fix.file.removesuffix('.json')}-{number}.json", number + 1
        taken.add(name.lower())
        found[name] = fix
    return found
