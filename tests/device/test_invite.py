"""Many people are looked at, told what to do, and tracked; in one sandbox, with its library."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from device.company import NOON, PEOPLE, Administrator, Company, documented_policy
from local_aws import local_aws
from watchword.device.errors import UnusableRound
from watchword.device.invite_instructions import Written
from watchword.device.invite_leftovers import Clear, Fate
from watchword.device.invite_person import Finding, Password, Standing, Way
from watchword.device.invite_result import Invited
from watchword.device.invite_round import open_round, read_state
from watchword.device.invite_track import track


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with local_aws(tmp_path_factory.mktemp("company") / "sandbox") as aws:
        yield Company(aws)


@pytest.fixture
def admin(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Administrator:
    return Administrator(company, company.aws.root, tmp_path / "admin", monkeypatch)


def of(invited: Invited, name: str) -> Finding:
    (found,) = (guest.entry.finding for guest in invited.guests if guest.entry.finding.user_name == name)
    return found


def tracks(admin: Administrator) -> Invited:
    return track(
        admin.acting,
        admin.folder,
        progress=lambda *_: None,
        say=pytest.fail,
        now=lambda: NOON,
    )


def test_thirty_people_are_ready_and_each_gets_a_text_of_their_own(
    company: Company, admin: Administrator
) -> None:
    since = company.last_record()
    invited = admin.invites()
    assert invited.count(Standing.READY) == 30
    assert sorted(company.looked_at(since)) == PEOPLE
    files = sorted(admin.folder.glob("*.md"))
    assert [file.stem for file in files] == PEOPLE
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in admin.folder.iterdir())
    assert stat.S_IMODE(admin.folder.stat().st_mode) == 0o700
    assert all(f"`watchword device enroll {file.stem}`" in file.read_text() for file in files)
    assert admin.progress == [(done, 30) for done in range(31)]
    # What the whole group has in common was read once, or a few times by those who began together.
    reads = [each for each in company.aws.inner.log.after(since) if each.action == "iam:GetGroupPolicy"]
    assert 1 <= len(reads) <= 6


def test_the_same_again_changes_no_file_and_a_text_changed_by_hand_stays(
    company: Company, admin: Administrator
) -> None:
    admin.invites("person00", "person01", contact="it@example.com")
    mine = admin.folder / "person00.md"
    mine.write_text(mine.read_text().replace("Ask it@example.com", "Ask Bob"))
    other = admin.folder / "person01.md"
    before = other.stat().st_ino
    invited = admin.invites("person00", "person01", at=NOON + timedelta(days=1))
    assert [guest.written for guest in invited.guests] == [Written.EDITED, Written.UNCHANGED]
    assert "Ask Bob" in mine.read_text()
    assert other.stat().st_ino == before
    assert "it@example.com" in other.read_text(), "whom people ask is remembered"
    assert [guest.entry.invited_at for guest in invited.guests] == [NOON, NOON]


def test_who_has_enrolled_since_is_seen_and_costs_one_call(company: Company, admin: Administrator) -> None:
    admin.invites("person02", "person03")
    company.aws.device("person02")
    since = company.last_record()
    tracked = tracks(admin)
    assert of(tracked, "person02").standing is Standing.ENROLLED
    assert of(tracked, "person03").standing is Standing.READY
    assert [guest.newly_enrolled for guest in tracked.guests] == [True, False]
    actions = {each.action for each in company.aws.inner.log.after(since)}
    assert actions == {"iam:ListMFADevices"}
    again = admin.invites("person02", "person03", at=NOON + timedelta(days=1))
    assert of(again, "person02").enrolled_at is not None
    assert [guest.newly_enrolled for guest in again.guests] == [False, False]


def test_somebody_whose_device_is_gone_again_is_no_longer_enrolled(
    company: Company, admin: Administrator
) -> None:
    serial = company.aws.device(company.user("careless"))
    admin.invites("careless")
    company.iam.deactivate_mfa_device(UserName="careless", SerialNumber=serial)
    tracked = tracks(admin)
    assert of(tracked, "careless").standing is Standing.NOT_KNOWN
    assert of(admin.invites("careless"), "careless").standing is Standing.READY
    company.iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_users_who_came_and_went_since_are_tracked_as_such(company: Company, admin: Administrator) -> None:
    company.iam.create_user(UserName="leaver")
    elsewhere = "arn:aws:iam::999999999999:user/person05"
    admin.invites("leaver", "joiner", elsewhere)
    company.iam.delete_user(UserName="leaver")
    company.iam.create_user(UserName="joiner")
    serial = company.aws.device("person05")
    try:
        for _ in range(2):
            tracked = tracks(admin)
            assert of(tracked, "leaver").standing is Standing.NO_SUCH_USER
            assert of(tracked, "leaver").reasons == ("the user has been removed since",)
            assert of(tracked, "joiner").standing is Standing.NOT_KNOWN
            assert "there is such a user now" in of(tracked, "joiner").reasons[0]
            assert of(tracked, "person05").standing is Standing.NO_SUCH_USER, "their namesake has enrolled"
    finally:
        company.iam.delete_user(UserName="joiner")
        company.iam.deactivate_mfa_device(UserName="person05", SerialNumber=serial)
        company.iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_the_statement_that_keeps_somebody_from_it_is_named_and_nothing_is_written(
    company: Company, admin: Administrator
) -> None:
    company.deny(company.user("denied"), "iam:EnableMFADevice", sid="NoSelfService")
    company.user("stranger", staff=False)
    invited = admin.invites("denied", "stranger")
    (reason,) = of(invited, "denied").reasons
    assert reason == "`iam:EnableMFADevice`: `NoSelfService` in the policy `denial` denies it"
    assert of(invited, "stranger").reasons == (
        "`iam:CreateVirtualMFADevice`: no policy allows it",
        "`iam:EnableMFADevice`: no policy allows it",
    )
    assert invited.count(Standing.CANNOT_ENROL) == 2
    assert list(admin.folder.glob("*.md")) == []


def test_what_people_need_is_told_apart(company: Company, admin: Administrator) -> None:
    company.user("bare", key=False)
    company.user("clicker", key=False, path="/web/")
    company.iam.create_login_profile(UserName="clicker", Password="Correct-Horse-1")
    company.aws.add_security_key(company.user("keyholder"))
    company.aws.add_hardware_token(company.user("veteran"))
    invited = admin.invites("bare", "/web/clicker", "keyholder", "veteran")
    assert of(invited, "bare").standing is Standing.CANNOT_ENROL
    clicker = of(invited, "clicker")
    assert (clicker.standing, clicker.way, clicker.password) == (
        Standing.READY,
        Way.CONSOLE,
        Password.SET,
    )
    text = (admin.folder / "clicker.md").read_text()
    assert "https://123456789012.signin.aws.amazon.com/console" in text
    assert "watchword device enroll" not in text
    assert of(invited, "keyholder").standing is Standing.FIDO_ONLY
    assert "Name the device `keyholder-2`" in (admin.folder / "keyholder.md").read_text()
    assert of(invited, "veteran").standing is Standing.ENROLLED


def test_who_must_change_a_first_password_in_the_console_and_may_not_cannot_enrol(
    company: Company, admin: Administrator
) -> None:
    """The console asks for the new password before it shows any page."""
    company.user("newcomer", key=False)
    company.iam.create_login_profile(
        UserName="newcomer", Password="Correct-Horse-1", PasswordResetRequired=True
    )
    found = of(admin.invites("newcomer"), "newcomer")
    assert found.standing is Standing.CANNOT_ENROL
    assert found.reasons[0].startswith("in the console, `iam:ChangePassword`: no policy allows it")
    company.iam.update_account_password_policy(AllowUsersToChangePassword=True, MinimumPasswordLength=8)
    try:
        allowed = of(admin.invites("newcomer"), "newcomer")
    finally:
        company.iam.delete_account_password_policy()
    assert (allowed.standing, allowed.way) == (Standing.READY, Way.CONSOLE)
    assert "asks for a new password first" in (admin.folder / "newcomer.md").read_text()
    company.iam.create_access_key(UserName="newcomer")
    assert of(admin.invites("newcomer"), "newcomer").way is Way.TERMINAL
    text = (admin.folder / "newcomer.md").read_text()
    assert "`watchword device first-sign-in newcomer`" in text


def test_names_that_nobody_has_are_told_with_the_one_that_is_meant(
    company: Company, admin: Administrator
) -> None:
    company.user("Charlotte")
    text = "charlotte\nnobody-at-all\narn:aws:iam::999999999999:user/person04"
    invited = admin.invites(text=text)
    assert invited.count(Standing.NO_SUCH_USER) == 3
    assert [guest.entry.finding.reasons[0] for guest in invited.guests] == [
        "account 123456789012 has no such user: is it `Charlotte`?",
        "account 123456789012 has no such user",
        "the list names a user of account 999999999999",
    ]


def test_a_name_that_anothers_device_has_is_not_counted_on(company: Company, admin: Administrator) -> None:
    """The policy lets them make `mfa/NAME` only, and a colleague's device is called that."""
    company.user("robbed")
    serial = company.leftover("Robbed")
    first, second = company.aws.phone(serial), company.aws.next_code(serial)
    company.iam.enable_mfa_device(
        UserName=company.user("thief"),
        SerialNumber=serial,
        AuthenticationCode1=first,
        AuthenticationCode2=second,
    )
    found = of(admin.invites("robbed"), "robbed")
    assert found.standing is Standing.CANNOT_ENROL
    assert found.reasons[0].startswith("`iam:CreateVirtualMFADevice`: ")
    assert "OwnDevice" in found.reasons[0]


