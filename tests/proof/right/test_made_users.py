"""Users that the attacker makes: chains lead to what making each of them, and every call, leads to."""

from __future__ import annotations

import itertools

import pytest

from proof.right.alphabet import CHAINS, HERE, Action, universe
from proof.right.brute import Brute, Who
from proof.right.brute_closure import Attack, World, who
from proof.right.small_accounts import Document, Group, SmallAccount, User
from proof.right.test_random_accounts import reacher
from watchword.iam import evaluate
from watchword.proof.closure import Closure
from watchword.proof.escalation import load_rules

MADE = {**CHAINS, "iam:CreateUser": Action(kind="user", keys=("iam:permissionsboundary",))}
UNIVERSE = universe(MADE)
RULES = [rule for rule in load_rules() if all(need.action in MADE for need in rule.needs)]
PATTERNS = ("user/*", "user/b*", "user/team/*", "user/*x")
# One name for each set of the patterns that can hold at once.
NAMES = (("/", "new"), ("/", "bnew"), ("/team/", "new2"), ("/", "newx"), ("/", "bnewx"), ("/team/", "tx"))
GET = "s3:GetObject"


class Making(Attack):
    """The same attacker, who makes users as well."""

    def _may(self, world: World, actor: Who, action: str, resource: str | None = None, **fixed: str) -> bool:
        if action != "iam:CreateUser":
            return super()._may(world, actor, action, resource, **fixed)
        found = Brute(world.account, MADE).best(actor, action, resource, **fixed)
        return found is not None and found.sure

    def _widen(self, world: World) -> None:
        super()._widen(world)
        for path, name in NAMES:
            made = User(name=name, path=path, keys=0)
            if name not in world.account.users and self._any(world, "iam:CreateUser", made.arn):
                world.account.users[name] = made
        super()._widen(world)


def account(creates: str, gives: str, takes: str, give: str, take: str) -> SmallAccount:
    """Return one in which alice may make users, give them something, and take their credentials."""
    allowed = (("iam:CreateUser", creates), (give, gives), (take, takes))
    statements: list[Document] = [
        {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:iam::{HERE}:{pattern}"}
        for action, pattern in allowed
    ]
    deny = {"Effect": "Deny", "Action": "*", "Resource": [f"arn:aws:iam::{HERE}:user/alice"]}
    document = {"Version": "2012-10-17", "Statement": [*statements, deny]}
    alice = User(name="alice", inline={"own": document})
    return SmallAccount(users={"alice": alice}, groups={"staff": Group(name="staff")})


def made_by(small: SmallAccount) -> bool:
    """Whether alice comes to read objects, who makes everybody and everything that can only help."""
    start = small.users["alice"].arn
    world = World(account=small, held={who(start, "access-key"), who(start, "session")}).copied()
    making = Making(start, sure=True, for_itself=False)
    making._widen(world)
    return any(making._may(world, each, GET) for each in world.held)


@pytest.mark.parametrize(
    ("give", "take"),
    [("iam:PutUserPolicy", "iam:CreateAccessKey"), ("iam:AttachUserPolicy", "iam:CreateLoginProfile")],
)
def test_users_are_made_under_each_name_that_makes_a_difference(give: str, take: str) -> None:
    reached = 0
    for creates, gives, takes in itertools.product(PATTERNS, repeat=3):
        small = account(creates, gives, takes, give, take)
        product = reacher(small, UNIVERSE)
        start = small.users["alice"].arn
        states = [
            each for each in product.states(start) if each.credential.value in {"access-key", "session"}
        ]
        closed = Closure(product, RULES).of(start, states)
        expected = made_by(small)
        assert bool(closed.actions >> UNIVERSE.bit(GET) & 1) is expected, (creates, gives, takes)
        reached += expected
        for step in closed.chain(GET).steps if expected else ():
            assert evaluate(step.request, step.policies).allowed
    assert 20 < reached < 64
