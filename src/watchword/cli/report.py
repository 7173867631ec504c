"""`watchword report`: a proof as a page for people, and as evidence with all that it was made from."""

from __future__ import annotations

import gc
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from watchword.cli.getting_in import talk
from watchword.cli.live_account import Live, live_options, refuse_both, snapshots_of
from watchword.cli.options import color_option, not_a_code, stdout_style
from watchword.cli.policy_options import assume_option
from watchword.cli.prove import refuse_to_replace
from watchword.errors import ExitCode, UsageError, WatchwordError, printable
from watchword.iam import Assumptions

if TYPE_CHECKING:
    from watchword.cli.snapshots import NamedSnapshot
    from watchword.proof.result import Proof

_SEE: Final = "docs/prove/report.md"
_STDOUT: Final = "-"
_STDIN: Final = "-"
_FILE: Final = "report.html"


@click.command(
    "report",
    epilog="Examples: `watchword report work.json` · `watchword report work.json --bundle evidence.zip`"
    " · `watchword report --verify evidence.zip`",
)
@click.argument("source", required=False, metavar="[SNAPSHOT|FOLDER|PROOF]", callback=not_a_code)
@click.option("--claim", "claims", multiple=True, metavar="FILE", help="What is claimed. May be repeated.")
@click.option(
    "-o",
    "file",
    metavar="FILE",
    callback=not_a_code,
    help=f"Where to put the page; `-` is stdout. By default {_FILE}, or none with --bundle.",
)
@click.option(
    "--bundle",
    metavar="PLACE",
    callback=not_a_code,
    help="Put page, proof, snapshots and policies with their sums into FILE.zip or a folder.",
)
@click.option("--force", is_flag=True, help="Replace a page or a bundle that is there.")
@click.option(
    "--verify",
    metavar="BUNDLE",
    callback=not_a_code,
    help="Look whether a bundle is as it was made, and do nothing else.",
)
@live_options
@assume_option
@color_option
@click.pass_context
def report(
    context: click.Context,
    source: str | None,
    claims: tuple[str, ...],
    file: str | None,
    bundle: str | None,
    force: bool,
    verify: str | None,
    live: Live,
    assumptions: Assumptions,
) -> None:
    """Write a proof as one HTML page, for people to read and to print.

    The page holds no script and loads nothing. SNAPSHOT and --claim are as for `watchword prove`; a proof
    that `watchword prove --output json` has written is told as it is. --bundle adds all that the proof was
    made from, with a sum of each file.

    Ends with 0 when everything claimed is proved, and with 3 when something is refuted or undetermined;
    --verify with 0 when nothing was changed, else with 1.
    """
    if verify is not None:
        _refuse_beside_verify(source, claims, file, bundle, live.is_asked)
        _verify(Path(verify))
        return
    if bundle is not None and _STDIN in (source, *claims):
        raise UsageError(
            "a bundle keeps files as they are, and standard input is none",
            hint="put it into a file first",
            see=_SEE,
        )
    for place in (file, bundle):
        refuse_to_replace((source, *claims), place)
    proof, snapshots = _proved(source, claims, live, assumptions)
    if snapshots is None and bundle is not None:
        raise UsageError(
            f"`{source}` is a proof, and a bundle holds what it was made from too",
            hint="name the snapshot instead: it is proved again",
            see=_SEE,
        )
    page = _page(proof)
    if bundle is not None:
        _bundle(Path(bundle), proof, page, snapshots or (), claims, overwrite=force)
    if file is not None or bundle is None:
        _put(page, file or _FILE, overwrite=force)
    if proof.outcome != "proved":
        context.exit(ExitCode.FINDINGS)


def _page(proof: Proof) -> str:
    from watchword.report.html import report_html

    return report_html(proof)


