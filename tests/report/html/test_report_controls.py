"""What a proof answers of the controls of standards: met, not met, not answered, and never more."""

from __future__ import annotations

import msgspec
import pytest

from report.html.proofs import example, excepted, proved, undetermined
from watchword.proof.result import Entry, Known, Proof, ProvedDevice, ProvedKey, ProvedPrincipal
from watchword.report.html.controls import Answer, Question, Status, answered, catalogue


def _answers(proof: Proof) -> dict[str, Answer]:
    """The answers by number; of CIS's the numbers of 5.0.0."""
    found = {}
    for _, controls in answered(proof, catalogue()):
        for each in controls:
            versions = {number.version: number.number for number in each.control.numbers}
            found[versions.get("5.0.0") or each.numbers[0][0]] = each.answer
    return found


def _statuses(proof: Proof) -> dict[str, str]:
    return {number: answer.status.value for number, answer in _answers(proof).items()}


def _changed(proof: Proof, name: str, **changes: object) -> Proof:
    principals = tuple(
        msgspec.structs.replace(each, **changes) if each.name == name else each for each in proof.principals
    )
    return msgspec.structs.replace(proof, principals=principals)


def test_who_is_reached_without_mfa_decides() -> None:
    assert _statuses(example()) == {
        "1.3": "met",
        "1.4": "met",
        "1.5": "not met",  # a virtual device
        "1.9": "met",
        "8.4.1": "not met",
        "8.4.2": "not met",
        "8.4.3": "not met",
        "8.5.1": "not met",
        "IA-2(1)": "not met",
        "IA-2(2)": "not met",
        "IA-2(6)": "not answered",
        "IA-2(8)": "not answered",
        "CC6.1": "not met",
        "A.8.5": "not met",
    }


def test_privileged_is_who_may_change_permissions() -> None:
    answers = _answers(example())
    assert answers["IA-2(1)"].why == "alice: something is reached without MFA"
    assert answers["IA-2(2)"].why == "dana: something is reached without MFA"


def test_everybody_who_must_have_used_mfa_is_met() -> None:
    statuses = _statuses(proved())
    assert {statuses[each] for each in ("8.4.1", "8.4.2", "8.5.1", "IA-2(1)", "CC6.1", "A.8.5")} == {"met"}
    assert _answers(proved())["8.4.2"].why == "all 4 must have used MFA"


def test_what_is_undetermined_is_not_answered() -> None:
    statuses = _statuses(undetermined())
    assert {statuses[each] for each in ("8.4.1", "8.4.2", "8.5.1", "IA-2(2)")} == {"not answered"}


def test_an_exception_is_no_fulfilment_but_where_the_control_allows_one() -> None:
    proof = _changed(excepted(), "alice", enforced=example().principals[0].enforced)
    proof = msgspec.structs.replace(proof, findings=proof.findings[1:])
    statuses = _statuses(proof)
    assert statuses["8.4.2"] == statuses["IA-2(2)"] == "met but for exceptions"
    assert statuses["8.5.1"] == statuses["8.4.1"] == "met"
    assert "documented" in _answers(proof)["8.5.1"].why


def test_a_finding_beside_the_exception_counts() -> None:
    assert _statuses(excepted())["8.4.2"] == "not met"


def test_a_proof_of_chosen_principals_answers_for_nobody_else() -> None:
    some = tuple(each for each in proved().principals if each.name == "bob")
    statuses = _statuses(msgspec.structs.replace(proved(), principals=some))
    assert {statuses[each] for each in ("1.3", "1.4", "1.5", "8.4.2", "CC6.1")} == {"not answered"}


@pytest.mark.parametrize(
    ("kind", "needs_mfa", "status"),
    [
        ("anybody", Known.NO, Status.NOT_MET),
        ("outside", Known.NO, Status.NOT_ANSWERED),
        ("outside", Known.YES, Status.MET),
        ("service", Known.NO, Status.MET),
        ("identity-provider", Known.NO, Status.MET),
    ],
)
def test_strangers_count_when_a_role_lets_them_in(kind: str, needs_mfa: Known, status: Status) -> None:
    entry = Entry(who="arn:aws:iam::999999999999:root", kind=kind, needs_mfa=needs_mfa)
    proof = _changed(proved(), "deploy", entered_by=(entry,))
    assert _answers(proof)["8.4.2"].status is status


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"keys": (ProvedKey(id="AKIAIOSFODNN7EXAMPLE", active=False),)}, {"1.3": "not met"}),
        ({"keys": None}, {"1.3": "not answered"}),
        ({"devices": ()}, {"1.4": "not met", "1.5": "not met"}),
        ({"devices": None}, {"1.4": "met", "1.5": "not answered"}),  # its state with MFA exists
        ({"devices": None, "states": {}}, {"1.4": "not answered", "1.5": "not answered"}),
        ({"devices": (), "console": Known.NO}, {"1.4": "met", "1.5": "met"}),
        ({"devices": (ProvedDevice(serial="GAHT1", kind="hardware"),)}, {"1.4": "met", "1.5": "met"}),
        ({"devices": (ProvedDevice(serial="arn:…:u2f/…", kind="fido"),)}, {"1.5": "met"}),
    ],
)
def test_roots_keys_and_devices(changes: dict[str, object], expected: dict[str, str]) -> None:
    statuses = _statuses(_changed(example(), "root", **changes))
    assert {number: statuses[number] for number in expected} == expected


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"devices": ()}, Status.NOT_MET),
        ({"devices": None}, Status.NOT_ANSWERED),
        ({"console": Known.UNKNOWN}, Status.NOT_ANSWERED),
        ({"console": Known.NO, "devices": ()}, Status.MET),
    ],
)
def test_users_with_a_password_need_a_device(changes: dict[str, object], status: Status) -> None:
    assert _answers(_changed(example(), "bob", **changes))["1.9"].status is status


def test_of_several_accounts_the_worst_root_counts() -> None:
    proof = example()
    [account], root = proof.accounts, proof.principals[0]
    other = "444455556666"
    second: ProvedPrincipal = msgspec.structs.replace(
        root, arn=f"arn:aws:iam::{other}:root", account=other, devices=()
    )
    both = msgspec.structs.replace(
        proof,
        accounts=(account, msgspec.structs.replace(account, id=other)),
        principals=(*proof.principals, second),
    )
    assert _answers(both)["1.4"] == Answer(status=Status.NOT_MET, why=f"root of {other} has no MFA device")


def test_each_standard_says_where_it_is_from_and_each_control_what_is_answered() -> None:
    for standard in catalogue().standard:
        assert standard.source.startswith("https://")
        for control in standard.control:
            assert control.numbers
            assert bool(control.answers) == (control.question is not Question.NONE)


def test_cis_has_a_number_for_each_version() -> None:
    [cis] = [each for each in catalogue().standard if each.name.startswith("CIS")]
    versions = ["1.4.0", "1.5.0", "2.0.0", "3.0.0", "4.0.0", "5.0.0", "6.0.0", "7.0.0"]
    for control in cis.control:
        assert [each.version for each in control.numbers] == versions
