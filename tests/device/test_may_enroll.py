"""Whether somebody's policies let them enrol: yes, no with the statement, or undetermined with the reason."""

from __future__ import annotations

import json

import pytest

from device.published import ACCOUNT, ALLOW_ALL, CREDENTIALS, MFA_ONLY, seed
from watchword.aws.user_policies import AppliedPolicy, Origin, Unread, UserPolicies
from watchword.device.may_enroll import NOT_LOOKED_AT, MayEnroll, Step, may_enroll
from watchword.device.owner import Owner
from watchword.iam import Outcome

USER = f"arn:aws:iam::{ACCOUNT}:user/bob"
GAP = Unread(what="which groups there are", operation="iam:ListGroupsForUser", code="AccessDenied")
NO_BOUNDARY_READ = Unread(
    what="the permissions boundary", operation="iam:GetUser", code="AccessDenied", boundary=True
)
EVERYTHING = json.dumps(ALLOW_ALL)


def asked(
    *documents: str, unread: tuple[Unread, ...] = (), name: str = "bob", boundary: str = ""
) -> MayEnroll:
    held = [
        AppliedPolicy(name=f"P{at}", origin=Origin.USER, group=None, arn=None, text=text)
        for at, text in enumerate(documents)
    ]
    if boundary:
        held.append(AppliedPolicy(name="B", origin=Origin.BOUNDARY, group=None, arn="a:b", text=boundary))
    policies = UserPolicies(name="bob", arn=USER, tags={}, documents=tuple(held), unread=unread)
    owner = Owner(arn=USER, user_name="bob", account=ACCOUNT, partition="aws")
    return may_enroll(policies, owner, device_name=name)


def test_who_may_do_all_can_enrol_and_nothing_is_in_the_way() -> None:
    may = asked(EVERYTHING)
    assert may.can_enroll is True
    assert may.blocking == may.undetermined == may.inconvenient == may.console == ()
    assert {each.without_mfa.outcome for each in may.steps} == {Outcome.ALLOWED}
    assert may.not_looked_at == (NOT_LOOKED_AT,)


def test_who_has_no_policy_cannot() -> None:
    may = asked()
    assert may.can_enroll is False
    assert may.blocking == (
        f"`iam:CreateVirtualMFADevice` on `arn:aws:iam::{ACCOUNT}:mfa/bob`: no policy allows it",
        f"`iam:EnableMFADevice` on `{USER}`: no policy allows it",
    )


def test_a_session_token_is_nothing_that_a_policy_can_forbid() -> None:
    deny = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    )
    assert asked(deny).of(Step.SESSION).without_mfa.outcome is Outcome.ALLOWED


@pytest.mark.parametrize("unread", [GAP, NO_BOUNDARY_READ], ids=["groups", "boundary"])
def test_what_was_not_read_could_hold_a_deny(unread: Unread) -> None:
    may = asked(EVERYTHING, unread=(unread,))
    assert may.can_enroll is None
    assert f"not read: {unread.what} (`{unread.operation}`)" in may.undetermined[0]


def test_what_was_not_read_could_hold_an_allow_unless_it_is_the_boundary() -> None:
    assert asked(unread=(GAP,)).can_enroll is None
    assert asked(unread=(NO_BOUNDARY_READ,)).can_enroll is False


def test_a_deny_that_was_read_is_certain_whatever_was_not() -> None:
    shut = seed("0-force-mfa").replace('"iam:CreateVirtualMFADevice",', "")
    may = asked(shut, EVERYTHING, unread=(GAP, NO_BOUNDARY_READ))
    assert may.can_enroll is False
    assert "`DenyAllExceptListedIfNoMFA` in the policy `P0` denies it without MFA" in may.blocking[0]


def test_a_boundary_that_leaves_it_out_blocks() -> None:
    boundary = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    )
    may = asked(EVERYTHING, boundary=boundary)
    assert may.can_enroll is False
    assert may.blocking[0].endswith(": the permissions boundary does not allow it")


def test_a_condition_that_nobody_knows_leaves_it_undetermined() -> None:
    office = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    deny = {"Sid": "Office", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": office}
    may = asked(EVERYTHING, json.dumps({"Version": "2012-10-17", "Statement": deny}))
    assert may.can_enroll is None
    assert "it hangs on `aws:SourceIp` in `Office` in the policy `P1`" in may.undetermined[0]


def test_a_name_that_is_refused_blocks_and_one_that_is_not_is_told() -> None:
    may = asked(seed("4-ManageMFA-corrected"), name="phone")
    assert may.can_enroll is False
    assert may.blocking[0].endswith("alone: one called `bob` can be made")
    assert asked(seed("4-ManageMFA-corrected")).can_enroll is True


def test_leftovers_that_stay_are_inconvenient_and_no_more() -> None:
    may = asked(MFA_ONLY)
    assert may.can_enroll is True
    (line,) = may.inconvenient
    assert line.startswith(
        "`iam:DeleteVirtualMFADevice`: `DenyAllExceptListedIfNoMFA` in the policy `P0` denies it"
    )
    assert line.endswith("a broken-off enrolment leaves its device, and the next takes another name")


def test_a_list_whose_resource_is_contested_is_not_guessed() -> None:
    answer = asked(seed("4-ManageMFA-corrected")).of(Step.LIST_VIRTUAL).without_mfa
    assert answer.outcome is Outcome.UNDETERMINED
    assert "contested" in answer.because


def test_a_first_password_that_cannot_be_changed_without_mfa_is_told() -> None:
    (line,) = asked(CREDENTIALS).console
    assert line.startswith(
        "`iam:ChangePassword`: `DenyAllExceptListedIfNoMFA` in the policy `P0` denies it without MFA"
    )
    answer = asked(CREDENTIALS).of(Step.CHANGE_PASSWORD)
    assert (answer.console.outcome, answer.with_mfa.outcome) == (Outcome.EXPLICIT_DENY, Outcome.ALLOWED)


def test_the_accounts_password_policy_may_let_users_change_theirs() -> None:
    answer = asked().of(Step.CHANGE_PASSWORD).console
    assert answer.outcome is Outcome.UNDETERMINED
    assert "unless the account's password policy lets all users change theirs" in answer.because


def test_a_policy_of_the_console_alone_is_told_apart_from_that_of_keys() -> None:
    """`Bool` misses access keys and meets the console: seed 0 says so."""
    shut = seed("0-force-mfa").replace("BoolIfExists", "Bool").replace('"iam:EnableMFADevice",', "")
    may = asked(shut, EVERYTHING)
    assert may.can_enroll is True
    assert any(line.startswith("`iam:EnableMFADevice`") for line in may.console)
