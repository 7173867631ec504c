"""Each pattern of `tests/accounts` is proved or refuted as AWS's rules say, through the command."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from watchword.account.accounts import Accounts
from watchword.account.read import read_snapshot
from watchword.cli.prove import prove
from watchword.iam import evaluate
from watchword.local.universe import load_universe
from watchword.proof.chain import ChainStep
from watchword.proof.closure import Closure
from watchword.proof.escalation import load_rules
from watchword.proof.reach import Reacher
from watchword.proof.states import Exists

FOLDER = Path(__file__).parents[2] / "accounts"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json"))
JsonObject = dict[str, Any]
_ACTION = re.compile(r'"([a-z0-9-]+:[A-Za-z]+)"')
WITHOUT_MFA = ("absent", "false")


def expected(name: str) -> JsonObject:
    found: JsonObject = json.loads((FOLDER / f"{name}.expected.json").read_text(encoding="utf-8"))
    return found


def ask(name: str, *options: str) -> tuple[int, JsonObject]:
    result = CliRunner().invoke(
        prove, [str(FOLDER / f"{name}.json"), "--output", "json", "--full", *options], catch_exceptions=False
    )
    assert result.stdout, result.stderr
    return result.exit_code, json.loads(result.stdout)


@functools.cache
def named_actions() -> frozenset[str]:
    """The actions that anything is expected of: of the others nothing has to be kept."""
    texts = (path.read_text(encoding="utf-8") for path in FOLDER.glob("*.expected.json"))
    return frozenset(action for text in texts for action in _ACTION.findall(text))


@functools.cache
def proved(name: str) -> tuple[int, JsonObject]:
    status, found = ask(name)
    sets = found["action_sets"].items()
    found["action_sets"] = {each: named_actions().intersection(actions) for each, actions in sets}
    return status, found


def proof(name: str) -> JsonObject:
    return proved(name)[1]


def where(field: str) -> list[str]:
    return [name for name in NAMES if field in expected(name)]


def principal(found: JsonObject, name: str) -> JsonObject:
    one: JsonObject
    (one,) = (each for each in found["principals"] if each["name"] == name and each["kind"] != "role")
    return one


def actions_of(found: JsonObject, entry: JsonObject) -> set[str]:
    return set(found["action_sets"][entry["set"]])


def reached(
    found: JsonObject, name: str, states: tuple[str, ...] = WITHOUT_MFA, kind: str = "reachable"
) -> set[str]:
    """The actions that a user or root reaches in states that exist."""
    every = principal(found, name)["states"]
    there = [every[state] for state in states if state in every and every[state]["exists"] != "no"]
    return {action for state in there for action in actions_of(found, state[kind])}


def may_be_reached(found: JsonObject, name: str) -> set[str]:
    every = principal(found, name)["states"]
    there = [every[state] for state in WITHOUT_MFA if every[state]["exists"] != "no"]
    return {
        action for state in there for entry in state["undetermined"] for action in actions_of(found, entry)
    }


def is_subsequence(wanted: list[str], found: list[str]) -> bool:
    rest = iter(found)
    return all(any(each == other for other in rest) for each in wanted)


@pytest.mark.parametrize("name", NAMES)
def test_the_default_claim_fares_as_aws_rules_say(name: str) -> None:
    wanted = expected(name)
    status, found = proved(name)
    assert (found["outcome"], status) == (wanted["outcome"], 0 if wanted["outcome"] == "proved" else 3), (
        wanted["why"]
    )


@pytest.mark.parametrize("name", where("reached"))
def test_what_can_be_reached_is_found(name: str) -> None:
    found = proof(name)
    for user, actions in expected(name)["reached"].items():
        assert set(actions) <= reached(found, user)


@pytest.mark.parametrize("name", where("not_reached"))
def test_what_cannot_be_reached_is_not_found(name: str) -> None:
    found = proof(name)
    for user, actions in expected(name)["not_reached"].items():
        assert not set(actions) & (reached(found, user) | may_be_reached(found, user))


@pytest.mark.parametrize("name", where("direct"))
def test_what_needs_no_chain_is_direct(name: str) -> None:
    found = proof(name)
    for state, by_user in expected(name)["direct"].items():
        for user, actions in by_user.items():
            assert set(actions) <= reached(found, user, (state,), "direct")


@pytest.mark.parametrize("name", where("not_direct"))
def test_what_needs_a_chain_is_not_direct(name: str) -> None:
    found = proof(name)
    for state, by_user in expected(name)["not_direct"].items():
        for user, actions in by_user.items():
            assert not set(actions) & reached(found, user, (state,), "direct")


@pytest.mark.parametrize("name", where("exists"))
def test_the_credentials_that_exist_are_told(name: str) -> None:
    found = proof(name)
    for user, states in expected(name)["exists"].items():
        assert {state: principal(found, user)["states"][state]["exists"] for state in states} == states


@pytest.mark.parametrize("name", where("true_credentials"))
def test_what_gives_a_user_mfa_is_told(name: str) -> None:
    found = proof(name)
    for user, credentials in expected(name)["true_credentials"].items():
        assert principal(found, user)["states"]["true"]["credentials"] == credentials


@pytest.mark.parametrize("name", where("own_first_device"))
def test_enrolling_ones_own_first_device_is_told_apart(name: str) -> None:
    found = proof(name)
    for user, outcome in expected(name)["own_first_device"].items():
        assert principal(found, user)["own_first_device"]["outcome"] == outcome


@pytest.mark.parametrize("name", where("only"))
def test_nobody_else_is_accused(name: str) -> None:
    found = proof(name)
    accused = {arn for finding in found["findings"] for arn in finding["principals"]}
    assert accused == {principal(found, user)["arn"] for user in expected(name)["only"]}


@pytest.mark.parametrize("name", [name for name in NAMES if expected(name)["outcome"] == "proved"])
def test_a_right_account_has_no_findings(name: str) -> None:
    assert [each for each in proof(name)["findings"] if each["outcome"] != "proved"] == []


@pytest.mark.parametrize("name", [name for name in NAMES if expected(name)["outcome"] != "proved"])
def test_a_finding_says_by_what_it_is_refuted_or_why_it_is_open(name: str) -> None:
    found = proof(name)
    counted = [each for each in found["findings"] if each["exception"] is None]
    assert counted
    for finding in counted:
        if finding["outcome"] == "refuted":
            assert finding["witness"] in found["witnesses"]
        else:
            assert finding["reason"]


@functools.lru_cache(maxsize=1)
def closure(name: str) -> Closure:
    snapshot = read_snapshot((FOLDER / f"{name}.json").read_bytes(), name=name)
    return Closure(Reacher(Accounts.of([snapshot]), load_universe()), load_rules())


@pytest.mark.parametrize("name", where("chains"))
def test_the_way_in_is_the_shortest_and_names_its_statements(name: str) -> None:
    for chain in expected(name)["chains"]:
        arn = principal(proof(name), chain["principal"])["arn"]
        there = [each for each in closure(name).expansion.reacher.states(arn) if each.exists is not Exists.NO]
        states = [each for each in there if each.mfa.value in chain["states"]]
        _as_expected(closure(name).of(arn, states).chain(chain["action"]).steps, chain)


def _as_expected(steps: Sequence[ChainStep], chain: JsonObject) -> None:
    done, last = [step.request.action for step in steps], steps[-1]
    if "calls" in chain:
        assert done in [*chain["calls"], *_without_the_session(chain)]
    else:
        free, wanted = chain.get("any_order", 1), chain["subsequence"]
        assert set(wanted[:free]) <= set(done)
        assert is_subsequence(wanted[free:], done)
    assert last.request.action == chain["action"]
    assert all(evaluate(step.request, step.policies).allowed for step in steps)
    if "statement" in chain:
        assert chain["statement"] in [each.sid for each in last.decision.statements]
    if "via" in chain:
        assert last.actor.endswith(f"/{chain['via']}")
    if "credential" in chain:
        assert last.state.credential.value == chain["credential"]
    assert last.request.resource.startswith(chain.get("resource_starts", ""))


def _without_the_session(chain: JsonObject) -> list[list[str]]:
    """Who holds a session among the states begins with it."""
    return [each[1:] for each in chain["calls"] if each[0] == "sts:GetSessionToken"]


@pytest.mark.parametrize("name", where("open"))
def test_what_is_open_is_said_to_be_open(name: str) -> None:
    found = proof(name)
    for user, actions in expected(name)["open"].items():
        assert set(actions) <= may_be_reached(found, user)
        assert not set(actions) & reached(found, user)


@pytest.mark.parametrize("name", where("fix_names"))
def test_the_fix_is_about_the_policy_that_is_wrong(name: str) -> None:
    fixes = [each["fix"] for each in proof(name)["findings"] if each["outcome"] == "refuted"]
    assert fixes
    for fix in fixes:
        assert fix is not None
        assert fix["proved"]
        assert expected(name)["fix_names"] in fix["policy"]


def test_an_exception_covers_a_finding_until_its_day() -> None:
    status, found = ask("role-without-mfa", "--claim", str(FOLDER / "exception.claims.yaml"))
    assert (status, found["outcome"]) == (0, "proved")
    (claim,) = found["claims"]
    assert [each["owner"] for each in claim["excepted"]] == ["platform@example.com"] * len(claim["excepted"])
    assert claim["excepted"]


def test_an_expired_exception_covers_nothing() -> None:
    status, found = ask("role-without-mfa", "--claim", str(FOLDER / "exception-expired.claims.yaml"))
    assert (status, found["outcome"]) == (3, "refuted")
