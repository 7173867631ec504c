"""The walk-throughs as accounts: each a scenario in `accounts/`, with the documents as they are written."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from local_aws import LocalAws
from watchword.account.accounts import Accounts
from watchword.account.read import read_snapshot
from watchword.iam import Universe
from watchword.local.universe import load_universe
from watchword.proof.prove import prove
from watchword.proof.result import Proof, ProvedPrincipal

WATCHWORD = Path(sys.executable).with_name("watchword")
SCENARIOS = Path(__file__).with_name("accounts")
POLICIES = Path(__file__).parents[1] / "cases" / "policies"
_EXAMPLES = ("111122223333", "999999999999")


def scenario_file(name: str, folder: Path, *, account: str = "123456789012") -> Path:
    """Lay a scenario out in a folder, with its policies and the account's own number in them."""
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    for policy in POLICIES.glob("seed-*.json"):
        text = policy.read_text(encoding="utf-8")
        for example in _EXAMPLES:
            text = text.replace(example, account)
        (policies / policy.name).write_text(text, encoding="utf-8")
    file = folder / f"{name}.yaml"
    file.write_bytes((SCENARIOS / file.name).read_bytes())
    return file


def begin(aws: LocalAws, scenario: Path) -> None:
    """Have nothing in the sandbox but what the scenario says."""
    aws.reset()
    aws.apply(scenario)


@cache
def universe() -> Universe:
    """Return the universe of this machine."""
    return load_universe()


def snapshot_of(aws: LocalAws, folder: Path) -> Path:
    """Read the account as its root does, with the command itself; return the file."""
    file = folder / "account.json"
    done = subprocess.run(
        [str(WATCHWORD), "account", "snapshot", "-o", str(file)],
        env={**aws.environment, "AWS_PROFILE": "root", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return file


def proof_of(snapshot: Path) -> Proof:
    """Prove the claim that is made when none is given."""
    accounts = Accounts.of([read_snapshot(snapshot.read_bytes(), name=snapshot.name)])
    return prove(accounts, universe=universe(), now=datetime.now(UTC))


def reached(proof: Proof, user: str, state: str) -> frozenset[str]:
    """Return the actions that a user reaches at the end of chains, each by its name."""
    found = principal(proof, user).states[state].reachable
    return _named(proof, found.set)


def perhaps_reached(proof: Proof, user: str, state: str) -> frozenset[str]:
    """Return the same with the actions of which it cannot be told."""
    found = principal(proof, user).states[state].undetermined
    return reached(proof, user, state).union(*(_named(proof, each.set) for each in found))


def _named(proof: Proof, action_set: str) -> frozenset[str]:
    return frozenset(name for each in proof.action_sets[action_set] for name in universe().matching(each))


def principal(proof: Proof, name: str) -> ProvedPrincipal:
    """Return what a proof says of a user, a role or root."""
    (found,) = [each for each in proof.principals if each.name == name]
    return found
