"""One case: its fields checked, and made into a question to the engine."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable
from typing import Any, Final

from watchword.errors import short
from watchword.iam._case_documents import Shelf
from watchword.iam._case_text import CaseText, Number, Value
from watchword.iam.context import ContextValue
from watchword.iam.credential import (
    DEFAULT_ASSUMPTIONS,
    Assumptions,
    CredentialKind,
    assumption_settings,
)

REQUIRED: Final = ("name", "principal", "action", "resource", "expect")
POLICIES: Final = (
    "identity_policies",
    "resource_policy",
    "permissions_boundaries",
    "session_policies",
    "service_control_policies",
    "resource_control_policies",
    "endpoint_policies",
    "trust_policy",
)
FIELDS: Final = (
    *REQUIRED,
    *POLICIES,
    "session_of",
    "credential",
    "code",
    "resource_account",
    "context",
    "unknown",
    "service_rules",
    "source",
    "assumptions",
)

_MATTERS: Final = frozenset(
    {
        *(word for field in POLICIES for word in field.split("_")),
        *("scp", "scps", "rcp", "rcps", "boundary", "permission", "inline", "managed", "groups", "mfa"),
        *("context", "condition", "conditions", "unknown", "credential", "credentials", "principal"),
        *("account", "rules", "assumption", "assumptions"),
    }
)
"""A field with one of these words says something that an answer could depend on."""

_FOR_PEOPLE: Final = frozenset({"section", "sources"})
"""Like a field there is, and yet none that would change an answer."""
_NEAR: Final = 0.7

_ACCOUNT: Final = re.compile(r"[0-9]{12}")


class Fields:
    """The members of one case, each read with a check; what is wrong is noted on the shelf."""

    def __init__(self, source: CaseText, case: Value, shelf: Shelf) -> None:
        self._source = source
        self._shelf = shelf
        self._values: dict[str, Value] = {}
        for member in source.members(case):
            if member.name not in FIELDS:
                self._other(member.name, member.name_at)
            elif member.name in self._values:
                shelf.complain(member.name_at, f"expected `{member.name}` once in this case, found it again")
            else:
                self._values[member.name] = member.of
        for name in REQUIRED:
            if name not in self._values:
                shelf.complain(case.at, f"expected `{name}` in the case")

    def _other(self, name: str, at: int) -> None:
        """Complain of a field that there is not; warn only of one that cannot be meant for another.

        People add fields of their own (`id`, `topic`, `comment`); a misspelt `permissions_boundaries` must
        not pass for no boundary.
        """
        if _is_for_people(name):
            self._shelf.warn(at, f"the field `{short(name)}` is not read")
        else:
            near = nearest(name, FIELDS)
            self._shelf.complain(at, f"expected a field of a case{near}, found `{short(name)}`")

    def source(self) -> str | None:
        """Return where the answer comes from, if that is a text. It is for people: any value will do."""
        value = self.get("source")
        return value.value if value is not None and isinstance(value.value, str) else None

    def get(self, field: str) -> Value | None:
        """Return the value of an optional field; None when it is not there or `null`."""
        value = self._values.get(field)
        return None if value is None or value.value is None else value

    def complain(self, field: str, message: str) -> None:
        """Note what is wrong with the value of a field."""
        self._shelf.complain(self._values[field].at, message)

    def text(self, field: str) -> str | None:
        """Return a string that is not empty; None after a complaint, or when it is not there."""
        value = self._values.get(field)
        if value is None:
            return None
        if type(value.value) is str and value.value:
            return value.value
        self.complain(field, f"expected a string in `{field}`")
        return None

    def one_of(self, field: str, choices: Iterable[str]) -> str | None:
        """Return a string that is one of some; None as `text` does."""
        known = list(choices)
        value = self.text(field)
        if value is None or value in known:
            return value
        near = nearest(value, known) or ": " + ", ".join(f"`{each}`" for each in known)
        self.complain(field, f"expected another value of `{field}`{near}, found `{short(value)}`")
        return None

    def action(self) -> str | None:
        """Return the action: one, and not a pattern."""
        action = self.text("action")
        if action is not None and (":" not in action or "*" in action or "?" in action):
            self.complain("action", f"expected one action, `service:Name`, found `{short(action)}`")
            return None
        return action

    def resource(self) -> str | None:
        """Return the resource: an ARN, or `*`."""
        resource = self.text("resource")
        if resource is not None and resource != "*" and not resource.startswith("arn:"):
            self.complain(
                "resource", f"expected an ARN, or `*` where the action has none, found `{short(resource)}`"
            )
            return None
        return resource

    def resource_account(self) -> str | None:
        """Return the account that owns the resource; None when it is not named."""
        value = self.get("resource_account")
        if value is None:
            return None
        account = str(value.value)
        if isinstance(value.value, str) and _ACCOUNT.fullmatch(account):
            return account
        self.complain("resource_account", "expected the twelve digits of an account in double quotes")
        return None

    def flag(self, field: str, *, default: bool) -> bool:
        """Return `true` or `false`."""
        value = self.get(field)
        if value is None or isinstance(value.value, bool):
            return default if value is None else value.value is True
        self.complain(field, f"expected `true` or `false` in `{field}`")
        return default

    def credential(self) -> CredentialKind | None:
        """Return the credential; None when it is not named."""
        if self.get("credential") is None:
            return None
        found = self.one_of("credential", [kind.value for kind in CredentialKind])
        return None if found is None else CredentialKind(found)

    # -- what the request says about itself

    def context(self) -> dict[str, ContextValue | None]:
        """Return the context; None is what is said to be absent."""
        value = self.get("context")
        if value is None:
            return {}
        if not isinstance(value.value, dict):
            self.complain("context", "expected an object of condition keys in `context`")
            return {}
        found: dict[str, ContextValue | None] = {}
        for member in self._source.members(value):
            if member.name in found:
                self._shelf.complain(
                    member.name_at, f"expected `{short(member.name)}` once in `context`, found it again"
                )
            self._check_key(member.name, member.name_at)
            found[member.name] = self._context_value(member.of)
        return found

    def unknown(self, *, known: set[str]) -> list[str]:
        """Return the keys that nobody knows; complain of those (in lower case) whose value is given."""
        value = self.get("unknown")
        if value is None:
            return []
        if not isinstance(value.value, list):
            self.complain("unknown", "expected an array of condition keys in `unknown`")
            return []
        keys = []
        for item in self._source.items(value):
            if type(item.value) is not str:
                self._shelf.complain(item.at, "expected a condition key in double quotes")
                continue
            self._check_key(item.value, item.at)
            keys.append(item.value)
            if item.value.lower() in known:
                message = f"expected `{short(item.value)}` in `unknown` or in `context`, found it in both"
                self._shelf.complain(item.at, message)
        return keys

    def _check_key(self, key: str, at: int) -> None:
        if ":" not in key.strip(":"):
            self._shelf.complain(
                at, f"expected a condition key with its service, such as `aws:…`, found `{short(key)}`"
            )

    def _context_value(self, value: Value) -> ContextValue | None:
        if value.value is None:
            return None
        if isinstance(value.value, list):
            return tuple(
                each
                for each in (self._single(item.value, item.at) for item in self._source.items(value))
                if each is not None
            )
        return self._single(value.value, value.at)

    def _single(self, value: object, at: int) -> str | None:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Number | str):
            return str(value)
        self._shelf.complain(at, "expected a string, a number or a boolean")
        return None

    # -- what is assumed

    def assumptions(self) -> Assumptions:
        """Return the assumptions, with those that the case sets otherwise."""
        value = self.get("assumptions")
        if value is None:
            return DEFAULT_ASSUMPTIONS
        if not isinstance(value.value, dict):
            self.complain("assumptions", "expected an object in `assumptions`")
            return DEFAULT_ASSUMPTIONS
        known = assumption_settings()
        changed: dict[str, Any] = {}
        for member in self._source.members(value):
            choices = known.get(member.name, {})
            if member.name not in known:
                near = nearest(member.name, known)
                message = f"expected a field of `Assumptions`{near}, found `{short(member.name)}`"
                self._shelf.complain(member.name_at, message)
            elif _as_text(member.of.value) not in choices:
                expected = ", ".join(f'`"{choice}"`' for choice in choices)
                self._shelf.complain(member.of.at, f"expected one of {expected} for `{member.name}`")
            else:
                changed[member.name] = choices[_as_text(member.of.value)]
        return dataclasses.replace(DEFAULT_ASSUMPTIONS, **changed)


def _is_for_people(name: str) -> bool:
    """Whether a field that there is not is certainly none that there is, misspelt."""
    folded = re.sub(r"[^a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name[:100]).lower())
    if name[:1] in "_$/#" or folded in _FOR_PEOPLE:
        return True
    if _MATTERS & set(folded.split("_")):
        return False
    return not difflib.get_close_matches(folded, FIELDS, n=1, cutoff=_NEAR)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `, perhaps X`, or nothing when no known name is near."""
    by_folded = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name[:100].lower(), by_folded, n=1)
    return f", perhaps `{by_folded[near[0]]}`" if near else ""


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
