"""The policies of a snapshot as files, under names that every file system takes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from watchword.account.snapshot import Snapshot

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9+=,@_.-]")
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policy:
    """A policy: where it is put, whose it is, and its text."""

    place: tuple[str, ...]
    of: str
    kind: str
    name: str
    text: str
    default: bool = True


def policy_files(snapshot: Snapshot) -> dict[str, bytes]:
    """Return each policy of a snapshot as a file, and `index.json`, which says which is which.

    Names that differ in nothing but case get a number: some file systems hold one of them only.
    """
    files: dict[str, bytes] = {}
    taken: set[str] = set()
    index = []
    for policy in _policies(snapshot):
        name = _free("/".join(safe(part) for part in policy.place), taken)
        files[f"{name}.json"] = policy.text.encode("utf-8", "surrogatepass")
        row = {"file": f"{name}.json", "kind": policy.kind, "of": policy.of, "name": policy.name}
        index.append(row | ({} if policy.default else {"default": False}))
    files["index.json"] = json.dumps(index, indent=1).encode() + b"\n"
    return files


def safe(name: str) -> str:
    """Return one part of a path for any name: no separator, no `..`, nothing hidden, of a fair length.

    Signs other than AWS's for names are written as `%` and the hexadecimal digits of their bytes.
    """
    quoted = _UNSAFE.sub(_quoted, name)
    if not quoted or quoted[0] in ".-":
        quoted = f"%{ord(quoted[0]):02X}{quoted[1:]}" if quoted else "%"
    if len(quoted) <= _LONGEST:
        return quoted
    return (
        f"{quoted[: _LONGEST - 17]}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    )


def _quoted(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))


def _free(name: str, taken: set[str]) -> str:
    tried, number = name, 2
    while tried.lower() in taken:
        tried, number = f"{name}~{number}", number + 1
    taken.add(tried.lower())
    return tried


def _policies(snapshot: Snapshot) -> Iterator[_Policy]:
    for managed in snapshot.policies:
        for version in managed.versions:
            yield _Policy(
                place=("managed", _owner(managed.arn), f"{managed.name}.{version.id}"),
                of=managed.arn,
                kind="managed policy",
                name=version.id,
                text=version.document,
                default=version.id == managed.default_version,
            )
    for sort, holders in (("users", snapshot.users), ("groups", snapshot.groups), ("roles", snapshot.roles)):
        for holder in holders:
            for inline in holder.inline:
                yield _Policy(
                    place=("inline", sort, holder.name, inline.name),
                    of=holder.arn,
                    kind="inline policy",
                    name=inline.name,
                    text=inline.document,
                )
    for role in snapshot.roles:
        yield _Policy(
            place=("trust", role.name), of=role.arn, kind="trust policy", name=role.name, text=role.trust
        )
    yield from _of_organization(snapshot)
    for resource in snapshot.resource_policies or ():
        yield _Policy(
            place=("resources", resource.service, resource.arn),
            of=resource.arn,
            kind="resource policy",
            name=resource.service,
            text=resource.document,
        )


def _of_organization(snapshot: Snapshot) -> Iterator[_Policy]:
    levels = snapshot.organization.path if snapshot.organization else None
    for level in levels or ():
        for kind, short, attached in (
            ("service control policy", "scp", level.scps),
            ("resource control policy", "rcp", level.rcps),
        ):
            for control in attached:
                yield _Policy(
                    place=("organization", level.id, short, control.id),
                    of=control.arn,
                    kind=kind,
                    name=control.name,
                    text=control.document,
                )


def _owner(arn: str) -> str:
    """Return whose a managed policy is: the number of an account, or `aws`."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 and parts[4] else "aws"
