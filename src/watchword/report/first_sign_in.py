"""A first sign-in as data and as text: the plan, what came of it, and the judgement of another user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchword.aws.password import console_address
from watchword.aws.spelling import named
from watchword.device.first_sign_in import Password, Standing, Status, Step, Walked
from watchword.device.first_sign_in_user import Judged
from watchword.fastpath.session_file import written
from watchword.report.span import ending

SCHEMA = "watchword/first-sign-in/v1"
USER_SCHEMA = "watchword/first-sign-in-user/v1"
_KEY = "    an access key for the user, who then runs `watchword device first-sign-in`; or"
_PASSWORD_PAGE = ("`iam:ChangePassword`", "`iam:GetAccountPasswordPolicy`")
_SIGNS = {Status.DONE: "done   ", Status.TODO: "to do  ", Status.PERHAPS: "perhaps"}


def plan_as_text(steps: Sequence[Step], standing: Standing) -> str:
    """Return the numbered steps, and the last one, which is in the browser."""
    lines = [f"the first sign-in of `{standing.owner.user_name}`, in the order that works:"]
    lines += [f"  {number}. {_SIGNS[step.status]}  {step.what}" for number, step in enumerate(steps, start=1)]
    if standing.password is not Password.NONE:
        lines.append(f"  {len(steps) + 1}. then     sign in to the console with your password and a code")
    return "\n".join(lines)


def walked_value(walked: Walked) -> dict[str, Any]:
    """Return what a first sign-in came to as data (`watchword/first-sign-in/v1`).

    `password` is `none`, `kept`, `must-change` or `unknown`, as it is now.
    """
    standing, owner = walked.after, walked.after.owner
    return {
        "schema": SCHEMA,
        "user_name": owner.user_name,
        "account": owner.account,
        "profile": standing.acting.profile,
        "serial_number": standing.serial_number,
        "enrolled_now": walked.enrolled_now,
        "session_expires_at": None if standing.session is None else written(standing.session.expires_at),
        "password": standing.password.value,
        "password_changed_now": walked.changed_now,
        "console": None
        if standing.password is Password.NONE
        else console_address(owner.account, owner.partition),
    }


def walked_as_text(value: Mapping[str, Any], now: datetime) -> str:
    """Return what a person reads at the end."""
    how = "enrolled now" if value["enrolled_now"] else "enrolled before"
    lines = [f"device    {value['serial_number'] or 'one that may not be listed'} ({how})"]
    if value["session_expires_at"]:
        lines.append(f"session   until {ending(datetime.fromisoformat(value['session_expires_at']), now)}")
    lines.append(f"password  {_password(value)}")
    if value["password"] != Password.NONE:
        at = value["console"] or "the console's sign-in page"
        account, user = value["account"], value["user_name"]
        lines.append(f"console   {at}: account {account}, user {user}, your password, then a code")
    if value["password_changed_now"]:
        lines.append("")
        lines.append("the password before is void; your access key and the sessions opened with it go on")
    return "\n".join(lines)


def _password(value: Mapping[str, Any]) -> str:
    if value["password_changed_now"]:
        return "changed"
    match Password(value["password"]):
        case Password.NONE:
            return "none: you have no password for the console"
        case Password.KEPT:
            return "needs no change"
        case Password.MUST_CHANGE:
            return f"must be changed still: `{_command(value)}` goes on with it"
        case Password.UNKNOWN:
            return f"not changed; if it has to be: `{_command(value)} --change-password`"


def _command(value: Mapping[str, Any]) -> str:
    profile = value["profile"]
    return "watchword device first-sign-in" + ("" if profile == "default" else f" {named(profile)}")


def judged_value(judged: Judged) -> dict[str, Any]:
    """Return the judgement of another user's first sign-in as data (`watchword/first-sign-in-user/v1`).

    `works_with_key` and `works_in_console` are null when that is not known.
    """
    may = judged.may
    return {
        "schema": USER_SCHEMA,
        "user_name": judged.owner.user_name,
        "account": judged.owner.account,
        "devices": [device.serial_number for device in judged.devices],
        "password": judged.password.value,
        "active_access_keys": judged.keys,
        "users_may_change_password": None if judged.rules is None else judged.rules.users_may_change,
        "works_with_key": judged.works_with_key,
        "blocking_with_key": list(may.blocking),
        "undetermined_with_key": list(may.undetermined),
        "blocking_change_with_mfa": judged.change_with_mfa,
        "works_in_console": judged.works_in_console,
        "blocking_in_console": list(judged.stopped_in_console),
        "undetermined_in_console": list(judged.unsure_in_console),
        "stuck": judged.is_stuck,
        "not_looked_at": list(may.not_looked_at),
    }


def judged_as_text(value: Mapping[str, Any]) -> str:
    """Return what an administrator reads about a user."""
    lines = [f"{value['user_name']} (account {value['account']}): {_has(value)}"]
    lines.append(f"with the access key   {_with_key(value)}")
    if not value["devices"]:
        lines += [f"    {each}" for each in (*value["blocking_with_key"], *value["undetermined_with_key"])]
    if value["blocking_change_with_mfa"] and value["active_access_keys"] != 0:
        lines.append("    but the password cannot be changed, with MFA neither:")
        lines.append(f"    {value['blocking_change_with_mfa']}")
    lines.append(f"in the console        {_in_console(value)}")
    lines += [f"    {each}" for each in (*value["blocking_in_console"], *value["undetermined_in_console"])]
    lines += _advice(value)
    lines += [f"not looked at: {each}" for each in value["not_looked_at"]]
    return "\n".join(lines)


def _has(value: Mapping[str, Any]) -> str:
    password = {
        Password.NONE: "no password",
        Password.KEPT: "a password that needs no change",
        Password.MUST_CHANGE: "a password that must be changed",
        Password.UNKNOWN: "a password or none, which you may not read",
    }[Password(value["password"])]
    keys = value["active_access_keys"]
    held = {None: "keys that you may not read", 0: "no access key", 1: "an access key"}
    devices = ", ".join(value["devices"]) or "no device"
    return f"{password}, {held.get(keys, f'{keys} access keys')}, {devices}"


def _with_key(value: Mapping[str, Any]) -> str:
    if value["devices"]:
        return "a device is there: `watchword device first-sign-in` goes on from there"
    if value["active_access_keys"] == 0:
        return "no way: there is no key" + (", and with one:" if value["blocking_with_key"] else "")
    return {
        True: "works: enrol, sign in, then change the password (`watchword device first-sign-in`)",
        False: "stopped:",
        None: "not known:",
    }[value["works_with_key"]]


def _in_console(value: Mapping[str, Any]) -> str:
    if value["password"] == Password.NONE:
        return "no way: there is no password" + (", and with one:" if value["blocking_in_console"] else "")
    if value["devices"] and value["works_in_console"]:
        return "works: sign in with the password and the device"
    first = "" if value["password"] == Password.KEPT else "change the password at sign-in, "
    return {
        True: f"works: {first}enrol on the Security credentials page, sign out, sign in with a code",
        False: "stopped:",
        None: "not known:",
    }[value["works_in_console"]]


def _advice(value: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    if value["devices"]:
        return lines
    if value["blocking_with_key"]:
        lines.append("enrolling must be allowed on either way: docs/enrol.md has a policy to copy")
    if any(line.startswith(_PASSWORD_PAGE) for line in value["blocking_in_console"]):
        lines += [
            "the console asks for the new password before it shows any page to enrol on; the ways round:",
            *([_KEY] if value["active_access_keys"] == 0 else []),
            "    a password that need not be changed at sign-in (UpdateLoginProfile, no reset required); or",
            "    `iam:ChangePassword` and `iam:GetAccountPasswordPolicy` allowed without MFA:",
            "    whoever has the first password can then set a new one without MFA",
        ]
    return lines
