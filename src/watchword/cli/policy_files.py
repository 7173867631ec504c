"""The files that hold policies: read, parsed and compiled, with the problems of all of them at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from watchword.errors import UsageError, WatchwordError, printable
from watchword.iam import (
    CompiledPolicy,
    Layer,
    PolicyKind,
    PolicySet,
    PolicySyntaxError,
    compile_policy,
    parse_policy,
)
from watchword.local.documents import STANDARD_INPUT, read_document

_SEE: Final = "docs/policy/index.md"
_PROBLEMS_SHOWN: Final = 15
_LINT_KINDS: Final = {
    kind: f"--kind {kind.value} "
    for kind in (
        PolicyKind.SERVICE_CONTROL,
        PolicyKind.RESOURCE_CONTROL,
        PolicyKind.KEY,
        PolicyKind.ENDPOINT,
    )
}
"""What `lint` cannot see for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The files that were named, layer by layer, as they were typed."""

    identity: tuple[str, ...]
    boundary: str | None
    session: tuple[str, ...]
    service_control: tuple[tuple[str, ...], ...]
    resource_control: tuple[tuple[str, ...], ...]
    resource: str | None
    trust: str | None
    key: str | None
    endpoint: tuple[str, ...]


def read_policies(given: Given) -> PolicySet:
    """Read, parse and compile every file; raise `InvalidPolicies` with the problems of all of them."""
    if given.resource is not None and given.key is not None:
        raise UsageError(
            "both --resource-policy and --key-policy are given, and a resource has one policy",
            hint="a KMS key's policy is its --key-policy; leave out the other one",
            see=_SEE,
        )
    reader = _Reader()
    policies = {
        "identity": reader.all(given.identity, PolicyKind.IDENTITY),
        "permissions_boundary": reader.one(given.boundary, PolicyKind.IDENTITY),
        "session": reader.all(given.session, PolicyKind.IDENTITY) if given.session else None,
        "service_control": reader.levels(given.service_control, PolicyKind.SERVICE_CONTROL),
        "resource_control": reader.levels(given.resource_control, PolicyKind.RESOURCE_CONTROL),
        "resource": reader.one(given.resource, PolicyKind.RESOURCE) or reader.one(given.key, PolicyKind.KEY),
        "trust": reader.one(given.trust, PolicyKind.TRUST),
        "endpoint": reader.all(given.endpoint, PolicyKind.ENDPOINT) if given.endpoint else None,
    }
    if reader.wrong:
        raise InvalidPolicies(reader.wrong, reader.kinds)
    if not any(policies.values()):
        raise UsageError("no policy is given", hint="name one: `--policy FILE`", see=_SEE)
    return PolicySet(**policies)  # type: ignore[arg-type]


def without_say(given: Given, layers: Collection[Layer]) -> list[str]:
    """Return a note for each kind of policy that was given and is none of the layers looked at."""
    named = {
        "trust": (given.trust, Layer.TRUST),
        "key": (given.key, Layer.KEY),
        "resource": (given.resource, Layer.RESOURCE),
    }
    return [
        f"the {kind} policy has no say in this call"
        for kind, (path, layer) in named.items()
        if path is not None and layer not in layers
    ]


class InvalidPolicies(WatchwordError):
    """Documents that are no policies: every problem with its file, line and column."""

    def __init__(self, wrong: Sequence[PolicySyntaxError], kinds: Mapping[str, PolicyKind]) -> None:
        names = ", ".join(f"`{each.name}`" for each in wrong)
        super().__init__(
            f"{names} {'is not a valid policy' if len(wrong) == 1 else 'are not valid policies'}",
            hint=_hint(wrong[0], kinds[wrong[0].name]),
            see=_SEE,
        )
        self.problems = tuple((each.name, problem) for each in wrong for problem in each.problems)

    def diagnostics(self) -> str:
        """Return the error with a line for each problem, at most a screenful."""
        first, *others = super().diagnostics().splitlines()
        shown = [
            f"  {printable(f'{name}:{problem.line}:{problem.column}: {problem.message}')}"
            for name, problem in self.problems[:_PROBLEMS_SHOWN]
        ]
        left = len(self.problems) - len(shown)
        more = [f"  and {left} more"] if left else []
        return "\n".join([first, *shown, *more, *others])


def _hint(wrong: PolicySyntaxError, kind: PolicyKind) -> str:
    """Name the option that such a document goes with; else who explains what is wrong with it."""
    messages = [problem.message for problem in wrong.problems]
    if any(re.match("expected no `(Not)?Principal`", message) for message in messages):
        return (
            "a policy that names principals is given with --resource-policy, --key-policy, "
            "--trust-policy or --endpoint-policy"
        )
    if "expected `Principal` in the statement" in messages and kind is not PolicyKind.IDENTITY:
        return "a policy that names no principals is given with --policy, --boundary or --session-policy"
    name = STANDARD_INPUT if wrong.name == "stdin" else wrong.name
    return f"`watchword policy lint {_LINT_KINDS.get(kind, '')}{name}` explains it"


class _Reader:
    """Reads policies and keeps what is wrong with them, so that all of it is said at once."""

    def __init__(self) -> None:
        self.wrong: list[PolicySyntaxError] = []
        self.kinds: dict[str, PolicyKind] = {}

    def one(self, path: str | None, kind: PolicyKind) -> CompiledPolicy | None:
        if path is None:
            return None
        name = "stdin" if path == STANDARD_INPUT else path
        text = read_document(path)
        try:
            return compile_policy(parse_policy(text, name=name, kind=kind))
        except PolicySyntaxError as error:
            self.wrong.append(error)
            self.kinds.setdefault(name, kind)
            return None

    def all(self, paths: Iterable[str], kind: PolicyKind) -> tuple[CompiledPolicy, ...]:
        read = (self.one(path, kind) for path in paths)
        return tuple(policy for policy in read if policy is not None)

    def levels(
        self, levels: Iterable[Iterable[str]], kind: PolicyKind
    ) -> tuple[tuple[CompiledPolicy, ...], ...]:
        return tuple(self.all(level, kind) for level in levels)
