"""The accounts of `tests/accounts`, one a pattern: what the proof says of each is done in the sandbox.

A witness gets through, over HTTP, with nothing but what its own steps gave; and it does not any more after
the fix that the proof proposes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_aws import LocalAws, local_aws
from seeds.applied_fix import apply_fix
from seeds.asked_calls import let_through
from seeds.loaded_snapshot import load
from seeds.played_witness import NOT_ASKED, Attacker, Played
from seeds.seed_accounts import universe
from watchword.account.accounts import Accounts
from watchword.account.read import read_snapshot
from watchword.account.snapshot import Snapshot
from watchword.iam import CredentialKind
from watchword.proof.own_enrolment import OWN_ENROLMENT
from watchword.proof.prove import prove
from watchword.proof.result import Outcome, Proof, ProvedFinding

ACCOUNTS = Path(__file__).parents[1] / "accounts"
NUMBER = "111122223333"
# What is left out: where nothing is refuted, organizations (the sandbox's own account manages its own), and
# code that would have to be run.
REFUTED = (
    "admin-enrols-colleague",
    "bool-mistake",
    "boundary-removed",
    "console-only",
    "group-escape",
    "makes-role",
    "makes-user",
    "notaction-iam",
    "null-mistake",
    "removes-device",
    "resource-policy",
    "role-chain",
    "role-without-mfa",
    "set-default-version",
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("patterns") / "sandbox", account=NUMBER) as running:
        yield running


def snapshot_named(name: str) -> Snapshot:
    return read_snapshot((ACCOUNTS / f"{name}.json").read_bytes(), name=f"{name}.json")


def proof_of_snapshot(snapshot: Snapshot) -> Proof:
    return prove(Accounts.of([snapshot]), universe=universe(), now=datetime(2026, 11, 23, tzinfo=UTC))


def play(
    aws: LocalAws, snapshot: Snapshot, proof: Proof, finding: ProvedFinding, *, fixed: bool
) -> list[Played]:
    """Make the account, mend it if it is to be, and carry a finding's witness out."""
    assert finding.witness is not None
    witness = proof.witnesses[finding.witness]
    aws.reset()
    keys = load(aws, snapshot)
    if fixed:
        assert finding.fix is not None
        apply_fix(aws, finding.fix)
    held = {(arn, CredentialKind.ACCESS_KEY): key for arn, key in keys.items() if arn == witness.principal}
    return Attacker(aws=aws, held=held).play(witness)


@pytest.mark.parametrize("name", REFUTED)
def test_a_refuted_account_is_entered_as_the_witness_says_and_not_after_the_fix(
    aws: LocalAws, name: str
) -> None:
    snapshot = snapshot_named(name)
    proof = proof_of_snapshot(snapshot)
    refuted = [each for each in proof.findings if each.outcome is Outcome.REFUTED]
    assert refuted
    for finding in refuted:
        through = play(aws, snapshot, proof, finding, fixed=False)
        assert {each.outcome for each in through} <= {"allowed", NOT_ASKED}, (finding.message, through)
        if finding.fix is not None and finding.fix.proved:
            stopped = play(aws, snapshot, proof, finding, fixed=True)
            assert stopped[-1].outcome != "allowed", (finding.message, finding.fix.summary)


@pytest.mark.parametrize("name", ["own-first-device", "right-force-mfa"])
def test_a_proved_account_lets_a_bare_key_do_nothing_but_enrol_in_the_sandbox(
    aws: LocalAws, name: str
) -> None:
    snapshot = snapshot_named(name)
    assert proof_of_snapshot(snapshot).outcome is Outcome.PROVED
    aws.reset()
    for arn, key in load(aws, snapshot).items():
        assert let_through(aws, key, arn) <= set(OWN_ENROLMENT), arn
