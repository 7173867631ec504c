from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from session.account import USER, Account
from session.in_roles import kept, with_code
from session.people import Somebody, end

_READ = {"Effect": "Allow", "Action": ["iam:ListRoles", "iam:GetRole"], "Resource": "*"}


def _roles(person: Somebody, *arguments: str) -> dict[str, Any]:
    listed = person.run("role", "list", "--output", "json", *arguments)
    assert listed.returncode == 0, listed.stderr
    return {role["name"]: role for role in json.loads(listed.stdout)["roles"]}


def test_a_list_says_which_roles_let_you_in_and_why_not(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    account.role("Open")
    account.role("Behind", mfa=True, longest_seconds=7200)
    account.role(
        "Other", trusts=account.role("Nobody", trusts=f"arn:aws:iam::{account.sandbox.account}:root")
    )
    account.role("Owned", condition={"StringEquals": {"sts:ExternalId": "id-7"}})
    account.role("Office", condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})
    person.login(account.code())
    roles = _roles(person)
    said = {name: (role["lets_in"], role["demands_mfa"]) for name, role in roles.items()}
    assert said == {
        "Open": ("yes", False),
        "Behind": ("yes", True),
        "Nobody": ("yes", False),
        "Other": ("no", None),
        "Owned": ("no", None),
        "Office": ("undetermined", None),
    }
    assert roles["Other"]["reason"] == "its trust policy does not name you"
    assert "sts:ExternalId" in roles["Owned"]["reason"]
    assert roles["Office"]["reason"] == "it depends on `aws:SourceIp`"
    assert roles["Behind"]["max_session_seconds"] == 7200


def test_what_a_list_says_is_what_happens(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    account.role("Open")
    account.role("Behind", mfa=True)
    account.role("Other", trusts=account.role("Nobody", trusts=account.arn, mfa=True))
    account.role("Owned", condition={"StringEquals": {"sts:ExternalId": "id-7"}})
    person.login(account.code())
    for name, role in _roles(person).items():
        assumed = person.run("role", "assume", name, "--", "true")
        assert (assumed.returncode == 0) is (role["lets_in"] == "yes"), (name, assumed.stderr)


def test_fresh_mfa_is_demanded_by_age(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    account.role("Fresh", condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "600"}})
    person.login(account.code())
    assert _roles(person)["Fresh"]["lets_in"] == "yes"
    path = person.sessions()[0]
    first, second = path.read_text().splitlines()
    about = json.loads(second)
    about["issued_at"] = (
        datetime.fromisoformat(about["issued_at"]) - timedelta(hours=1)
    ).isoformat()  # as if the code had been given an hour ago
    path.write_text(f"{first}\n{json.dumps(about)}\n")
    assert _roles(person)["Fresh"]["lets_in"] == "no"


