"""The known ways to gain permissions: the catalogue, one rule a file in `escalations/`."""

from __future__ import annotations

import enum
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from watchword.errors import WatchwordError

_FOLDER: Final = "escalations"


class On(enum.StrEnum):
    """What a call of a rule is made on. The values are those of the files."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    POLICY = "policy"
    """A managed policy of the account's own."""
    NEW_POLICY = "new-policy"
    """A managed policy that is made for the purpose: its name is free."""
    DEVICE = "device"
    """A virtual MFA device that is made for the purpose: its name is free."""
    ANY = "any"
    """Whatever fits the action: a function, an instance, a stack."""


class Effect(enum.StrEnum):
    """What a rule's calls bring about. `effects` has one function for each."""

    ATTACH_POLICY = "attach-policy"
    """A managed policy that exists is attached to the target."""
    PUT_POLICY = "put-policy"
    """The target has a policy that says whatever the attacker wants."""
    NEW_VERSION = "new-version"
    """A managed policy says whatever the attacker wants, for everybody who has it."""
    NEW_VERSION_OF_FIVE = "new-version-of-five"
    """The same, of a policy that has as many versions as it may have."""
    SET_VERSION = "set-version"
    """A managed policy says what one of its other versions says."""
    TAG = "tag"
    """A user or role has a tag that policies want of who asks."""
    UNTAG = "untag"
    """The same, without a tag."""
    JOIN_GROUP = "join-group"
    LEAVE_GROUP = "leave-group"
    DETACH_POLICY = "detach-policy"
    DELETE_POLICY = "delete-policy"
    REMOVE_BOUNDARY = "remove-boundary"
    REPLACE_BOUNDARY = "replace-boundary"
    ACCESS_KEY = "access-key"
    """A user has a new access key, and the attacker holds it."""
    ACCESS_KEY_OF_TWO = "access-key-of-two"
    """The same, of a user who has as many keys as there may be."""
    PASSWORD = "password"  # noqa: S105 -- a word for an effect
    """A user who had no password has one that the attacker chose."""
    NEW_PASSWORD = "new-password"  # noqa: S105 -- a word for an effect
    """A user has another password, that the attacker chose."""
    NEW_GROUP = "new-group"
    """A user is in a group of the attacker's making, whose policy says whatever the attacker wants."""
    SERVICE_CREDENTIAL = "service-credential"
    """A user has a credential for some services alone, and the attacker holds it."""
    NEW_USER = "new-user"
    """There is a user of the attacker's making, and it holds an access key."""
    NEW_USER_WITH_PASSWORD = "new-user-with-password"  # noqa: S105 -- a word for an effect
    """The same, with a password."""
    NEW_ROLE = "new-role"
    """There is a role of the attacker's making: it trusts whom the attacker wants."""
    TRUST = "trust"
    """A role trusts whom the attacker wants."""
    RUN_AS = "run-as"
    """Code or calls of the attacker's run with a role that is passed to a service."""
    RUN_EXISTING = "run-existing"
    """The same, on a resource that has the role already: snapshots do not say which there are."""
    DEVICE_FOR_OTHER = "device-for-other"
    """A user has an MFA device of the attacker's, and so the state `true`."""
    REMOVE_DEVICE = "remove-device"
    """A user has no MFA device any more: the console asks for none, and the first can be enrolled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One permission that a rule takes.

    `fixed`: condition keys that the call has by its nature. `same_call`: it is looked at within the call of
    the next need that is not (`iam:PassRole`), so that both are one principal's, at one time and place.
    """

    action: str
    on: On
    fixed: tuple[tuple[str, str], ...] = ()
    same_call: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact comes from, and when it was looked up (`2026-11-23`)."""

    url: str
    looked_up: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One escalation.

    `services`: the service principals of which the role has to trust one, for `RUN_AS` and `RUN_EXISTING`.
    `undetermined`: why it is not sure that the rule gives what it says even where all calls are allowed;
    None when it is sure. `instance_profile`: the role has to be in an instance profile. `prefixes`: the
    services of a `SERVICE_CREDENTIAL`.
    """

    id: str
    title: str
    effect: Effect
    needs: tuple[Need, ...]
    gains: str
    sources: tuple[Source, ...]
    services: tuple[str, ...] = ()
    undetermined: str | None = None
    instance_profile: bool = False
    prefixes: tuple[str, ...] = ()


class RuleUnreadable(WatchwordError):
    """A file of the catalogue is not one. The package is damaged: users cannot change them."""


@functools.cache
def load_rules() -> tuple[Rule, ...]:
    """Return the catalogue, in the order of the ids.

    The files are part of the package as its modules are; they are read once a process. Raises
    `RuleUnreadable` when one of them is none.
    """
    folder = files("watchword.proof") / _FOLDER
    texts = {each.name: each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".toml")}
    return read_rules(texts)


def read_rules(texts: Mapping[str, str]) -> tuple[Rule, ...]:
    """Return the rules in these texts, by file name. Raises `RuleUnreadable`."""
    return tuple(_rule(name, texts[name]) for name in sorted(texts))


def _rule(name: str, text: str) -> Rule:
    try:
        found = _from_table(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(name, str(error)) from error
    if f"{found.id}.toml" != name:
        raise _unreadable(name, f"its id is `{found.id}`")
    return found


def _from_table(table: dict[str, Any]) -> Rule:
    return Rule(
        id=table.pop("id"),
        title=table.pop("title"),
        effect=Effect(table.pop("effect")),
        needs=tuple(_need(each) for each in table.pop("needs")),
        gains=table.pop("gains"),
        sources=tuple(Source(**each) for each in table.pop("sources")),
        services=tuple(table.pop("services", ())),
        undetermined=table.pop("undetermined", None),
        prefixes=tuple(table.pop("prefixes", ())),
        instance_profile=table.pop("instance_profile", False),
        **table,
    )


def _need(table: dict[str, Any]) -> Need:
    fixed = tuple(sorted(table.pop("fixed", {}).items()))
    return Need(action=table.pop("action"), on=On(table.pop("on")), fixed=fixed, **table)


def _unreadable(name: str, why: str) -> RuleUnreadable:
    return RuleUnreadable(
        f"the escalation in `{name}` cannot be read: {why}",
        hint="install watchword again",
        see="docs/prove/escalations.md",
    )
