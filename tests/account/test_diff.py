"""How two snapshots of an account differ."""

from __future__ import annotations

from typing import Any

import pytest

from small_account import (
    ADMIN,
    EVERYTHING,
    ID,
    LISTING,
    NO_IAM,
    document,
    group,
    inline,
    level,
    managed,
    organization,
    role,
    snapshot,
    trust,
    user,
)
from watchword.account.diff import compare
from watchword.account.difference import AccountDiff, Change, Compared, Difference, Kind
from watchword.account.errors import OtherAccount
from watchword.report.account_diff import diff_account_text
from watchword.report.style import Style

OBJECTS: dict[str, Any] = {
    "Sid": "Objects",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": ["arn:aws:s3:::one/*", "arn:aws:s3:::two/*"],
}


def with_mfa(operator: str, key: str, value: str) -> dict[str, Any]:
    return {
        "Sid": "Force",
        "Effect": "Deny",
        "NotAction": "iam:*",
        "Resource": "*",
        "Condition": {operator: {f"aws:MultiFactorAuth{key}": value}},
    }


def differ(before: dict[str, Any], after: dict[str, Any]) -> AccountDiff:
    return compare(snapshot(**before), snapshot(**after))


def only(diff: AccountDiff) -> Compared:
    (found,) = diff.changed
    return found


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the lines of the text, from the first thing that differs to the last."""
    text = diff_account_text(differ(before, after), Style(color=False))
    return [line.strip() for line in text.split("\n\n")[1].splitlines()[1:]]


def of_policy(*before: dict[str, Any], after: list[dict[str, Any]]) -> Compared:
    first, second = ({"users": [user(inline=[inline("own", *each)])]} for each in (before, after))
    return only(differ(first, second))


def statements(thing: Compared) -> tuple[Difference, ...]:
    (policy,) = thing.differences
    assert policy.what == "inline policy"
    return policy.parts


# -- what means the same


def test_the_same_account_has_no_difference() -> None:
    parts = {"users": [user(inline=[inline("own", OBJECTS)])], "roles": [role()]}
    diff = differ(parts, parts)
    assert diff.changed == ()
    assert diff_account_text(diff, Style(color=False)).endswith("no difference")


@pytest.mark.parametrize(
    "other",
    [
        [{**OBJECTS, "Sid": "Otherwise"}],
        [{**OBJECTS, "Action": ["S3:putobject", "s3:GetObject"]}],
        [{**OBJECTS, "Action": ["s3:PutObject"]}, {**OBJECTS, "Sid": "B", "Action": "s3:GetObject"}],
        [
            {**OBJECTS, "Resource": "arn:aws:s3:::two/*"},
            {**OBJECTS, "Sid": "B", "Resource": ["arn:aws:s3:::one/*"]},
        ],
        [{**OBJECTS, "Resource": [*OBJECTS["Resource"], "arn:aws:s3:::one/more"]}],
    ],
    ids=["another Sid", "another order and case", "cut by action", "cut by resource", "covered by another"],
)
def test_what_is_written_otherwise_and_means_the_same_is_said_so(other: list[dict[str, Any]]) -> None:
    thing = of_policy(OBJECTS, after=other)
    assert thing.change is Change.REWRITTEN
    (policy,) = thing.differences
    assert policy.change is Change.REWRITTEN
    assert policy.parts == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (with_mfa("BoolIfExists", "Present", "false"), with_mfa("Null", "Age", "true")),
        (with_mfa("BoolIfExists", "Present", "false"), with_mfa("StringNotEquals", "Present", "true")),
    ],
)
def test_two_conditions_that_hold_in_the_same_states_of_mfa_mean_the_same(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert of_policy(one, after=[other]).change is Change.REWRITTEN


@pytest.mark.parametrize(
    "other",
    [
        with_mfa("Bool", "Present", "false"),
        with_mfa("Null", "Present", "true"),
        with_mfa("NumericGreaterThanIfExists", "Age", "3600"),
    ],
)
def test_a_condition_that_holds_in_other_states_of_mfa_is_a_change_and_says_when_it_holds(
    other: dict[str, Any],
) -> None:
    thing = of_policy(with_mfa("BoolIfExists", "Present", "false"), after=[other])
    (statement,) = statements(thing)
    assert statement.change is Change.CHANGED
    removed = [part.before for part in statement.parts if part.change is Change.REMOVED]
    assert removed == ["BoolIfExists aws:MultiFactorAuthPresent: false (holds while it is absent or false)"]


def test_the_account_and_its_root_are_one_principal() -> None:
    two = [trust(principal={"AWS": name}) for name in (f"arn:aws:iam::{ID}:root", ID)]
    first, second = ({"roles": [role(trust=each)]} for each in two)
    assert only(differ(first, second)).change is Change.REWRITTEN


def test_a_variable_of_the_earlier_language_is_text_and_so_another_policy() -> None:
    own = {**OBJECTS, "Resource": "arn:aws:s3:::one/${aws:username}/*"}
    old = document(own).replace("2012-10-17", "2008-10-17")
    before = {"users": [user(inline=[{"name": "own", "document": old}])]}
    after = {"users": [user(inline=[inline("own", own)])]}
    assert only(differ(before, after)).change is Change.CHANGED


# -- statements


def test_statements_are_known_by_their_sid_and_told_by_their_parts() -> None:
    wider = {**OBJECTS, "Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": "*"}
    (statement,) = statements(of_policy(OBJECTS, after=[wider]))
    assert (statement.name, statement.change) == ("Objects", Change.CHANGED)
    assert [(part.what, part.change.value, part.name) for part in statement.parts] == [
        ("Action", "added", "s3:DeleteObject"),
        ("Action", "removed", "s3:PutObject"),
        ("Resource", "added", "*"),
        ("Resource", "removed", "arn:aws:s3:::one/*"),
        ("Resource", "removed", "arn:aws:s3:::two/*"),
    ]


def test_a_statement_without_a_sid_is_known_by_what_it_shares() -> None:
    plain = {key: value for key, value in OBJECTS.items() if key != "Sid"}
    more = {**plain, "Action": [*OBJECTS["Action"], "s3:DeleteObject"]}
    added, changed = statements(of_policy(plain, after=[NO_IAM, more]))
    assert (added.change, added.after) == (Change.ADDED, "Deny iam:* on *")
    assert (changed.change, changed.name) == (Change.CHANGED, "number 2")


def test_an_allow_never_becomes_a_deny_by_likeness_but_by_its_sid() -> None:
    deny = {**OBJECTS, "Effect": "Deny"}
    (statement,) = statements(of_policy(OBJECTS, after=[deny]))
    assert [(part.what, part.before, part.after) for part in statement.parts] == [("effect", "Allow", "Deny")]
    without = [{key: value for key, value in each.items() if key != "Sid"} for each in (OBJECTS, deny)]
    changes = [each.change for each in statements(of_policy(without[0], after=[without[1]]))]
    assert changes == [Change.ADDED, Change.REMOVED]


def test_a_text_that_is_no_policy_is_told_as_text() -> None:
    before = {"users": [user(inline=[inline("own", OBJECTS)])]}
    after = {"users": [user(inline=[{"name": "own", "document": "{"}])]}
    (policy,) = only(differ(before, after)).differences
    assert [part.what for part in policy.parts] == ["text"]
    assert "one of the two is no valid policy" in told(before, after)[-1]


# -- who


def test_a_user_is_told_with_all_that_is_new() -> None:
    before: dict[str, Any] = {
        "users": [user(groups=["staff"], tags={"team": "web"})],
        "access_keys": [{"user": "alice", "id": "AKIA1", "status": "Active"}],
        "login_profiles": [{"user": "alice"}],
        "mfa_devices": [{"user": "alice", "serial": "GAHT1", "kind": "hardware"}],
    }
    after: dict[str, Any] = {
        "users": [user(attached=[ADMIN], boundary=ADMIN, tags={"team": "data"})],
        "access_keys": [
            {"user": "alice", "id": "AKIA1", "status": "Inactive"},
            {"user": "alice", "id": "AKIA2", "status": "Active"},
        ],
        "login_profiles": [],
        "mfa_devices": [],
    }
    assert told(before, after) == [
        "~ alice",
        "- group staff",
        f"+ attached policy {ADMIN}",
        f"+ permissions boundary: {ADMIN}",
        "~ tag team: web → data",
        "~ access key AKIA1: Active → Inactive",
        "+ access key AKIA2: Active",
        "- password",
        "- device GAHT1: hardware",
    ]


def test_who_is_added_and_removed_is_told_with_what_they_have_and_had() -> None:
    before = {"users": [user("bob", groups=["staff"])], "groups": [group("staff")]}
    after = {"users": [user("carol", inline=[inline("own", LISTING)])], "groups": [group("staff")]}
    assert told(before, after) == [
        "+ carol",
        "+ inline policy own",
        "+ statement number 1: Allow s3:ListAllMyBuckets on *",
        "- bob",
        "- group staff",
    ]


def test_one_who_was_made_anew_under_the_old_name_is_not_the_same() -> None:
    lines = told({"users": [user(id="AIDAOLD")]}, {"users": [user(id="AIDANEW")]})
    assert lines[0] == "~ alice"
    assert lines[1].startswith("~ unique ID: AIDAOLD → AIDANEW (made anew: trust policies")


def test_one_who_was_renamed_is_the_same() -> None:
    before = {
        "users": [user()],
        "access_keys": [{"user": "alice", "id": "AKIA1", "status": "Active"}],
    }
    after = {
        "users": [user("alison", id="AIDAALICE")],
        "access_keys": [{"user": "alison", "id": "AKIA1", "status": "Active"}],
    }
    assert told(before, after) == [
        "~ alison",
        f"~ ARN: arn:aws:iam::{ID}:user/alice → arn:aws:iam::{ID}:user/alison",
    ]


def test_a_trust_policy_that_asks_for_mfa_no_more_is_told() -> None:
    asking = {
        "Sid": "People",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": ID},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    }
    open_to_all = {key: value for key, value in asking.items() if key != "Condition"}
    before, after = ({"roles": [role(trust=document(each))]} for each in (asking, open_to_all))
    assert told(before, after) == [
        "~ deploy",
        "~ trust policy",
        "~ statement People",
        "- condition Bool aws:MultiFactorAuthPresent: true (holds while it is true)",
    ]


# -- managed policies, SCPs, resources


def test_a_managed_policy_is_told_with_how_many_it_is_in_force_for() -> None:
    arn = f"arn:aws:iam::{ID}:policy/own"
    people = {
        "users": [user(groups=["staff"]), user("bob", attached=[arn]), user("carol")],
        "groups": [group("staff", attached=[arn])],
        "roles": [role(boundary=arn)],
    }
    newer = managed(arn, LISTING, default="v2")
    newer["versions"].append({"id": "v2", "document": document(LISTING, NO_IAM)})
    diff = differ({**people, "policies": [managed(arn, LISTING)]}, {**people, "policies": [newer]})
    thing = only(diff)
    assert (thing.kind, thing.in_force_for) == (Kind.POLICY, 3)
    assert [(each.what, each.name) for each in thing.differences] == [
        ("statement", "number 2"),
        ("default version", None),
        ("version not in force", "v1"),
    ]


def test_of_aws_s_own_policies_only_a_new_text_is_told() -> None:
    without: dict[str, Any] = {"policies": []}
    assert differ(without, {"policies": [managed(ADMIN, EVERYTHING)]}).changed == ()
    thing = only(differ({"policies": [managed(ADMIN, LISTING)]}, {"policies": [managed(ADMIN, EVERYTHING)]}))
    assert thing.name == "AdministratorAccess"


def test_scps_are_told_by_level_and_a_move_too() -> None:
    full = ("FullAWSAccess", EVERYTHING)
    before = [
        level("r-1", "root", full),
        level("ou-1", "ou", full, ("NoIam", NO_IAM)),
        level(ID, "account", full),
    ]
    after = [level("r-1", "root", full), level(ID, "account", full)]
    thing = only(differ({"organization": organization(*before)}, {"organization": organization(*after)}))
    assert thing.kind is Kind.ORGANIZATION
    assert [(each.what, each.name, each.before, each.after) for each in thing.differences] == [
        ("place", None, f"r-1/ou-1/{ID}", f"r-1/{ID}"),
        ("SCP of ou ou-1", "FullAWSAccess", None, None),
        ("SCP of ou ou-1", "NoIam", None, None),
    ]


def test_the_policy_of_a_resource_is_told_by_statement() -> None:
    arn = "arn:aws:s3:::data"
    open_to_all = {**OBJECTS, "Principal": "*"}

    def resources(*given: dict[str, Any]) -> dict[str, Any]:
        one = {"arn": arn, "account_id": ID, "service": "s3", "document": document(*given)}
        return {"resource_policies": [one]}

    closed = {**open_to_all, "Sid": "Closed", "Effect": "Deny"}
    thing = only(differ(resources(closed), resources(closed, open_to_all)))
    assert (thing.kind, thing.name, thing.arn) == (Kind.RESOURCE, "data", arn)
    assert [part.name for part in thing.differences[0].parts] == ["Objects"]


# -- what cannot be told


def test_what_one_of_them_did_not_read_is_said_and_not_taken_for_gone() -> None:
    keys = [{"user": "alice", "id": "AKIA1", "status": "Active"}]
    unread = [{"what": "mfa_devices", "of": "alice", "code": "AccessDenied", "leaves_open": "which"}]
    before = {"users": [user()], "access_keys": keys, "mfa_devices": [], "login_profiles": []}
    after = {"users": [user()], "mfa_devices": [], "login_profiles": [], "unread": unread}
    diff = differ(before, after)
    assert diff.changed == ()
    missing = {each.what: each.missing_in for each in diff.not_compared}
    assert missing["access keys"] == ("after",)
    assert missing["devices of alice"] == ("after",)
    assert missing["the organization's policies"] == ("before", "after")
    assert "passwords" not in missing


def test_two_accounts_are_not_compared() -> None:
    with pytest.raises(OtherAccount):
        compare(snapshot(), snapshot("210987654321"))
