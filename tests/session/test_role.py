"""Getting into roles: from the user's session, without another code."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from session.account import USER, Account
from session.in_roles import client, kept, lives_seconds, profile, who, with_code
from session.people import Somebody, end


def test_a_role_is_assumed_from_the_session_without_another_code(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    person.login(account.code())
    assert (
        who(person, account, "support")
        == f"arn:aws:sts::{account.sandbox.account}:assumed-role/Support/{USER}"
    )
    assert who(person, account, "support").endswith(f"Support/{USER}")
    assert len(account.calls("sts:GetSessionToken")) == 1
    assert len(account.calls("sts:AssumeRole")) == 1, "a live session of a role is used again"


def test_a_cold_role_asks_for_one_code_that_serves_the_user_too(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    with_code(person, account.code(), "login", "support")
    assert who(person, account, "work") == account.arn
    assert who(person, account, "support").endswith(f":assumed-role/Support/{USER}")
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_a_role_may_demand_the_name_of_the_user_as_the_name_of_the_session(
    person: Somebody, account: Account
) -> None:
    named = {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}
    profile(person, "support", role_arn=account.role("Support", condition=named))
    person.login(account.code())
    assert who(person, account, "support").endswith(f"/{USER}")


def test_roles_are_assumed_one_from_the_other(person: Somebody, account: Account) -> None:
    first = account.role("First", mfa=True, may=[_may_assume()])
    second = account.role("Second", trusts=first)
    profile(person, "first", role_arn=first)
    profile(person, "second", role_arn=second, source_profile="first", role_session_name="shift-7")
    person.login(account.code())
    assert who(person, account, "second").endswith(":assumed-role/Second/shift-7")
    assert who(person, account, "first").endswith(f":assumed-role/First/{USER}")
    assert len(account.all_calls("sts:AssumeRole")) == 2, "the first role's session serves both"


def test_what_a_profile_asks_for_goes_with_the_call(person: Somebody, account: Account) -> None:
    # The sandbox decides with the policies, so that a call without one of these would be refused.
    role = account.role(
        "Support",
        actions=("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
        may=[_may_list_when_tagged()],
        condition={
            "StringEquals": {"sts:ExternalId": "id-7", "aws:RequestTag/team": "red"},
            "StringLike": {"sts:SourceIdentity": "*"},
        },
    )
    profile(
        person,
        "support",
        role_arn=role,
        external_id="id-7",
        source_identity="alice",
        session_tags="team=red, shift=late",
        transitive_session_tags="team",
    )
    account.allow(_may_assume("sts:TagSession", "sts:SetSourceIdentity"))
    person.login(account.code())
    users = client(person, account, "iam", "support").list_users()["Users"]
    assert USER in [user["UserName"] for user in users], "the tag is in the session"
    assert kept(person, role)["source_identity"] == "alice"


def test_sessions_that_were_asked_for_differently_are_different_sessions(
    person: Somebody, account: Account
) -> None:
    role = account.role("Support", actions=("sts:AssumeRole", "sts:TagSession"))
    account.allow(_may_assume("sts:TagSession"))
    for name, more in {"a": {}, "b": {"session_tags": "team=red"}, "c": {"role_session_name": "c-7"}}.items():
        profile(person, name, role_arn=role, **more)
    person.login(account.code())
    for name in ("a", "b", "c", "a", "b", "c"):
        who(person, account, name)
    assert len(account.calls("sts:AssumeRole")) == 3
    assert who(person, account, "c").endswith("/c-7")


def test_thirty_cold_callers_of_a_role_assume_it_once(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    person.login(account.code())

    def call(_: int) -> subprocess.CompletedProcess[str]:
        return person.run("credential-process", "support")

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(call, range(30)))
    assert {answer.returncode for answer in answers} == {0}, answers[0].stderr
    assert len({json.loads(answer.stdout)["AccessKeyId"] for answer in answers}) == 1
    assert len(account.calls("sts:AssumeRole")) == 1


def test_after_its_hour_a_role_is_assumed_again_without_a_code(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    person.login(account.code(), "--duration", "12h")
    # What is assumed now ends, by this machine's clock, in half a minute: too little to start something.
    account.sandbox.move_clock(-3570)
    first = person.run("credential-process", "support")
    account.sandbox.move_clock(3570)
    second = person.run("credential-process", "support")
    assert json.loads(first.stdout)["AccessKeyId"] != json.loads(second.stdout)["AccessKeyId"]
    assert len(account.calls("sts:GetSessionToken")) == 1
    assert len(account.calls("sts:AssumeRole")) == 2


def test_a_user_session_that_aws_refuses_is_forgotten_and_asked_for_once(
    person: Somebody, account: Account
) -> None:
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    person.login(account.code())
    account.end_sessions()
    shown = with_code(person, account.later_code(), "login", "support")
    assert f"assumed-role/Support/{USER}" in shown
    assert len(account.calls("sts:GetSessionToken")) == 2


def test_without_a_terminal_a_refused_user_session_ends_with_6(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    person.login(account.code())
    account.end_sessions()
    ran = person.run("exec", "support", "--", "true")
    assert ran.returncode == 6
    assert "watchword login support" in ran.stderr


def test_force_opens_everything_anew(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    with_code(person, account.code(), "login", "support")
    with_code(person, account.later_code(), "login", "support", "--force")
    assert len(account.calls("sts:GetSessionToken")) == 2
    assert len(account.calls("sts:AssumeRole")) == 2


def test_logout_forgets_the_roles_of_a_user(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support"))
    with_code(person, account.code(), "login", "support")
    assert len(person.sessions()) == 2
    assert person.run("logout", "work").returncode == 0
    assert person.sessions() == []


def test_logout_of_a_role_signs_the_user_out_too(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support"))
    with_code(person, account.code(), "login", "support")
    assert person.run("logout", "support").returncode == 0
    assert person.sessions() == []


def test_a_role_by_its_name_is_the_one_of_that_name(person: Somebody, account: Account) -> None:
    account.role("Support")
    account.role("SupportAdmin")
    person.login(account.code())
    assert who(person, account, "--role", "Support").endswith(f":assumed-role/Support/{USER}")
    ran = person.run("exec", "--role", "Suport", "--", "true")
    assert ran.returncode == 5, "nobody may tell whether there is such a role"


def test_a_name_that_no_role_has_is_said_with_near_names_and_never_guessed(
    person: Somebody, account: Account
) -> None:
    account.role("Support")
    account.allow(_may_read_roles())
    person.login(account.code())
    ran = person.run("exec", "--role", "Suport", "--", "true")
    assert ran.returncode == 1
    assert "there is no role `Suport` in the account" in ran.stderr
    assert "is it `Support`?" in ran.stderr


def test_a_role_with_a_path_is_found_by_its_name_alone(person: Somebody, account: Account) -> None:
    role = account.role("Support", path="/teams/red/")
    account.allow(_may_read_roles())
    person.login(account.code())
    assert who(person, account, "--role", "Support").endswith(f":assumed-role/Support/{USER}")
    assert kept(person, role)["role_session_name"] == USER


def test_a_role_with_its_path_needs_nobody_to_look_it_up(person: Somebody, account: Account) -> None:
    account.role("Support", path="/teams/red/")
    person.login(account.code())
    assert who(person, account, "--role", "teams/red/Support").endswith(f":assumed-role/Support/{USER}")


def test_a_role_on_top_of_a_role(person: Somebody, account: Account) -> None:
    first = account.role("First", may=[_may_assume()])
    account.role("Second", trusts=first)
    profile(person, "first", role_arn=first)
    person.login(account.code())
    assert who(person, account, "first", "--role", "Second").endswith(f":assumed-role/Second/{USER}")


def test_a_role_that_does_not_trust_the_user_is_refused_with_who_asked_and_why(
    person: Somebody, account: Account
) -> None:
    other = account.role("Other")
    profile(person, "support", role_arn=account.role("Support", trusts=other))
    account.allow(_may_read_roles(), _may_assume())
    person.login(account.code())
    ran = person.run("exec", "support", "--", "true")
    assert ran.returncode == 5
    assert "AWS refused `sts:AssumeRole` (AccessDenied)" in ran.stderr
    assert f"asked as `{account.arn}`, with MFA" in ran.stderr
    assert "its trust policy does not name you" in ran.stderr


def test_a_missing_external_id_is_named(person: Somebody, account: Account) -> None:
    role = account.role("Support", condition={"StringEquals": {"sts:ExternalId": "7"}})
    profile(person, "support", role_arn=role)
    account.allow(_may_read_roles())
    person.login(account.code())
    ran = person.run("exec", "support", "--", "true")
    assert ran.returncode == 5
    assert "`StringEquals` of `sts:ExternalId`" in ran.stderr


@pytest.mark.parametrize("action", ["iam:ListRoles", "iam:GetRole"])
def test_one_of_two_permissions_is_enough_to_tell_why(
    person: Somebody, account: Account, action: str
) -> None:
    role = account.role("Support", condition={"StringEquals": {"sts:ExternalId": "7"}})
    profile(person, "support", role_arn=role)
    profile(person, "gone", role_arn=role.replace("Support", "Gone"))
    account.allow({"Effect": "Allow", "Action": action, "Resource": "*"})
    person.login(account.code())
    assert "`StringEquals` of `sts:ExternalId`" in person.run("exec", "support", "--", "true").stderr
    assert "there is no role `Gone` in the account" in person.run("exec", "gone", "--", "true").stderr


def test_a_longer_session_than_there_is_is_said_to_be_shorter(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support"))
    person.login(account.code())
    assert person.run("exec", "support", "--", "true").returncode == 0
    ran = person.run("exec", "support", "--duration", "2h", "--", "echo", "ran")
    assert (ran.returncode, ran.stdout) == (0, "ran\n")
    assert "left); that is less than `2h`; `watchword login` with the same options" in ran.stderr


def test_where_nobody_may_read_the_role_all_that_may_be_the_cause_is_said(
    person: Somebody, account: Account
) -> None:
    profile(person, "support", role_arn=account.role("Support", trusts=account.role("Other")))
    person.login(account.code())
    ran = person.run("exec", "support", "--", "true")
    assert ran.returncode == 5
    assert "either there is no such role, or its trust policy does not let you in" in ran.stderr


def test_status_and_json_tell_what_is_known_of_a_role_session(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True)
    profile(person, "support", role_arn=role)
    with_code(person, account.code(), "login", "support")
    ran = person.run("login", "support", "--output", "json")
    value = json.loads(ran.stdout)
    assert value["role"]["arn"] == role
    assert value["role"]["session_name"] == USER
    assert value["role"]["source"] == "work"
    assert value["how"] == "chained"
    assert value["mfa"] is None, "contested: AWS says no, tools say yes"
    assert "contested" in value["mfa_says"]


def test_the_audit_log_names_the_role(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True)
    profile(person, "support", role_arn=role)
    with_code(person, account.code(), "login", "support")
    lines = [
        json.loads(line) for path in person.home.rglob("*.jsonl") for line in path.read_text().splitlines()
    ]
    assert [line["how"] for line in lines] == ["code", "chained"]
    assert lines[1]["role_arn"] == role
    assert lines[1]["who"] == account.arn
    assert lines[1]["source_access_key_id"] == lines[0]["access_key_id"]


def test_a_session_of_an_hour_is_what_a_role_gets_unless_less_is_asked_for(
    person: Somebody, account: Account
) -> None:
    role = account.role("Support", mfa=True)
    profile(person, "support", role_arn=role, duration_seconds="900")
    with_code(person, account.code(), "login", "support")
    assert lives_seconds(person, role) in (899, 900)


def test_a_role_is_refused_when_its_profile_asks_for_mfa_and_its_source_has_none(
    person: Somebody, account: Account
) -> None:
    profile(
        person,
        "support",
        role_arn=account.role("Support"),
        credential_source="Environment",
        mfa_serial=account.serial(),
    )
    key = {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"}
    ran = person.run("exec", "support", "--", "true", **key)
    assert ran.returncode == 4
    assert "profile `support` asks for MFA (`mfa_serial`), and `environment` cannot give it" in ran.stderr
    assert account.calls() == []


def test_a_role_is_refused_when_it_is_the_source_that_asks_for_mfa_and_has_none(
    person: Somebody, account: Account
) -> None:
    program = "sh -c 'echo {}'"
    profile(person, "elsewhere", credential_process=program, mfa_serial=account.serial())
    profile(person, "support", role_arn=account.role("Support"), source_profile="elsewhere")
    for arguments in (["support"], ["elsewhere", "--role", "Support"]):
        ran = person.run("exec", *arguments, "--", "echo", "ran")
        assert (ran.returncode, ran.stdout) == (4, "")
        assert "profile `elsewhere` asks for MFA (`mfa_serial`), and `elsewhere` cannot give it" in ran.stderr
    assert account.calls() == []


def test_a_session_that_was_opened_without_mfa_is_not_handed_out_where_a_profile_asks_for_it(
    person: Somebody, account: Account
) -> None:
    role = account.role("Support")
    profile(person, "free", role_arn=role, credential_source="Environment")
    serial = account.serial()
    profile(person, "strict", role_arn=role, credential_source="Environment", mfa_serial=serial)
    made = account.sandbox.client("sts", account.key).get_session_token()["Credentials"]
    key = {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
    }
    assert person.run("exec", "free", "--", "true", **key).returncode == 0
    ran = person.run("exec", "strict", "--", "echo", "ran", **key)
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "profile `strict` asks for MFA (`mfa_serial`)" in ran.stderr


def test_ctrl_c_at_the_prompt_of_a_role_leaves_nothing(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support"))
    terminal = person.at_terminal("login", "support")
    terminal.expect("code of ")
    terminal.sendintr()
    end(terminal, 130)
    assert person.sessions() == []


def _may_assume(*more: str) -> dict[str, object]:
    return {"Effect": "Allow", "Action": ["sts:AssumeRole", *more], "Resource": "*"}


def _may_read_roles() -> dict[str, object]:
    return {"Effect": "Allow", "Action": ["iam:GetRole", "iam:ListRoles"], "Resource": "*"}


def _may_list_when_tagged() -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Action": "iam:ListUsers",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    }


def test_a_session_in_the_environment_that_aws_refuses_is_said_to_be_the_source(
    person: Somebody, account: Account
) -> None:
    profile(person, "support", role_arn=account.role("Support"), credential_source="Environment")
    gone = {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"}
    ran = person.run("exec", "support", "--", "true", **gone)
    assert ran.returncode == 5
    assert "AWS does not take what `environment` gives any more" in ran.stderr
