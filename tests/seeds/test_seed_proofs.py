"""What the walk-throughs let a bare key reach: said by the proof, and then really done in the sandbox.

What is expected was written down by reading the policies, before there was a proof to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local_aws import LocalAws, local_aws
from seeds.asked_calls import let_through
from seeds.played_witness import NOT_ASKED, Attacker, CannotBePlayed
from seeds.seed_accounts import (
    begin,
    perhaps_reached,
    principal,
    proof_of,
    reached,
    scenario_file,
    snapshot_of,
)
from watchword.iam import CredentialKind
from watchword.proof.result import Known, Outcome, Proof, ProvedFinding, Witness

ACCOUNT = "123456789012"
EVERYTHING = 20_000
FREE = {"sts:GetCallerIdentity", "sts:GetSessionToken"}


@dataclass(frozen=True, kw_only=True)
class Seed:
    """An account of a walk-through: where it can be had, how it begins, and what is proved of it."""

    aws: LocalAws
    scenario: Path
    proof: Proof

    def attacker(self, arn: str) -> Attacker:
        """Begin the account anew, and return somebody who has found the key of a user, or of root."""
        begin(self.aws, self.scenario)
        key = self.aws.root if arn.endswith(":root") else self.aws.key(arn.rpartition("/")[2])
        kind = CredentialKind.ROOT_KEY if arn.endswith(":root") else CredentialKind.ACCESS_KEY
        return Attacker(aws=self.aws, held={(arn, kind): key})

    def findings(self, user: str) -> list[ProvedFinding]:
        """Return what speaks against the claim because of this user."""
        return [each for each in self.proof.findings if arn_of(user) in each.principals]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("seeds") / "sandbox") as running:
        yield running


@pytest.fixture(scope="module")
def seed(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Seed]:
    """Load an account, read it over HTTP and prove what is claimed, once each."""
    made: dict[int, Seed] = {}

    def load(number: int) -> Seed:
        if number not in made:
            folder = tmp_path_factory.mktemp(f"seed-{number}")
            scenario = scenario_file(f"seed-{number}", folder)
            begin(aws, scenario)
            made[number] = Seed(aws=aws, scenario=scenario, proof=proof_of(snapshot_of(aws, folder)))
        return made[number]

    return load


def arn_of(user: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{'root' if user == 'root' else f'user/{user}'}"


# --- read by a person -----------------------------------------------------------------------------------


def test_seed_0_a_deny_with_bool_stops_sessions_and_lets_keys_through(seed: Callable[[int], Seed]) -> None:
    found = seed(0)
    assert {"s3:ListAllMyBuckets", "ec2:DescribeInstances"} <= reached(found.proof, "jack-bool", "absent")
    assert "s3:ListAllMyBuckets" not in reached(found.proof, "jack-bool", "false")
    assert any(each.outcome is Outcome.REFUTED for each in found.findings("jack-bool"))


def test_seed_0_the_shorter_list_with_bool_if_exists_is_proved(seed: Callable[[int], Seed]) -> None:
    found = seed(0)
    assert found.findings("jack-test") == []
    assert "s3:ListAllMyBuckets" not in reached(found.proof, "jack-test", "absent")
    first = principal(found.proof, "jack-test").own_first_device
    assert first is not None
    assert first.outcome is Known.YES


def test_seed_0_the_long_list_leaves_two_whole_services_to_an_administrators_bare_key(
    seed: Callable[[int], Seed],
) -> None:
    bare = reached(seed(0).proof, "jack-admin", "absent")
    assert {"kms:CreateKey", "codecommit:CreateRepository", "iam:ListUsers", "iam:ListAccessKeys"} <= bare
    assert not {"s3:ListAllMyBuckets", "iam:AttachUserPolicy", "iam:CreateAccessKey"} & bare


def test_seed_1_a_key_lists_devices_and_nothing_else(seed: Callable[[int], Seed]) -> None:
    found = seed(1)
    assert reached(found.proof, "dev", "absent") - FREE == {"iam:ListMFADevices"}
    assert found.findings("dev") == []  # there is nobody else whose devices it could list


def test_seed_2_the_user_is_proved(seed: Callable[[int], Seed]) -> None:
    found = seed(2)
    assert found.findings("testuser") == []
    for state in ("absent", "false"):
        assert reached(found.proof, "testuser", state) <= FREE
    assert "ec2:DescribeRegions" in reached(found.proof, "testuser", "true")


def test_seed_3_the_roles_are_behind_mfa_and_their_names_are_not(seed: Callable[[int], Seed]) -> None:
    found = seed(3)
    bare = reached(found.proof, "myuser", "absent")
    assert "iam:GetRolePolicy" in bare
    assert not {"sts:AssumeRole", "iam:CreateUser"} & bare
    assert "sts:AssumeRole" in reached(found.proof, "myuser", "true")
    supervise = principal(found.proof, "supervise")
    assert supervise.entered_by == ()  # by nobody without MFA
    assert supervise.enforced.outcome is Known.YES


def test_seed_3_who_set_it_up_is_an_administrator_with_a_key(seed: Callable[[int], Seed]) -> None:
    assert len(reached(seed(3).proof, "setup", "absent")) > EVERYTHING


def test_seed_4_a_bare_key_attaches_administrator_access_to_itself(seed: Callable[[int], Seed]) -> None:
    found = seed(4)
    dev = principal(found.proof, "dev").states["absent"]
    assert len(reached(found.proof, "dev", "absent")) > EVERYTHING
    assert dev.direct.count < 250  # of IAM alone
    chains = [found.proof.witnesses[each] for each in dev.witnesses]
    assert any(step.action == "iam:AttachUserPolicy" for chain in chains for step in chain.steps)


def test_seed_4_a_reader_gives_itself_a_password_and_reads_all_of_iam(seed: Callable[[int], Seed]) -> None:
    bare = reached(seed(4).proof, "reader", "absent")
    assert {"iam:CreateLoginProfile", "iam:GetAccountAuthorizationDetails", "iam:ListUsers"} <= bare
    assert not {"s3:ListAllMyBuckets", "iam:AttachUserPolicy"} & bare


def test_root_of_each_account_has_a_key_and_that_is_said(seed: Callable[[int], Seed]) -> None:
    for number in range(5):
        refuted = [each for each in seed(number).findings("root") if each.outcome is Outcome.REFUTED]
        assert [each.principal for each in refuted] == [arn_of("root")]


# --- done in the sandbox --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(5))
def test_each_witness_gets_through_in_the_sandbox(seed: Callable[[int], Seed], number: int) -> None:
    found = seed(number)
    played = 0
    for finding in found.proof.findings:
        if finding.witness is None:
            continue
        witness = found.proof.witnesses[finding.witness]
        outcomes = [each.outcome for each in found.attacker(witness.principal).play(witness)]
        assert set(outcomes) <= {"allowed", NOT_ASKED}, (witness.action, outcomes)
        played += outcomes[0] == "allowed"
    assert played


@pytest.mark.parametrize("number", range(5))
def test_each_state_of_each_user_is_as_the_proof_says(seed: Callable[[int], Seed], number: int) -> None:
    """The other witnesses: of each user and state, for what the policies say in so many places."""
    found = seed(number)
    played = {finding.witness for finding in found.proof.findings}
    for one in found.proof.principals:
        for name, state in one.states.items():
            if name == "true" or one.kind == "role":
                continue
            for each in set(state.witnesses) - played:
                witness = found.proof.witnesses[each]
                assert gets_through(found, witness) is not False, (one.name, name, witness.action)


@pytest.mark.parametrize(
    ("number", "user"), [(0, "jack-admin"), (0, "jack-test"), (1, "dev"), (3, "myuser"), (4, "reader")]
)
def test_what_the_sandbox_lets_through_the_proof_says_is_reached(
    seed: Callable[[int], Seed], number: int, user: str
) -> None:
    """All that IAM can be asked, and some of other services: with the key, and with a session of it."""
    found = seed(number)
    begin(found.aws, found.scenario)
    key = found.aws.key(user)
    bare = let_through(found.aws, key, arn_of(user))
    assert bare <= perhaps_reached(found.proof, user, "absent"), user
    session = let_through(found.aws, found.aws.session(key), arn_of(user))
    assert session <= perhaps_reached(found.proof, user, "false"), user


def gets_through(found: Seed, witness: Witness) -> bool | None:
    """Play a witness; None: the sandbox has no such call."""
    attacker = found.attacker(witness.principal)
    try:
        return all(each.outcome in {"allowed", NOT_ASKED} for each in attacker.play(witness))
    except CannotBePlayed:
        return None
