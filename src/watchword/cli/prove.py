"""`watchword prove`: what can be reached without MFA, by whom, and how."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from watchword import __version__
from watchword.cli.live_account import Live, live_options, refuse_both, snapshots_of
from watchword.cli.options import color_option, not_a_code, stdout_style
from watchword.cli.policy_options import assume_option
from watchword.cli.progress import Progress
from watchword.cli.snapshots import NamedSnapshot, together
from watchword.errors import ExitCode, UsageError
from watchword.iam import Assumptions

if TYPE_CHECKING:
    from watchword.account.accounts import Accounts
    from watchword.proof.claim import Claim
    from watchword.proof.result import Proof

_SEE: Final = "docs/prove/index.md"
_OUTPUTS: Final = ("text", "json", "sarif", "csv", "markdown")


@click.command(
    "prove",
    epilog="Examples: `watchword prove work.json` · `watchword prove work.json --principal user/alice`"
    " · `watchword prove --profile audit --output sarif -o proof.sarif`",
)
@click.argument("snapshot", required=False, metavar="[SNAPSHOT]", callback=not_a_code)
@click.option(
    "--principal",
    "names",
    multiple=True,
    metavar="WHO",
    help="Only this one: its ARN, user/NAME, role/NAME or root. May be repeated.",
)
@click.option("--claim", "files", multiple=True, metavar="FILE", help="What is claimed. May be repeated.")
@click.option(
    "--output",
    type=click.Choice(_OUTPUTS),
    default="text",
    show_default=True,
    help="Text to read, data (watchword/proof/v1), SARIF 2.1.0, or a table.",
)
@click.option("-o", "file", metavar="FILE", callback=not_a_code, help="Where to put it, instead of stdout.")
@click.option(
    "--fixes",
    metavar="FOLDER",
    callback=not_a_code,
    help="Also write each policy as its fix has it, and say how to store it.",
)
@click.option("--full", is_flag=True, help="In JSON, name every action instead of patterns.")
@live_options
@assume_option
@color_option
@click.pass_context
def prove(
    context: click.Context,
    snapshot: str | None,
    names: tuple[str, ...],
    files: tuple[str, ...],
    output: str,
    file: str | None,
    fixes: str | None,
    full: bool,
    live: Live,
    assumptions: Assumptions,
) -> None:
    """Prove what is claimed of an account, or show how it is not so.

    SNAPSHOT is a file of `watchword account snapshot`, AWS's own GetAccountAuthorizationDetails, or a folder
    with one file an account; without it the account is read now. Without --claim it is claimed that without
    MFA nobody reaches anything but enrolling their own device.

    Ends with 0 when everything claimed is proved, and with 3 when something is refuted or undetermined.
    """
    refuse_both(snapshot, live, see=_SEE)
    refuse_to_replace((snapshot, *files), file)
    claims = claims_of(files)
    gc.disable()  # nothing that a proof makes is let go before it ends
    read = snapshots_of(snapshot, live, see=_SEE)
    proof = prove_snapshots(read, claims, names, assumptions, full=full)
    _put(_written(proof, output, file), file)
    if fixes is not None:
        from watchword.cli.prove_fixes import put_fixes

        put_fixes(proof, fixes)
    if proof.outcome != "proved":
        context.exit(ExitCode.FINDINGS)


def refuse_to_replace(read: Sequence[str | None], file: str | None) -> None:
    """Raise UsageError when `file` is one of those that are read: there may be no other copy."""
    for each in map(Path, filter(None, read)):
        if file and each.is_file() and Path(file).is_file() and each.samefile(file):
            raise UsageError(
                f"`{file}` is what is to be read, and would be replaced",
                hint="name another file with `-o`",
                see=_SEE,
            )


def claims_of(files: Sequence[str]) -> tuple[Claim, ...]:
    """Return what the files claim; the default claim when there are none."""
    if not files:
        from watchword.proof.claim import DEFAULT_CLAIM

        return (DEFAULT_CLAIM,)
    from watchword.local.documents import read_document
    from watchword.proof.claim_file import read_claims, refuse_same_names

    claims = tuple(claim for file in files for claim in read_claims(read_document(file), file=file))
    refuse_same_names(claims)
    return claims


def prove_snapshots(
    read: Sequence[NamedSnapshot],
    claims: Sequence[Claim],
    names: Sequence[str],
    assumptions: Assumptions,
    *,
    full: bool,
) -> Proof:
    """Return the proof, and show on stderr how far it is; `names` are those of the principals to look at."""
    from watchword.local.universe import load_universe
    from watchword.proof.chosen import chosen
    from watchword.proof.prove import prove as prove_accounts

    accounts: Accounts = together(read)
    with Progress("proving: {} of {} principals") as progress:
        return prove_accounts(
            accounts,
            universe=load_universe(),
            now=datetime.now(UTC),
            claims=claims,
            assumptions=assumptions,
            principals=chosen(accounts, names) if names else None,
            progress=progress,
            full=full,
            version=__version__,
            hashes={each.snapshot.account_id: each.sha256 for each in read if each.sha256},
        )


def _written(proof: Proof, output: str, file: str | None) -> bytes:
    """Only what is asked for is loaded: the proof itself takes most of the time that there is."""
    match output:
        case "json":
            from watchword.proof.result import write_proof

            return write_proof(proof)
        case "sarif":
            from watchword.report.proof_sarif import proof_sarif

            return proof_sarif(proof)
        case "csv":
            from watchword.report.proof_csv import proof_csv

            return proof_csv(proof).encode()
        case "markdown":
            from watchword.report.proof_markdown import proof_markdown

            return proof_markdown(proof).encode()
        case _:
            from watchword.report.proof_text import proof_text
            from watchword.report.style import Style

            style = stdout_style() if file is None else Style(color=False)
            return f"{proof_text(proof, style)}\n".encode()


def _put(content: bytes, file: str | None) -> None:
    if file is None or file == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from watchword.audit.snapshot_file import write

    write(Path(file), content)
