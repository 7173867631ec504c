"""Whether a user can enrol its own first device, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest

from proof.closure.attacked import KEY, WITHOUT_MFA, Attack, allow, arn, deny, document, snapshot, user
from watchword.iam import evaluate
from watchword.proof.closure import Answer, FirstDevice

ENROLS = allow(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"])


def first_device(*statements: dict[str, Any], **parts: Any) -> FirstDevice:  # noqa: ANN401
    attack = Attack(snapshot(users=[user("alice", document(*statements or (deny("s3:*"),)))], **parts))
    start = arn("user/alice")
    return attack.closure.own_first_device(start, attack.states(start, {KEY}))


def test_a_user_who_may_make_and_enable_one_can() -> None:
    found = first_device(ENROLS)
    assert found.answer is Answer.YES
    assert found.chain is not None
    for step in found.chain.steps:
        assert evaluate(step.request, step.policies).allowed
    assert [each.request.action for each in found.chain.steps] == [
        "iam:CreateVirtualMFADevice",
        "iam:EnableMFADevice",
    ]


def test_a_deny_that_forgets_enrolment_is_a_deadlock_and_is_named() -> None:
    found = first_device(ENROLS, deny("iam:EnableMFADevice", Condition=WITHOUT_MFA))
    assert found.answer is Answer.NO
    assert "`iam:EnableMFADevice` is denied" in found.why
    assert "p0" in found.why


def test_a_user_whom_nothing_allows_it_cannot() -> None:
    found = first_device()
    assert found.answer is Answer.NO
    assert found.why == "nothing allows `iam:EnableMFADevice` with its access key"


def test_with_enabling_alone_it_hangs_on_a_device_that_somebody_has() -> None:
    found = first_device(allow("iam:EnableMFADevice"))
    assert found.answer is Answer.UNDETERMINED
    assert "only a hardware device or a security key" in found.why


def test_who_has_a_device_enrols_no_first_one() -> None:
    device = {"user": "alice", "serial": arn("mfa/alice"), "kind": "virtual"}
    found = first_device(ENROLS, allow("iam:DeactivateMFADevice"), mfa_devices=[device])
    assert found.answer is Answer.NO
    assert found.why == "it has a device already"


@pytest.mark.parametrize("read", [[], None], ids=["none", "not read"])
def test_without_a_device_in_the_snapshot_a_first_one_can_be_enrolled(read: list[Any] | None) -> None:
    assert first_device(ENROLS, mfa_devices=read).answer is Answer.YES