def _proved(
    source: str | None, claims: Sequence[str], live: Live, assumptions: Assumptions
) -> tuple[Proof, tuple[NamedSnapshot, ...] | None]:
    """Return the proof, and the snapshots that it was made from: None when it was read."""
    from watchword.cli.prove import claims_of, prove_snapshots

    refuse_both(source, live, see=_SEE)
    read = _read_proof(source) if source is not None else None
    if read is not None:
        if claims:
            raise UsageError(
                f"`{source}` is a proof, and nothing more can be claimed of one",
                hint="name the snapshot instead",
                see=_SEE,
            )
        return read, None
    claimed = claims_of(claims)
    gc.disable()  # nothing that a proof makes is let go before it ends
    snapshots = snapshots_of(source, live, see=_SEE)
    summed = tuple(each if each.sha256 else _summed(each) for each in snapshots)
    return prove_snapshots(summed, claimed, (), assumptions, full=False), summed


def _read_proof(source: str) -> Proof | None:
    """Return the proof in a file; None for what is none, which may be a snapshot."""
    import msgspec

    from watchword.proof.result import SCHEMA, read_proof

    path = Path(source)
    if source == _STDIN or not path.is_file():
        return None
    data = path.read_bytes()
    if f'"{SCHEMA}"'.encode() not in data[:200]:
        return None
    try:
        return read_proof(data)
    except msgspec.MsgspecError as error:
        raise WatchwordError(
            f"`{source}` is no proof that can be read: {str(error)[:1].lower()}{str(error)[1:]}",
            hint="make it again: `watchword prove --output json SNAPSHOT`",
            see=_SEE,
        ) from None


def _bundle(
    place: Path,
    proof: Proof,
    page: str,
    snapshots: Sequence[NamedSnapshot],
    claims: Sequence[str],
    *,
    overwrite: bool,
) -> None:
    from watchword.audit.evidence import SUMS, SnapshotFile, evidence
    from watchword.audit.evidence_file import write_bundle

    kept = [SnapshotFile(snapshot=each.snapshot, data=_bytes_of(each)) for each in snapshots]
    claimed = {name: Path(name).read_bytes() for name in claims}
    files = evidence(proof, report=page, snapshots=kept, claims=claimed)
    write_bundle(place, files, overwrite=overwrite)
    talk(f"{len(files)} files in `{place}`; the SHA-256 of its {SUMS} is {_sha256(files[SUMS])}")


def _summed(snapshot: NamedSnapshot) -> NamedSnapshot:
    """Return an account that was read now with what its file would hold."""
    from watchword.account.read import write_snapshot

    written = write_snapshot(snapshot.snapshot)
    return replace(snapshot, sha256=_sha256(written), written=written)


def _bytes_of(snapshot: NamedSnapshot) -> bytes:
    """Return the file of a snapshot as it was proved; an account that was read now as it would be written."""
    if snapshot.written is not None:
        return snapshot.written
    data = Path(snapshot.name).read_bytes()
    if _sha256(data) != snapshot.sha256:
        raise WatchwordError(
            f"`{snapshot.name}` is not the file any more that was proved", hint="do it again", see=_SEE
        )
    return data


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _put(page: str, file: str, *, overwrite: bool) -> None:
    if file == _STDOUT:
        sys.stdout.buffer.write(page.encode())
        sys.stdout.buffer.flush()
        return
    from watchword.audit.evidence_file import write_file

    write_file(Path(file), page.encode(), overwrite=overwrite)
    talk(f"the report is `{file}`")


def _refuse_beside_verify(*others: object) -> None:
    if any(others):
        raise UsageError(
            "--verify looks at a bundle, and takes nothing else", hint="leave the rest out", see=_SEE
        )


def _verify(place: Path) -> None:
    """Say what was changed in a bundle. Raises WatchwordError when anything was."""
    from watchword.audit.evidence import SUMS
    from watchword.audit.evidence_check import checked

    found = checked(place)
    if not found.problems:
        style = stdout_style()
        good = style.good("unchanged")
        click.echo(
            f"{good}: {found.files} files are as they were; the SHA-256 of {SUMS} is {found.sums_sha256}",
            color=style.color,
        )
        return
    for problem in found.problems[:20]:
        click.echo(printable(problem))
    more = len(found.problems) - 20
    if more > 0:
        click.echo(f"and {more} more")
    raise WatchwordError(
        f"`{place}` is not as it was made", hint="ask for it again where it comes from", see=_SEE
    )