def test_a_leftover_goes_only_when_a_run_saw_it_an_hour_ago(company: Company, admin: Administrator) -> None:
    serial = company.leftover("person05")
    (first,) = admin.invites("person05").leftovers
    assert first.fate is Fate.YOUNG
    (second,) = admin.invites("person05", at=NOON + timedelta(minutes=59)).leftovers
    assert second.fate is Fate.YOUNG
    assert serial in company.unassigned()
    (third,) = admin.invites("person05", at=NOON + timedelta(minutes=61)).leftovers
    assert (third.fate, third.first_seen_at) == (Fate.CLEARED, NOON)
    assert serial not in company.unassigned()
    assert admin.invites("person05", at=NOON + timedelta(hours=3)).leftovers == ()


def test_only_what_is_certainly_theirs_is_cleared(company: Company, admin: Administrator) -> None:
    company.user("anna")
    company.user("anna-2")
    mine, hers, numbered, other = (
        company.leftover(name) for name in ("Anna", "anna-2", "anna-3", "annabelle")
    )
    cleared = {each.serial_number for each in admin.invites("anna", clear=Clear.ALL).leftovers}
    assert cleared == {mine, numbered}
    assert {hers, other} <= company.unassigned()
    assert admin.invites("anna-2", clear=Clear.NONE).leftovers[0].fate is Fate.KEPT
    assert hers in company.unassigned()


