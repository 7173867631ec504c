"""Statements that differ only in names are settled once: what one user reaches hangs on nobody else."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pytest

from proof.settle.asking_subjects import ACCOUNT, Statement, universe
from watchword.account.accounts import Accounts
from watchword.account.snapshot import InlinePolicy, ResourcePolicy, Snapshot, User
from watchword.proof.reach import Reacher

_USERS = ("alice", "bob", "table", "team-a", "team-a-b", "carol", "dave", "user")
_NAMES = (
    *_USERS,
    *("orders", "log-stream", "key", "secret", "index", "us-east-1", ACCOUNT, "aws", "x", "guarded", "guard"),
    *("orders-*", "*-orders", "t*", "team-*", "guard*", "*", "a/b", "a/*/b", "or?ers", "${aws:username}"),
    *("${aws:username}/*", "home/${aws:username}", "${aws:PrincipalTag/team}"),
)
_KINDS = (
    ("dynamodb:GetItem", "dynamodb:{region}:{account}:table/{name}"),
    ("dynamodb:Query", "dynamodb:{region}:{account}:table/{name}/index/{name}"),
    ("logs:PutLogEvents", "logs:{region}:{account}:log-group:{name}:*"),
    ("logs:CreateLogStream", "logs:*:*:log-group:/aws/{name}:log-stream:{name}"),
    ("s3:GetObject", "s3:::{name}/{name}"),
    ("s3:ListBucket", "s3:::{name}"),
    ("sqs:SendMessage", "sqs:{region}:{account}:{name}"),
    ("secretsmanager:GetSecretValue", "secretsmanager:{region}:{account}:secret:{name}"),
    ("kms:Decrypt", "kms:{region}:{account}:key/{name}"),
    ("backup:StartReportJob", "backup:{region}:{account}:report-plan:{name}-{name}"),
    ("iam:CreateAccessKey", "iam::{account}:user/{name}"),
    ("iam:UpdateUser", "iam::*:user/people/{name}"),
    ("dynamodb:PutItem", "dynamodb:{region}:{account}:{name}/orders"),
    ("logs:GetLogEvents", "logs:{region}:{account}:log-group:orders:{name}:orders"),
    ("iam:EnableMFADevice", "iam::{account}:{name}/${{aws:username}}"),
    ("iam:DeactivateMFADevice", "iam::{account}:user/${{aws:username}}"),
    ("iam:ListMFADevices", "iam::{account}:user/people/${{aws:username}}"),
)


def _statement(chance: random.Random, kinds: Sequence[tuple[str, str]], names: Sequence[str]) -> Statement:
    action, text = chance.choice(kinds)
    name = chance.choice(names)
    made: Statement = {
        "Effect": "Allow" if chance.random() < 0.8 else "Deny",
        "Action": [action] if chance.random() < 0.8 else [action.partition(":")[0] + ":*"],
    }
    element = "Resource" if chance.random() < 0.9 else "NotResource"
    region = chance.choice(("us-east-1", "eu-west-1", "*"))
    account = chance.choice((ACCOUNT, ACCOUNT, "*", "222222222222"))
    made[element] = ["arn:aws:" + text.format(region=region, account=account, name=name)]
    if chance.random() < 0.3:
        made["Condition"] = {
            "StringEquals": {"aws:RequestedRegion": chance.choice(("us-east-1", "eu-west-1"))}
        }
    return made


def _document(statements: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _user(name: str, path: str, statements: list[Statement], tags: dict[str, str]) -> User:
    arn = f"arn:aws:iam::{ACCOUNT}:user{path}{name}"
    own = InlinePolicy(name="own", document=_document(statements))
    return User(arn=arn, id=f"AIDA{name}", name=name, path=path, inline=(own,), tags=tags)


def _any_user(chance: random.Random, at: int, statements: list[Statement]) -> User:
    name = _USERS[at] if at < len(_USERS) else f"user-{at}"
    tags = {"team": chance.choice(("orders", "table"))} if chance.random() < 0.5 else {}
    return _user(name, chance.choice(("/", "/people/")), statements, tags)


def _snapshot(users: Iterable[User]) -> Snapshot:
    guarded = "arn:aws:s3:::guarded"
    document = _document(
        [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [guarded, f"{guarded}/*"]}]
    )
    return Snapshot(
        account_id=ACCOUNT,
        source="read",
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        users=tuple(users),
        groups=(),
        roles=(),
        policies=(),
        resource_policies=(ResourcePolicy(arn=guarded, account_id=ACCOUNT, service="s3", document=document),),
    )


def _any_snapshot(chance: random.Random) -> Snapshot:
    kinds, names = chance.sample(_KINDS, 3), chance.sample(_NAMES, 8)
    return _snapshot(
        _any_user(chance, at, [_statement(chance, kinds, names) for _ in range(chance.choice((1, 1, 2)))])
        for at in range(40)
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_one_reaches_is_the_same_whoever_was_asked_before(seed: int) -> None:
    snapshot = _any_snapshot(random.Random(seed))  # noqa: S311 -- a test's dice
    accounts = Accounts.of([snapshot])
    shared = Reacher(accounts, universe())
    for user in snapshot.users:
        alone = Reacher(accounts, universe())
        state = shared.states(user.arn)[0]
        found, expected = (each.reached(each.subject(user.arn, state)) for each in (shared, alone))
        assert found.actions == expected.actions, user
        assert set(found.undetermined) == set(expected.undetermined), user


@pytest.mark.parametrize(
    ("action", "some", "other"),
    [
        (
            "dynamodb:GetItem",
            "dynamodb:us-east-1:{account}:table/orders",
            "dynamodb:us-east-1:{account}:x/orders",
        ),
        ("s3:GetObject", "s3:::orders/x", "s3:::guarded/x"),
        (
            "iam:GetUser",
            "iam::{account}:user/${{aws:username}}",
            "iam::{account}:user/people/${{aws:username}}",
        ),
    ],
)
def test_what_is_no_name_as_any_other_makes_a_difference(action: str, some: str, other: str) -> None:
    users = [
        _user(
            name,
            "/",
            [{"Effect": "Allow", "Action": action, "Resource": "arn:aws:" + on.format(account=ACCOUNT)}],
            {},
        )
        for name, on in (("alice", some), ("bob", other), ("carol", some))
    ]
    made = Reacher(Accounts.of([_snapshot(users)]), universe())
    found = [made.reached(made.subject(user.arn, made.states(user.arn)[0])).actions for user in users]
    assert [bool(each >> universe().bit(action) & 1) for each in found] == [True, False, True]
