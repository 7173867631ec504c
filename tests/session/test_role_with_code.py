"""Sessions of roles that live for more than an hour: straight from the key, with a code of their own."""

from __future__ import annotations

import json

from session.account import USER, Account
from session.in_roles import kept, lives_seconds, profile, who, with_code
from session.people import PROMPT, Somebody, end

_READ = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"}


def test_a_longer_session_takes_a_code_of_its_own_and_says_why(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True, longest_seconds=8 * 3600)
    profile(person, "support", role_arn=role, duration_seconds=str(8 * 3600))
    shown = with_code(person, account.code(), "login", "support")
    assert "more than an hour (8h) is only to be had with a code for the role itself" in shown
    assert lives_seconds(person, role) in (28799, 28800)
    assert kept(person, role)["how"] == "code"
    assert account.calls("sts:GetSessionToken") == []
    assert who(person, account, "support").endswith(f"Support/{USER}")


def test_a_duration_on_the_command_line_goes_before_the_profile(person: Somebody, account: Account) -> None:
    role = account.role("Support", longest_seconds=43_200)
    profile(person, "support", role_arn=role, duration_seconds="43200")
    with_code(person, account.code(), "login", "support", "--duration", "30m")
    assert lives_seconds(person, role) in (1799, 1800)
    assert kept(person, role)["how"] == "chained"


def test_what_the_role_allows_is_read_and_its_session_is_no_longer(
    person: Somebody, account: Account
) -> None:
    account.allow(_READ)
    role = account.role("Support", longest_seconds=7200)
    profile(person, "support", role_arn=role)
    shown = with_code(person, account.code(), "login", "support", "--duration", "8h")
    assert "`Support` allows no more than 2h" in shown
    assert lives_seconds(person, role) in (7199, 7200)


def test_a_role_that_allows_an_hour_costs_no_code_of_its_own(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    role = account.role("Support", longest_seconds=3600)
    profile(person, "support", role_arn=role)
    shown = with_code(person, account.code(), "login", "support", "--duration", "8h")
    assert "`Support` allows no more than 1h" in shown
    assert kept(person, role)["how"] == "chained"
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_force_opens_it_anew_where_the_role_allows_an_hour_only(person: Somebody, account: Account) -> None:
    account.allow(_READ)
    profile(person, "support", role_arn=account.role("Support", longest_seconds=3600))
    with_code(person, account.code(), "login", "support")
    with_code(person, account.later_code(), "login", "support", "--duration", "8h", "--force")
    assert len(account.calls("sts:GetSessionToken")) == 2
    assert [call.outcome for call in account.all_calls("sts:AssumeRole")] == ["allowed"] * 2


def test_more_than_any_role_allows_is_capped_and_said(person: Somebody, account: Account) -> None:
    role = account.role("Support", longest_seconds=43_200)
    profile(person, "support", role_arn=role)
    shown = with_code(person, account.code(), "login", "support", "--duration", "36h")
    assert "no role allows more than 12h" in shown
    assert lives_seconds(person, role) in (43_199, 43_200)


def test_when_nobody_may_read_what_the_role_allows_aws_says_so_and_a_live_session_serves(
    person: Somebody, account: Account
) -> None:
    role = account.role("Support", longest_seconds=7200)
    profile(person, "support", role_arn=role)
    person.login(account.code())
    shown = with_code(person, account.later_code(), "login", "support", "--duration", "8h")
    assert "AWS says that 8h is more than the role allows, so the role is assumed from your session" in shown
    assert kept(person, role)["how"] == "chained"


def test_without_a_live_session_it_is_refused_with_what_to_do(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", longest_seconds=7200))
    shown = with_code(person, account.code(), "login", "support", "--duration", "8h", exit_code=5)
    assert "exceeds the MaxSessionDuration set for this role" in shown
    assert "`--duration 1h` is what every role allows" in shown
    assert person.sessions() == []


def test_with_nobody_to_ask_a_live_session_serves_for_an_hour_and_that_is_said(
    person: Somebody, account: Account
) -> None:
    role = account.role("Support", mfa=True, longest_seconds=43_200)
    profile(person, "support", role_arn=role, duration_seconds="43200")
    person.login(account.code())
    ran = person.run("exec", "support", "--", "true")
    assert ran.returncode == 0, ran.stderr
    assert "there is no terminal to ask for a code on, so the role is assumed from your session" in ran.stderr


def test_with_nobody_to_ask_and_no_session_it_ends_with_6(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True, longest_seconds=43_200)
    profile(person, "support", role_arn=role, duration_seconds="43200")
    ran = person.run("exec", "support", "--", "true")
    assert ran.returncode == 6
    assert account.calls() == []


def test_a_role_behind_a_role_gets_an_hour_and_the_user_the_rest(person: Somebody, account: Account) -> None:
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    first = account.role("First", may=[may], longest_seconds=43_200)
    second = account.role("Second", trusts=first, longest_seconds=43_200)
    profile(person, "first", role_arn=first)
    profile(person, "second", role_arn=second, source_profile="first")
    shown = with_code(person, account.code(), "login", "second", "--duration", "9h")
    assert "the role's session lives one hour: it is assumed from another role (`First`)" in shown
    assert lives_seconds(person, second) in (3599, 3600)
    left = json.loads(person.run("login", "work", "--output", "json").stdout)["seconds_left"]
    assert left > 8 * 3600


def test_a_code_that_a_role_took_is_not_sent_again(person: Somebody, account: Account) -> None:
    profile(person, "support", role_arn=account.role("Support", longest_seconds=43_200))
    code = account.code()
    with_code(person, code, "login", "support", "--duration", "2h")
    terminal = person.at_terminal("login", "work")
    terminal.expect(PROMPT)
    terminal.sendline(code)
    terminal.expect("was sent already")
    terminal.sendintr()
    end(terminal, 130)
    assert len(account.calls("sts:GetSessionToken")) == 0


def test_a_wrong_code_for_a_role_is_asked_for_again(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True, longest_seconds=43_200)
    profile(person, "support", role_arn=role)
    terminal = person.at_terminal("login", "support", "--duration", "2h")
    terminal.expect(PROMPT)
    terminal.sendline(account.wrong_codes()[0])
    terminal.expect("refused by AWS")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)
    assert kept(person, role)["how"] == "code"


def test_a_role_by_name_takes_a_code_too(person: Somebody, account: Account) -> None:
    role = account.role("Support", mfa=True, longest_seconds=43_200)
    with_code(person, account.code(), "login", "--role", "Support", "--duration", "2h")
    assert lives_seconds(person, role) in (7199, 7200)


def test_a_role_that_does_not_trust_the_user_is_explained_after_a_code_too(
    person: Somebody, account: Account
) -> None:
    account.allow(_READ)
    role = account.role("Support", trusts=account.role("Other"), longest_seconds=43_200)
    profile(person, "support", role_arn=role)
    shown = with_code(person, account.code(), "login", "support", "--duration", "2h", exit_code=5)
    assert "its trust policy does not name you" in shown
