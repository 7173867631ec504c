"""Small accounts, written in a line or two, and the attacker in them."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from watchword.account.accounts import Accounts
from watchword.account.read import read_snapshot
from watchword.iam import CredentialKind, Universe, evaluate
from watchword.local.universe import load_universe
from watchword.proof.closure import Closed, Closure
from watchword.proof.escalation import load_rules
from watchword.proof.reach import Reacher

ACCOUNT: Final = "123456789012"
KEY: Final = CredentialKind.ACCESS_KEY
CONSOLE: Final = CredentialKind.CONSOLE


@functools.cache
def universe() -> Universe:
    """Return the actions of AWS."""
    return load_universe()


def arn(resource: str, account: str = ACCOUNT) -> str:
    """Return the ARN of `user/alice`, `role/deploy`, `group/staff` or `policy/p`."""
    return f"arn:aws:iam::{account}:{resource}"


def allow(actions: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a statement."""
    return {**allow(actions, resource, **more), "Effect": "Deny"}


WITHOUT_MFA: Final = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
WITH_MFA: Final = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def document(*statements: dict[str, Any]) -> str:
    """Return the text of a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=1)


def trusts(principal: Mapping[str, Any] | str, **more: Any) -> str:  # noqa: ANN401
    """Return a trust policy."""
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def inline(*documents: str) -> list[dict[str, str]]:
    """Return inline policies, called p0, p1, …."""
    return [{"name": f"p{number}", "document": each} for number, each in enumerate(documents)]


def user(name: str, *documents: str, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a user with these inline policies."""
    return {
        "arn": arn(f"user/{name}", account),
        "id": f"AIDA{name.upper()}",
        "name": name,
        "inline": inline(*documents),
        **more,
    }


def role(name: str, trust: str, *documents: str, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a role with these inline policies."""
    return {
        "arn": arn(f"role/{name}", account),
        "id": f"AROA{name.upper()}",
        "name": name,
        "trust": trust,
        "inline": inline(*documents),
        **more,
    }


def group(name: str, *documents: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a group with these inline policies."""
    return {
        "arn": arn(f"group/{name}"),
        "id": f"AGPA{name.upper()}",
        "name": name,
        "inline": inline(*documents),
        **more,
    }


def policy(name: str, *versions: str) -> dict[str, Any]:
    """Return a managed policy; the first version is the default."""
    listed = [{"id": f"v{number}", "document": each} for number, each in enumerate(versions, 1)]
    return {
        "arn": arn(f"policy/{name}"),
        "id": f"ANPA{name.upper()}",
        "name": name,
        "default_version": "v1",
        "versions": listed,
    }


def snapshot(*, account: str = ACCOUNT, **parts: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a snapshot that was read whole."""
    lists = ("users", "groups", "roles", "policies", "login_profiles", "access_keys", "mfa_devices")
    empty: dict[str, Any] = {each: [] for each in lists}
    return {
        "schema": "watchword/snapshot/v1",
        "account_id": account,
        "source": "read",
        "taken_at": "2026-11-01T00:00:00Z",
        "organization": {"id": None},
        **empty,
        **parts,
    }


class Attack:
    """The closure of one proof about these accounts."""

    def __init__(self, *snapshots: dict[str, Any]) -> None:
        read = [read_snapshot(json.dumps(each).encode(), name="made up") for each in snapshots]
        self.reacher = Reacher(Accounts.of(read), universe())
        self.closure = Closure(self.reacher, load_rules())

    def states(self, start: str, kinds: Iterable[CredentialKind]) -> list[Any]:
        """Return the states of a principal with credentials of these kinds, whether it has them or not."""
        return [each for each in self.reacher.states(start) if each.credential in kinds]

    def closed(self, start: str, kind: CredentialKind = KEY) -> Closed:
        """Return what is reached by who holds `user/alice`'s credential."""
        start = start if start.startswith("arn:") else arn(start)
        return self.closure.of(start, self.states(start, {kind}))

    def reaches(self, start: str, action: str, kind: CredentialKind = KEY) -> bool:
        """Whether an action is surely reached. Every step to it is asked of the engine again."""
        closed = self.closed(start, kind)
        if not closed.actions >> universe().bit(action) & 1:
            return False
        for step in closed.chain(action).steps:
            assert evaluate(step.request, step.policies).allowed, step
        return True

    def steps(self, start: str, action: str, kind: CredentialKind = KEY) -> list[str]:
        """Return the actions of the chain to an action."""
        return [each.request.action for each in self.closed(start, kind).chain(action).steps]

    def reasons(self, start: str, action: str, kind: CredentialKind = KEY) -> list[str]:
        """Return why it is not sure whether an action is reached."""
        bit = 1 << universe().bit(action)
        return [reason for mask, reason in self.closed(start, kind).undetermined if mask & bit]
