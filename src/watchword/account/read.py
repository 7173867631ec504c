"""Bytes that somebody kept become a `Snapshot`, and a `Snapshot` becomes bytes."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from watchword.account.authorization_details import (
    LISTS,
    Details,
    groups_of,
    policies_of,
    roles_of,
    users_of,
)
from watchword.account.errors import UnreadableSnapshot
from watchword.account.snapshot import SCHEMA, Group, ManagedPolicy, Role, Snapshot, Unread, User
from watchword.account.wrong_values import wrong_values
from watchword.errors import short

_READ_HINT = "`watchword account snapshot` makes one, and so does `aws iam get-account-authorization-details`"
_NOT_IN_RAW = (
    ("login_profiles", "iam:GetLoginProfile", "who has a console password"),
    ("access_keys", "iam:ListAccessKeys", "who has an access key"),
    ("mfa_devices", "iam:ListMFADevices", "who has a device, and of which kind"),
    ("unassigned_devices", "iam:ListVirtualMFADevices", "which devices belong to nobody"),
    ("credential_report", "iam:GetCredentialReport", "whether root has a key and a device"),
    ("account_summary", "iam:GetAccountSummary", "whether root has a key and a device"),
    ("password_policy", "iam:GetAccountPasswordPolicy", "whether users may change their own passwords"),
    ("organization", "organizations:DescribeOrganization", "whether SCPs and RCPs limit the account"),
    ("resource_policies", None, "what the policies of resources give"),
)


def read_snapshot(data: bytes, *, name: str) -> Snapshot:
    """Return what a file holds: `watchword/snapshot/v1`, or AWS's raw GetAccountAuthorizationDetails.

    The raw answer may be a page, what the AWS CLI merged, or a list of pages; documents may be objects, text
    or URL-encoded text; in a snapshot they may be text or objects. `name` is how messages call the file.
    Raises `UnreadableSnapshot` with all that is wrong.
    """
    try:
        snapshot = msgspec.json.decode(data, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            snapshot = _otherwise(data, name)
        except RecursionError:
            raise UnreadableSnapshot(name, ("it is nested too deeply",), hint=_READ_HINT) from None
    problems = tuple(_contradictions(snapshot))
    if problems:
        raise UnreadableSnapshot(name, problems)
    return snapshot


def write_snapshot(snapshot: Snapshot) -> bytes:
    """Return a snapshot as the bytes of its file: indented JSON in UTF-8 that ends with a newline."""
    return msgspec.json.format(msgspec.json.encode(snapshot), indent=2) + b"\n"


def details_snapshot(pages: Iterable[Details], *, name: str) -> Snapshot:
    """Return the snapshot that pages of GetAccountAuthorizationDetails make, with what they do not tell.

    Raises `UnreadableSnapshot` when no ARN in them says which account it is.
    """
    pages = tuple(pages)
    users, groups, roles, policies = users_of(pages), groups_of(pages), roles_of(pages), policies_of(pages)
    partition, account = _whose((users, groups, roles, policies), name)
    return Snapshot(
        account_id=account,
        partition=partition,
        source="GetAccountAuthorizationDetails",
        users=users,
        groups=groups,
        roles=roles,
        policies=policies,
        unread=(*_cut_off(pages), *not_read("NotInTheFile")),
    )


def not_read(code: str, fields: Iterable[str] | None = None) -> tuple[Unread, ...]:
    """Return the entries of what GetAccountAuthorizationDetails does not hold, all or these `fields`."""
    return tuple(
        Unread(what=what, code=code, operation=operation, leaves_open=leaves_open)
        for what, operation, leaves_open in _NOT_IN_RAW
        if fields is None or what in fields
    )


def _otherwise(data: bytes, name: str) -> Snapshot:
    """Read what is no snapshot of ours at first sight: AWS's answer, or something that is wrong."""
    value = _value(data, name)
    if isinstance(value, dict) and "schema" in value:
        value = _with_texts(value)
        problems = tuple(_of_schema(value))
        if not problems:
            with contextlib.suppress(msgspec.ValidationError):
                return msgspec.convert(value, Snapshot)
        raise UnreadableSnapshot(name, problems or (f"its values are not those of `{SCHEMA}`",))
    pages = value if isinstance(value, list) else [value]
    if pages and all(isinstance(page, dict) and any(one in page for one in LISTS) for page in pages):
        return details_snapshot(_pages(pages, name), name=name)
    known = ", ".join(f"`{one}`" for one in LISTS)
    raise UnreadableSnapshot(
        name, (f'neither `"schema": "{SCHEMA}"` nor one of AWS\'s {known} is in it',), hint=_READ_HINT
    )