def test_a_leftover_that_somebody_may_neither_remove_nor_walk_round_blocks_them_until_it_is_cleared(
    company: Company, admin: Administrator
) -> None:
    company.deny(company.user("stuck"), "iam:DeleteVirtualMFADevice")
    company.leftover("stuck")
    found = of(admin.invites("stuck"), "stuck")
    assert found.standing is Standing.CANNOT_ENROL
    assert found.reasons[0] == "a device of their name is left over, and they may not remove it"
    assert of(admin.invites("stuck", clear=Clear.ALL), "stuck").standing is Standing.READY


def test_a_dry_run_looks_at_everything_and_leaves_no_trace(company: Company, admin: Administrator) -> None:
    serial = company.leftover("person06")
    invited = admin.invites("person06", "person07", dry_run=True, clear=Clear.ALL)
    assert invited.count(Standing.READY) == 2
    assert invited.leftovers[0].fate is Fate.WOULD_GO
    assert serial in company.unassigned()
    assert not admin.folder.exists()
    company.iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_the_documented_policy_is_enough(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = company.aws.user("helpdesk", documented_policy())
    admin = Administrator(company, key, tmp_path / "helpdesk", monkeypatch)
    company.leftover("person08")
    invited = admin.invites("person08", "person09", clear=Clear.ALL)
    assert invited.count(Standing.READY) == 2
    assert invited.leftovers[0].fate is Fate.CLEARED
    assert invited.not_checked == ()
    assert all(guest.entry.finding.not_checked == () for guest in invited.guests)


def test_each_missing_permission_is_told_and_the_rest_goes_on(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = json.loads(documented_policy())
    gone = {"iam:GetLoginProfile", "iam:ListAccessKeys", "iam:ListUsers", "iam:GetGroupPolicy"}
    actions = policy["Statement"][0]["Action"]
    policy["Statement"] = [{**policy["Statement"][0], "Action": [a for a in actions if a not in gone]}]
    key = company.aws.user("clerk", json.dumps(policy))
    admin = Administrator(company, key, tmp_path / "clerk", monkeypatch)
    serial = company.leftover("person10")
    invited = admin.invites("person10", clear=Clear.ALL)
    found = of(invited, "person10")
    assert found.standing is Standing.NOT_KNOWN
    assert {each.operation for each in found.not_checked} == gone - {"iam:ListUsers"}
    assert [each.operation for each in invited.not_checked] == ["iam:ListUsers"]
    assert (invited.leftovers[0].fate, invited.leftovers[0].why) == (
        Fate.REFUSED,
        "`iam:DeleteVirtualMFADevice` is denied",
    )
    assert (admin.folder / "person10.md").exists(), "they may well be able to"
    company.iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_whose_devices_may_not_be_seen_is_not_known(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = Administrator(company, company.aws.user("nosy"), tmp_path / "nosy", monkeypatch)
    invited = admin.invites("person11", "person12")
    assert invited.count(Standing.NOT_KNOWN) == 2
    assert {each.operation for each in invited.not_checked} == {
        "iam:ListVirtualMFADevices",
        "iam:ListUsers",
        "iam:GetAccountPasswordPolicy",
    }


def test_a_list_that_grows_keeps_what_is_known(company: Company, admin: Administrator) -> None:
    admin.invites("person13", "person14")
    invited = admin.invites("person14", "person15", at=NOON + timedelta(hours=2))
    assert invited.not_listed == 1
    state = read_state(admin.folder)
    assert state is not None
    assert list(state.entries) == ["person13", "person14", "person15"]
    assert state.entries["person14"].invited_at == NOON


def test_two_at_once_the_second_is_told_and_changes_nothing(company: Company, admin: Administrator) -> None:
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with open_round(admin.folder, account="123456789012", now=NOON):
            held.set()
            let_go.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    try:
        with pytest.raises(UnusableRound, match="another watchword is working on the round"):
            admin.invites("person16")
    finally:
        let_go.set()
        thread.join()
    assert list(admin.folder.iterdir()) == []
    assert admin.invites("person16").count(Standing.READY) == 1


def test_a_folder_of_another_account_is_refused(company: Company, admin: Administrator) -> None:
    admin.invites("person17")
    state = admin.folder / "invite.json"
    state.write_text(state.read_text().replace("123456789012", "999999999999"))
    with pytest.raises(UnusableRound, match="is about account 999999999999, and this is 123456789012"):
        admin.invites("person17")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not what watchword wrote there"),
        ('{"schema": "watchword/device-invite-round/v1"}', "is not what watchword wrote there"),
        ('{"schema": "watchword/device-invite-round/v9"}', "was written by another version"),
    ],
)
def test_a_state_that_is_not_ours_is_never_overwritten(
    company: Company, admin: Administrator, text: str, said: str
) -> None:
    admin.folder.mkdir()
    state = admin.folder / "invite.json"
    state.write_text(text)
    with pytest.raises(UnusableRound, match=said):
        admin.invites("person18")
    assert state.read_text() == text


def test_a_state_that_a_killed_run_had_only_just_made_is_no_state(
    company: Company, admin: Administrator
) -> None:
    admin.folder.mkdir()
    (admin.folder / "invite.json").touch()
    (admin.folder / "person19.md").touch()
    (guest,) = admin.invites("person19").guests
    assert guest.written is Written.NEW


def test_nothing_secret_is_in_any_file(company: Company, admin: Administrator) -> None:
    name = company.user("private", key=False)
    key = company.iam.create_access_key(UserName=name)["AccessKey"]
    company.iam.create_login_profile(UserName=name, Password="Battery-Staple-2")
    held = ("Battery-Staple-2", key["AccessKeyId"], key["SecretAccessKey"])
    head = "User name,Password,Access key ID,Secret access key,name"
    text = f"{head}\n{name},{','.join(held)},Pri Vate\n"
    invited = admin.invites(text=text)
    assert "columns that should be in no list" in invited.notes[0]
    written = "".join(file.read_text() for file in admin.folder.iterdir())
    assert "Pri Vate" in written
    assert [secret for secret in held if secret in written + repr(invited)] == []
