"""A fix that a proof proposes, applied in the sandbox as an administrator applies it."""

from __future__ import annotations

import re

from local_aws import LocalAws
from watchword.account.snapshot import Group, Role, Snapshot, User
from watchword.proof.result import Fix

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


def apply_fix(aws: LocalAws, snapshot: Snapshot, fix: Fix) -> None:
    """Store the document of a fix in the place of the one that it changes."""
    iam = aws.client("iam")
    kind, _, path = fix.owner.rpartition(":")[2].partition("/")
    text = patched(_document(snapshot, fix), fix.diff)
    if fix.arn is not None and ":policy/" in fix.arn:
        iam.create_policy_version(PolicyArn=fix.arn, PolicyDocument=text, SetAsDefault=True)
        return
    name = path.rpartition("/")[2]
    if kind == "role" and _is_trust(snapshot, fix):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=text)
        return
    put = getattr(iam, f"put_{kind}_policy")
    put(**{f"{kind.capitalize()}Name": name}, PolicyName=_inline_name(snapshot, fix), PolicyDocument=text)


def patched(text: str, diff: str) -> str:
    """Return a text with a unified diff applied, of which every unchanged line must fit."""
    before, after, at = text.splitlines(), [], 0
    for line in diff.splitlines():
        hunk = _HUNK.match(line)
        if hunk:
            start = int(hunk[1]) - 1
            after += before[at:start]
            at = start
        elif line.startswith(("---", "+++")):
            continue
        elif line.startswith("+"):
            after.append(line[1:])
        elif line[:1] in {" ", "-"}:
            assert before[at] == line[1:], (before[at], line)
            after += [before[at]] if line[0] == " " else []
            at += 1
    return "\n".join(after + before[at:]) + "\n"


def _document(snapshot: Snapshot, fix: Fix) -> str:
    for policy in snapshot.policies:
        if policy.arn == fix.arn:
            return next(each.document for each in policy.versions if each.id == policy.default_version)
    if _is_trust(snapshot, fix):
        return next(role.trust for role in snapshot.roles if role.arn == fix.owner)
    return _inline(snapshot, fix)[1]


def _inline_name(snapshot: Snapshot, fix: Fix) -> str:
    return _inline(snapshot, fix)[0]


def _inline(snapshot: Snapshot, fix: Fix) -> tuple[str, str]:
    holders: tuple[User | Group | Role, ...] = (*snapshot.users, *snapshot.groups, *snapshot.roles)
    (found,) = [
        (each.name, each.document)
        for holder in holders
        if holder.arn == fix.owner
        for each in holder.inline
        if fix.policy.partition(" (inline")[0] == each.name
    ]
    return found


def _is_trust(snapshot: Snapshot, fix: Fix) -> bool:
    return any(role.arn == fix.owner for role in snapshot.roles) and "trust" in fix.policy