def _with_texts(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a snapshot with its documents as text: who writes one by hand may write them as objects."""
    if isinstance(value, list):
        return [_with_texts(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: json.dumps(one, indent=2)
        if key in {"document", "trust"} and isinstance(one, dict)
        else _with_texts(one)
        for key, one in value.items()
    }


def _value(data: bytes, name: str) -> object:
    try:
        value: object = json.loads(data.decode("utf-8-sig"))
        if _HALF_A_SIGN.search(data):
            json.dumps(value, ensure_ascii=False).encode()  # AWS sends whole signs only
    except UnicodeEncodeError:
        raise UnreadableSnapshot(
            name, ("half a sign (`\\ud800` to `\\udfff`) is in it",), hint=_READ_HINT
        ) from None
    except UnicodeDecodeError as error:
        raise UnreadableSnapshot(name, (f"byte {error.start + 1} is not UTF-8",), hint=_READ_HINT) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnreadableSnapshot(
            name, (f"{place}: not JSON: {error.msg.lower()}",), hint=_READ_HINT
        ) from None
    except ValueError:  # Python takes no number of thousands of digits
        raise UnreadableSnapshot(name, ("a number in it is too long",), hint=_READ_HINT) from None
    return value


def _of_schema(value: dict[str, object]) -> Iterator[str]:
    if value["schema"] != SCHEMA:
        yield f"$.schema: expected `{SCHEMA}`, found `{short(str(value['schema']))}`"
        return
    yield from wrong_values(value, Snapshot)


def _pages(values: list[object], name: str) -> tuple[Details, ...]:
    try:
        return tuple(msgspec.convert(values, list[Details]))
    except msgspec.ValidationError:
        problems = tuple(problem for value in values for problem in wrong_values(value, Details))
        raise UnreadableSnapshot(name, problems) from None


def _whose(parts: Iterable[Iterable[User | Group | Role | ManagedPolicy]], name: str) -> tuple[str, str]:
    """Return partition and account, by the first ARN of the account's own."""
    for part in parts:
        for one in part:
            fields = one.arn.split(":")
            if len(fields) > _ACCOUNT and len(fields[_ACCOUNT]) == _DIGITS and fields[_ACCOUNT].isdecimal():
                return fields[1], fields[_ACCOUNT]
    raise UnreadableSnapshot(
        name,
        ("no user, group, role or policy of an account is in it, so nobody knows whose it is",),
        hint=_READ_HINT,
    )


def _cut_off(pages: tuple[Details, ...]) -> Iterator[Unread]:
    operation = "iam:GetAccountAuthorizationDetails"
    truncated = bool(pages) and pages[-1].is_truncated
    for what, aws_name, lists in _LISTS:
        if all(getattr(page, lists) is None for page in pages):
            yield Unread(
                what=what,
                code="NotInTheFile",
                operation=operation,
                leaves_open=f"all {what} of the account: AWS's `{aws_name}` is not in the file",
            )
        elif truncated:
            yield Unread(
                what=what,
                code="Truncated",
                operation=operation,
                leaves_open=f"the {what} of the pages that follow: the file says `IsTruncated`",
            )


def _contradictions(snapshot: Snapshot) -> Iterator[str]:
    """Yield what cannot be of one account: other accounts' ARNs, those of something else, one thing twice."""
    for what, kind in (("users", "user"), ("groups", "group"), ("roles", "role"), ("policies", "policy")):
        seen: dict[str, int] = {}
        for index, one in enumerate(getattr(snapshot, what)):
            account = one.arn.split(":")[_ACCOUNT : _ACCOUNT + 1]
            allowed = {snapshot.account_id, "aws"} if what == "policies" else {snapshot.account_id}
            if not account or account[0] not in allowed:
                yield f"$.{what}[{index}].arn: `{one.arn}` is not of account {snapshot.account_id}"
            elif not _names(one.arn, kind, one.name):
                yield f"$.{what}[{index}].arn: `{one.arn}` does not name the {kind} `{short(one.name)}`"
            if one.arn in seen:
                yield f"$.{what}[{index}].arn: `{one.arn}` stands at [{seen[one.arn]}] already"
            seen[one.arn] = index


def _names(arn: str, kind: str, name: str) -> bool:
    resource = arn.split(":", 5)[5:]
    return bool(resource and name) and resource[0].startswith(f"{kind}/") and resource[0].endswith(f"/{name}")


_LISTS = tuple(
    zip(
        ("users", "groups", "roles", "policies"),
        LISTS,
        ("user_detail_list", "group_detail_list", "role_detail_list", "policies"),
        strict=True,
    )
)
_HALF_A_SIGN = re.compile(rb"\\u[dD][89a-fA-F]")
_ACCOUNT = 4
_DIGITS = 12
