"""Random small accounts: policies put together from the alphabet, one byte a choice."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from proof.right.alphabet import HERE, KEYS, KINDS, MFA_TESTS, WHO_TESTS, Action
from proof.right.small_accounts import Document, Group, Managed, Role, SmallAccount, User
from reference.choices import Choices

_ACTION_PATTERNS: Final = (
    "*",
    "iam:*",
    "s3:*",
    "s3:Get*",
    "s3:List*",
    "ec2:*",
    "lambda:*",
    "sts:*",
    "iam:*User*",
)
_NARROW_PATTERNS: Final = ("s3:*", "lambda:*", "iam:*Version", "iam:*MFADevice", "sts:*")
_FORCE: Final = ("BoolIfExists", "aws:MultiFactorAuthPresent", "false")


def accounts(actions: dict[str, Action], *, chains: bool = False) -> st.SearchStrategy[SmallAccount]:
    """Give accounts whose policies are about these actions."""
    size = 500
    return st.binary(min_size=size, max_size=size).map(
        lambda data: account(Choices(data), actions, chains=chains)
    )


def account(choices: Choices, actions: dict[str, Action], *, chains: bool = False) -> SmallAccount:
    """Choose an account."""
    maker = _Maker(choices, actions, narrow=chains)
    made = SmallAccount()
    # Where an account has no group or role at all the product takes any name for one.
    least = 1 if chains else 0
    for name in ("shared", "force"):
        versions = [maker.document() for _ in range(1 + choices.number(2))]
        made.policies[name] = Managed(name=name, versions=versions, default=len(versions) - 1)
    for name in ("admins", "staff")[: least + choices.number(3 - least)]:
        made.groups[name] = Group(name=name, inline={"own": maker.document()})
        if choices.once_in(3):
            made.groups[name].attached = ["shared"]
    for name, path in (("alice", "/"), ("bob", "/"), ("carol", "/team/"))[: 1 + choices.number(3)]:
        made.users[name] = _user(maker, made, name, path)
    for name in ("deploy", "admin")[: least + choices.number(3 - least)]:
        made.roles[name] = _role(maker, made, name)
    if choices.once_in(4):
        made.scps = [[maker.document(broad=True)] for _ in range(1 + choices.number(3))]
    if not chains and choices.once_in(2):
        made.resource_policies = _resource_policies(maker, made)
    return made


def _user(maker: _Maker, made: SmallAccount, name: str, path: str) -> User:
    choices = maker.choices
    user = User(name=name, path=path)
    for at in range(choices.number(3)):
        user.inline[f"own{at}"] = maker.document()
    user.attached = choices.some_of(["shared", "force"], 0, 2)
    user.groups = choices.some_of(list(made.groups), 0, 2) if made.groups else []
    if choices.once_in(4):
        user.boundary = choices.one_of(["shared", "force"])
    if choices.once_in(2):
        user.tags["team"] = choices.one_of(["red", "blue"])
    user.keys = choices.one_of([1, 1, 1, 0, 2])
    user.password = choices.once_in(2)
    user.devices = choices.one_of([[], ["virtual"], ["virtual"], ["fido"], ["hardware"]])
    return user


def _role(maker: _Maker, made: SmallAccount, name: str) -> Role:
    choices = maker.choices
    role = Role(name=name, trust=maker.trust(made))
    role.inline["own"] = maker.document()
    role.attached = choices.some_of(["shared", "force"], 0, 1)
    if choices.once_in(4):
        role.boundary = choices.one_of(["shared", "force"])
    if choices.once_in(4):
        role.tags["team"] = choices.one_of(["red", "blue"])
    return role


def _resource_policies(maker: _Maker, made: SmallAccount) -> dict[str, Document]:
    choices = maker.choices
    found: dict[str, Document] = {}
    bucket = "arn:aws:s3:::reports"
    found[bucket] = maker.policy_of(made, ["s3:GetObject", "s3:ListBucket", "s3:*"], [bucket, f"{bucket}/*"])
    if choices.once_in(2):
        function = f"arn:aws:lambda:eu-west-1:{HERE}:function:app-1"
        found[function] = maker.policy_of(made, ["lambda:InvokeFunction", "lambda:*"], [function])
    return found


class _Maker:
    """Chooses documents."""

    def __init__(self, choices: Choices, actions: dict[str, Action], *, narrow: bool) -> None:
        """`narrow`: most policies are about a few actions, so that a chain has something to gain."""
        self.choices = choices
        self.narrow = narrow
        self.actions = actions
        self.patterns = [
            *actions,
            *(
                each
                for each in (_NARROW_PATTERNS if narrow else _ACTION_PATTERNS)
                if any(_fits(each, action) for action in actions)
            ),
        ]

    def document(self, *, broad: bool = False) -> Document:
        statements = [self.statement() for _ in range(1 + self.choices.number(3))]
        if broad or self.choices.once_in(16 if self.narrow else 3):
            statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
        return {"Version": "2012-10-17", "Statement": statements}

    def statement(self) -> Document:
        choices = self.choices
        statement: Document = {"Effect": choices.one_of(["Allow", "Allow", "Deny"])}
        element = "NotAction" if choices.once_in(12 if self.narrow else 5) else "Action"
        statement[element] = choices.some_of(self.patterns, 1, 3)
        if choices.once_in(2):
            statement["NotResource" if choices.once_in(5) else "Resource"] = self._resources(
                statement, element
            )
        else:
            statement["Resource"] = "*"
        return self._under(statement)

    def trust(self, made: SmallAccount) -> Document:
        statements = [
            self._under({"Effect": "Allow", "Principal": self._named(made), "Action": "sts:AssumeRole"})
            for _ in range(1 + self.choices.number(2))
        ]
        if self.choices.once_in(5):
            denied = {"Effect": "Deny", "Principal": self._named(made), "Action": "sts:AssumeRole"}
            statements.append(self._under(denied))
        return {"Version": "2012-10-17", "Statement": statements}

    def policy_of(self, made: SmallAccount, actions: list[str], resources: list[str]) -> Document:
        statements = []
        for _ in range(1 + self.choices.number(2)):
            effect = self.choices.one_of(["Allow", "Allow", "Deny"])
            statement = {
                "Effect": effect,
                "Principal": self._named(made),
                "Action": self.choices.some_of(actions, 1, 2),
                "Resource": self.choices.some_of(resources, 1, 2),
            }
            statements.append(self._under(statement))
        return {"Version": "2012-10-17", "Statement": statements}

    def _named(self, made: SmallAccount) -> str | Document:
        arns = [*(each.arn for each in made.users.values()), *(each.arn for each in made.roles.values())]
        names = [*arns, f"arn:aws:iam::{HERE}:root", HERE]
        services: Document = {"Service": "lambda.amazonaws.com"}
        everybody: list[str | Document] = ["*", services]
        named: list[str | Document] = [{"AWS": name} for name in names]
        return self.choices.one_of([*named, *named, *everybody])

    def _resources(self, statement: Document, element: str) -> list[str]:
        """Choose resources, most often such as the actions of the statement have."""
        listed = statement[element]
        kinds = {
            each.kind
            for name, each in self.actions.items()
            if each.kind is not None and any(_fits(pattern, name) for pattern in listed)
        }
        likely = sorted(pattern for kind in kinds for pattern in KINDS[kind].patterns)
        every = sorted({pattern for kind in KINDS.values() for pattern in kind.patterns})
        return self.choices.some_of(likely if likely and not self.choices.once_in(8) else every, 1, 2)

    def _under(self, statement: Document) -> Document:
        """Add conditions: on MFA half of the time, on who asks and on what is free less often."""
        choices = self.choices
        conditions: Document = {}
        if choices.once_in(3):
            _add(conditions, *choices.one_of([*MFA_TESTS, *MFA_TESTS, _FORCE, _FORCE]))
        if choices.once_in(6):
            _add(conditions, *choices.one_of(WHO_TESTS))
        for _ in range(choices.one_of([0, 0, 0, 0, 1, 1, 1, 2])):
            name = choices.one_of(list(KEYS)[: 3 if self.narrow else None])
            operator, value = choices.one_of(KEYS[name].tests)
            _add(conditions, operator, name, value)
        return {**statement, "Condition": conditions} if conditions else statement


def _add(conditions: Document, operator: str, key: str, value: object) -> None:
    conditions.setdefault(operator, {})[key] = value


def _fits(pattern: str, action: str) -> bool:
    from reference.patterns import matches_action

    return matches_action(pattern, action)
