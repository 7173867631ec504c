"""The walk-throughs as accounts: each a scenario in `accounts/`, with the documents as they are written."""

from __future__ import annotations

from pathlib import Path

from local_aws import LocalAws

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
