"""Console passwords and the account's policy for them: what moto lacks, held to AWS's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal

OLD, NEW = "First-Passw0rd", "Second-Passw0rd"


def allowing(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def user_with_password(sandbox: LocalAws, *, policy: str | None = None, reset: bool = True) -> Key:
    key = sandbox.user("alice", policy)
    sandbox.client("iam").create_login_profile(UserName="alice", Password=OLD, PasswordResetRequired=reset)
    return key


def change(sandbox: LocalAws, key: Key, old: str = OLD, new: str = NEW) -> tuple[str, int, str]:
    return refusal(sandbox.client("iam", key).change_password, OldPassword=old, NewPassword=new)


def profile(sandbox: LocalAws) -> dict[str, Any]:
    shown: dict[str, Any] = sandbox.client("iam").get_login_profile(UserName="alice")["LoginProfile"]
    return shown


def test_a_password_that_must_be_changed_is_until_its_user_changes_it(sandbox: LocalAws) -> None:
    key = user_with_password(sandbox, policy=allowing("iam:ChangePassword"))
    assert profile(sandbox)["PasswordResetRequired"] is True
    sandbox.client("iam", key).change_password(OldPassword=OLD, NewPassword=NEW)
    assert profile(sandbox)["PasswordResetRequired"] is False
    assert change(sandbox, key)[0] == "AccessDenied"
    sandbox.client("iam").update_login_profile(UserName="alice", PasswordResetRequired=True)
    assert profile(sandbox)["PasswordResetRequired"] is True
    sandbox.client("iam", key).change_password(OldPassword=NEW, NewPassword=OLD)


def test_an_administrators_new_password_voids_the_old_one(sandbox: LocalAws) -> None:
    key = user_with_password(sandbox, policy=allowing("iam:ChangePassword"), reset=False)
    sandbox.client("iam").update_login_profile(UserName="alice", Password=NEW)
    assert profile(sandbox)["PasswordResetRequired"] is False
    assert change(sandbox, key, old=OLD, new="Third-Passw0rd")[0] == "AccessDenied"
    sandbox.client("iam", key).change_password(OldPassword=NEW, NewPassword="Third-Passw0rd")


def test_login_profiles_come_and_go_in_awss_words(sandbox: LocalAws) -> None:
    key = user_with_password(sandbox, policy=allowing("iam:ChangePassword"))
    iam = sandbox.client("iam")
    assert refusal(iam.create_login_profile, UserName="alice", Password=NEW)[:2] == (
        "EntityAlreadyExists",
        409,
    )
    sandbox.user("bob")
    assert refusal(iam.create_login_profile, UserName="bob")[0] == "SandboxUnsupported"
    assert all("PasswordLastUsed" not in user for user in iam.list_users()["Users"])
    created = profile(sandbox)["CreateDate"]
    iam.update_login_profile(UserName="alice", Password=NEW)
    assert profile(sandbox)["CreateDate"] == created
    iam.delete_login_profile(UserName="alice")
    missing = ("NoSuchEntity", 404, "Login Profile for User alice cannot be found.")
    assert refusal(iam.get_login_profile, UserName="alice") == missing
    assert refusal(iam.update_login_profile, UserName="alice", Password=NEW) == missing
    assert refusal(iam.delete_login_profile, UserName="alice") == missing
    assert change(sandbox, key, old=NEW) == missing
    assert "PasswordLastUsed" not in iam.get_user(UserName="alice")["User"]


def test_root_has_no_password_that_this_call_changes(sandbox: LocalAws) -> None:
    assert change(sandbox, sandbox.root)[:2] == ("InvalidUserType", 400)


# --- who may -------------------------------------------------------------------------------------------


def test_changing_ones_password_is_decided_on_ones_own_arn(sandbox: LocalAws) -> None:
    key = user_with_password(sandbox)
    code, status, text = change(sandbox, key)
    assert (code, status) == ("AccessDenied", 403)
    assert text.startswith(f"User: arn:aws:iam::{sandbox.account}:user/alice is not authorized to perform: ")
    assert f"iam:ChangePassword on resource: arn:aws:iam::{sandbox.account}:user/alice because" in text
    own = allowing("iam:ChangePassword").replace('"*"', '"arn:aws:iam::*:user/${aws:username}"')
    sandbox.client("iam").put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=own)
    sandbox.client("iam", key).change_password(OldPassword=OLD, NewPassword=NEW)


def test_the_account_may_let_every_user_change_their_own_password(sandbox: LocalAws) -> None:
    key = user_with_password(sandbox)
    iam = sandbox.client("iam")
    mine = sandbox.client("iam", key)
    assert refusal(mine.get_account_password_policy)[0] == "AccessDenied"
    iam.update_account_password_policy(AllowUsersToChangePassword=True)
    assert mine.get_account_password_policy()["PasswordPolicy"]["AllowUsersToChangePassword"] is True
    mine.change_password(OldPassword=OLD, NewPassword=NEW)
    assert sandbox.log[-1].statement == "account password policy:2:3 (statement 0)"
    # It is for oneself only, and a Deny goes before it.
    assert refusal(mine.update_login_profile, UserName="alice", Password=OLD)[0] == "AccessDenied"
    deny = allowing("iam:ChangePassword").replace("Allow", "Deny")
    iam.put_user_policy(UserName="alice", PolicyName="deny", PolicyDocument=deny)
    assert "with an explicit deny in an identity-based policy" in change(sandbox, key, old=NEW)[2]
    iam.update_account_password_policy()
    iam.delete_user_policy(UserName="alice", PolicyName="deny")
    assert refusal(mine.get_account_password_policy)[0] == "AccessDenied"


# --- what a password must be like ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab1!xyz", "Password should have a minimum length of 8"),
        (
            "testtest1",
            (
                "Password should meet 1 more of the following requirements: "
                "Password should have at least one uppercase letter, Password should have at least one symbol"
            ),
        ),
        ("Testtest1", None),
        ("ÄÖÜäöü12", "Password should meet 2 more of the following requirements: "),
    ],
)
def test_without_a_policy_of_its_own_an_account_has_awss(
    sandbox: LocalAws, password: str, said: str | None
) -> None:
    sandbox.user("alice")
    asked = {"UserName": "alice", "Password": password}
    if said is None:
        sandbox.client("iam").create_login_profile(**asked)
        return
    code, status, text = refusal(sandbox.client("iam").create_login_profile, **asked)
    assert (code, status, text[: len(said)]) == ("PasswordPolicyViolation", 400, said)


def test_the_accounts_own_policy_takes_the_place_of_awss(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    code, _, text = refusal(iam.get_account_password_policy)
    assert (code, "cannot be found" in text) == ("NoSuchEntity", True)
    iam.update_account_password_policy(
        MinimumPasswordLength=14, RequireNumbers=True, RequireSymbols=True, PasswordReusePrevention=2
    )
    key = sandbox.user("alice", allowing("iam:ChangePassword"))
    first, second, third = (f"{word} passphrase 1!" for word in ("first", "second", "third"))
    iam.create_login_profile(UserName="alice", Password=first)
    assert change(sandbox, key, first, "Short-1")[2] == "Password should have a minimum length of 14"
    assert change(sandbox, key, first, "a long passphrase")[2] == (
        "Password should have at least one number, Password should have at least one symbol"
    )
    mine = sandbox.client("iam", key)
    mine.change_password(OldPassword=first, NewPassword=second)
    assert change(sandbox, key, second, first)[0] == "PasswordPolicyViolation"
    assert change(sandbox, key, second, second)[0] == "PasswordPolicyViolation"
    mine.change_password(OldPassword=second, NewPassword=third)
    mine.change_password(OldPassword=third, NewPassword=first)
    assert refusal(iam.update_account_password_policy, MinimumPasswordLength=129)[0] == "ValidationError"


# --- a password is a secret ------------------------------------------------------------------------------


def test_no_password_is_kept_logged_or_said(sandbox: LocalAws) -> None:
    key = user_with_password(sandbox, policy=allowing("iam:*"))
    told = [change(sandbox, key, old="wrong-Passw0rd"), change(sandbox, key, new="tiny")]
    told.append(change(sandbox, key, new="x" * 129))
    sandbox.client("iam", key).change_password(OldPassword=OLD, NewPassword=NEW)
    user = sandbox.inner.directory.backend.users["alice"]
    places = [
        repr(told),
        repr(vars(user)),
        repr(sandbox.inner._plane._passwords._profiles),
        "".join(file.read_text() for file in sandbox.folder.path.iterdir() if file.is_file()),
        repr(sandbox.log),
    ]
    for password in (OLD, NEW, "wrong-Passw0rd", "tiny", "x" * 129):
        assert not any(password in place for place in places)