def test_the_text_leads_with_the_roles_that_let_in(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    account.role("Closed", trusts=account.role("Also"))
    person.login(account.code())
    lines = person.run("role", "list").stdout.splitlines()
    assert account.arn in lines[0]
    assert lines[1].split()[:2] == ["yes", "Also"]
    assert lines[2].split()[:2] == ["no", "Closed"]
    assert "up to 1 h, its trust policy does not name you" in lines[2]


def test_roles_of_services_are_left_out_unless_asked_for(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    account.role("AWSServiceRoleForExample", path="/aws-service-role/example.amazonaws.com/")
    account.role("Mine")
    person.login(account.code())
    assert list(_roles(person)) == ["Mine"]
    assert "1 that belong to AWS services left out" in person.run("role", "list").stdout
    service = next(role for role in _roles(person, "--all").values() if role["service_linked"])
    assert service["lets_in"] == "no"


def test_every_page_of_roles_is_read(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    for number in range(103):
        account.role(f"R{number}")
    person.login(account.code())
    assert len(_roles(person)) == 103


def test_a_list_that_is_forbidden_is_refused_with_what_is_missing(person: Somebody, account: Account) -> None:
    person.login(account.code())
    ran = person.run("role", "list")
    assert ran.returncode == 5
    assert "AWS refused `iam:ListRoles` (AccessDenied)" in ran.stderr
    assert f"asked as `{account.arn}`, whose policies must allow iam:ListRoles" in ran.stderr


def test_a_command_runs_in_the_role(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True)
    person.login(account.code())
    ran = person.run("role", "assume", "Support", "work", "--session-name", "shift-7", "--", "env")
    assert "AWS_SESSION_TOKEN=" in ran.stdout
    assert kept(person, role)["role_session_name"] == "shift-7"
    assert person.run("role", "assume", "Support", "--", "sh", "-c", "exit 7").returncode == 7


def test_lines_for_a_shell_take_the_role_into_it(person: Somebody, account: Account) -> None:
    account.role("Support")
    person.login(account.code())
    script = 'eval "$(watchword role assume Support --shell bash)" && watchword logout --shell bash'
    ran = person.shell(["bash", "-c", script])
    assert ran.returncode == 0, ran.stderr
    assert "unset AWS_SESSION_TOKEN" in ran.stdout
    failed = person.shell(["bash", "-c", 'eval "$(watchword role assume Nobody --shell bash)"; echo $?'])
    assert failed.stdout == "1\n", "a script with `set -e` must not go on with the key"


def test_at_a_terminal_it_is_a_shell_that_says_where_it_is(person: Somebody, account: Account) -> None:
    account.role("Support")
    person.login(account.code())
    terminal = person.at_terminal("role", "assume", "Support", SHELL="/bin/bash")
    terminal.expect("work/Support")
    terminal.sendline("echo token ${#AWS_SESSION_TOKEN}; exit 3")
    terminal.expect(r"token [1-9]")
    end(terminal, 3)


def test_a_cold_caller_is_asked_for_one_code(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True)
    with_code(person, account.code(), "role", "assume", "Support", "--", "true")
    assert kept(person, role)["how"] == "chained"


def test_everything_that_can_go_with_the_call_goes(person: Somebody, account: Account) -> None:
    role = account.role(
        "Support",
        actions=("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
        condition={
            "StringEquals": {
                "sts:ExternalId": "id-7",
                "aws:RequestTag/team": "red",
                "sts:SourceIdentity": "alice",
            },
            "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": "team"},
        },
    )
    account.allow({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    person.login(account.code())
    options = (
        "--external-id",
        "id-7",
        "--source-identity",
        "alice",
        "--tag",
        "team=red",
        "--transitive-tag",
        "team",
    )
    ran = person.run("role", "assume", "Support", *options, "--", "true")
    assert ran.returncode == 0, ran.stderr
    assert kept(person, role)["source_identity"] == "alice"
    assert person.run("role", "assume", "Support", "--", "true").returncode == 5


@pytest.mark.parametrize("arguments", [("Support", USER, "123456"), ("Support", "123456"), ("123456",)])
def test_a_code_in_the_arguments_is_refused_and_not_repeated(
    person: Somebody, account: Account, arguments: tuple[str, ...]
) -> None:
    ran = person.run("role", "assume", *arguments)
    assert ran.returncode == 2
    assert "a code is never taken as an argument" in ran.stderr
    assert "hint: it counts as seen: wait for the next code" in ran.stderr
    assert "`--mfa-code -`" in ran.stderr
    assert "123456" not in ran.stdout + ran.stderr
    assert account.calls() == []


def test_a_command_without_its_dashes_is_told_so(person: Somebody, account: Account) -> None:
    ran = person.run("role", "assume", "Support", "work", "aws", "s3", "ls")
    assert ran.returncode == 2
    assert "there are no dashes before the command" in ran.stderr
    assert account.calls() == []


@pytest.mark.parametrize("tags", [("team",), ("=red",), ("team=red", "team=blue")])
def test_a_tag_that_is_none_is_refused(person: Somebody, account: Account, tags: tuple[str, ...]) -> None:
    options = [word for tag in tags for word in ("--tag", tag)]
    assert person.run("role", "assume", "Support", *options, "--", "true").returncode == 2
    assert account.calls() == []


def test_status_tells_of_roles_and_checks_them_too(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True)
    with_code(person, account.code(), "login", "--role", "Support")
    shown = person.run("status", "--check")
    assert shown.returncode == 0, shown.stderr
    assert role in shown.stdout
    assert "its own requests may lack it (contested)" in shown.stdout
    account.end_sessions()
    refused = person.run("status", "--check", "--output", "json")
    assert [each["state"] for each in json.loads(refused.stdout)["sessions"]] == ["refused", "refused"]
    assert person.sessions() == []
