"""Claims as they are written: `watchword/claims/v1`, YAML. All that is wrong with a file is said at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NoReturn

from watchword.account.written import FileProblem, Path, Written, read_yaml
from watchword.errors import short
from watchword.proof.claim import EVERYBODY, Claim, ClaimException, Mfa, Who, WhoKind
from watchword.proof.errors import ClaimsInvalid

SCHEMA: Final = "watchword/claims/v1"

_OURS: Final = "watchword/"
_CLAIM_KEYS: Final = (
    "name",
    "description",
    "who",
    "only",
    "mfa",
    "actions",
    "resources",
    "exceptions",
)
_EXCEPTION_KEYS: Final = ("who", "actions", "resources", "owner", "reason", "expires")
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE: Final = re.compile(r"\*|arn(:[^:]*){4}:.+", re.DOTALL)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: Final = {
    kind.value: kind
    for kind in (WhoKind.EVERYBODY, WhoKind.ROOT, WhoKind.USERS, WhoKind.ROLES, WhoKind.OUTSIDE)
}
_WHO_HINT: Final = (
    "`everybody`, `root`, `users`, `roles`, `outside`, `user/NAME`, `role/NAME`, `group:NAME`, "
    "`tag:KEY=VALUE` or an ARN"
)


def read_claims(text: str, *, file: str) -> tuple[Claim, ...]:
    """Return the claims that stand in a text, in order; `file` is what it is called.

    Raises ClaimsInvalid with every problem of it.
    """
    written = read_yaml(text, file=file)
    problems = list(written.problems)
    if not problems:
        reader = _Reader(written)
        claims = reader.claims()
        problems = reader.problems
        if not problems:
            return claims
    raise ClaimsInvalid(file, tuple(sorted(set(problems))))


def refuse_same_names(claims: Sequence[Claim]) -> None:
    """Raise ClaimsInvalid when claims of two files have one name: findings could not be told apart."""
    seen: dict[str, Claim] = {}
    for claim in claims:
        before = seen.setdefault(claim.name, claim)
        if before is not claim:
            file, _, line = (claim.written_at or "").rpartition(":")
            message = f"`{claim.name}` is the name of another claim, at {before.written_at}"
            raise ClaimsInvalid(file, (FileProblem(file=file, line=int(line), column=1, message=message),))


class _Wrong(Exception):
    """A value that cannot be used. What is wrong with it has been noted."""


class _Reader:
    """Reads values, and notes what is wrong with each."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self.problems: list[FileProblem] = []

    def claims(self) -> tuple[Claim, ...]:
        other = _other_document(self._written.value)
        if other is not None:  # what else is not as in a claim file goes without saying
            self._note(
                ("schema",), f"it is another document, `{short(other)}`: claims have `schema: {SCHEMA}`"
            )
            return ()
        try:
            top = self._mapping((), ("schema", "claims"), required=("schema", "claims"))
        except _Wrong:
            return ()
        if "schema" in top and top["schema"] != SCHEMA:
            self._note(("schema",), f"expected `{SCHEMA}`, found `{short(str(top['schema']))}`")
        found = []
        for path in self._entries(("claims",)) if "claims" in top else ():
            try:
                found.append(self._claim(path))
            except _Wrong:
                continue
        self._check_names(found)
        return tuple(found)

    def _check_names(self, claims: Sequence[Claim]) -> None:
        seen: set[str] = set()
        for index, claim in enumerate(claims):
            if claim.name in seen:
                self._note(("claims", index, "name"), f"`{claim.name}` is the name of two claims")
            seen.add(claim.name)

    def _claim(self, path: Path) -> Claim:
        value = self._mapping(path, _CLAIM_KEYS, required=("name",))
        return Claim(
            name=self._name((*path, "name")) if "name" in value else "",
            description=self._text((*path, "description")) if "description" in value else "",
            who=self._who((*path, "who")) if "who" in value else EVERYBODY,
            only=self._who((*path, "only")) if "only" in value else None,
            mfa=self._mfa((*path, "mfa")) if "mfa" in value else Mfa.WITHOUT,
            actions=self._patterns((*path, "actions"), _ACTION, "an action, as in `s3:Get*`", value),
            resources=self._patterns((*path, "resources"), _RESOURCE, "an ARN, or `*`", value),
            exceptions=tuple(self._exceptions((*path, "exceptions"))) if "exceptions" in value else (),
            written_at=self._place(path),
        )

    def _exceptions(self, path: Path) -> Iterator[ClaimException]:
        for each in self._entries(path):
            try:
                yield self._exception(each)
            except _Wrong:
                continue

    def _exception(self, path: Path) -> ClaimException:
        value = self._mapping(path, _EXCEPTION_KEYS, required=("who", "owner", "reason", "expires"))
        return ClaimException(
            who=self._who((*path, "who")) if "who" in value else (),
            actions=self._patterns((*path, "actions"), _ACTION, "an action, as in `s3:Get*`", value),
            resources=self._patterns((*path, "resources"), _RESOURCE, "an ARN, or `*`", value),
            owner=self._text((*path, "owner")) if "owner" in value else "",
            reason=self._text((*path, "reason")) if "reason" in value else "",
            expires=self._date((*path, "expires")) if "expires" in value else date.min,
            written_at=self._place(path),
        )

    # -- values

    def _at(self, path: Path) -> Any:  # noqa: ANN401 - whatever stands there
        value = self._written.value
        for part in path:
            value = value[part]
        return value

    def _mapping(self, path: Path, keys: Sequence[str], *, required: Sequence[str]) -> dict[str, Any]:
        value = self._at(path)
        if not isinstance(value, dict):
            self._fail(path, f"expected a mapping with {_listed(required)}")
        for key in value:
            if key not in keys:
                self._note(
                    (*path, key), f"`{short(key)}` is not known here: expected {_listed(keys)}", key=True
                )
        for key in required:
            if key not in value:
                self._note(path, f"`{key}` is missing")
        return value

    def _entries(self, path: Path) -> list[Path]:
        value = self._at(path)
        if not isinstance(value, list) or not value:
            self._note(path, "expected a list with at least one entry")
            return []
        return [(*path, index) for index in range(len(value))]

    def _each(self, path: Path) -> list[tuple[Path, Any]]:
        """One value may stand for a list of one, as in a policy."""
        value = self._at(path)
        return (
            [(each, self._at(each)) for each in self._entries(path)]
            if isinstance(value, list)
            else [(path, value)]
        )

    def _text(self, path: Path) -> str:
        value = self._at(path)
        if not isinstance(value, str) or not value.strip():
            self._note(path, "expected a text")
            return ""
        return " ".join(value.split())

    def _name(self, path: Path) -> str:
        value = self._at(path)
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            self._note(path, "expected a name of lower-case letters, digits and `-`")
            return ""
        return value

    def _mfa(self, path: Path) -> Mfa:
        value = self._at(path)
        if value not in list(Mfa):
            self._note(path, f"expected {_listed(list(Mfa))}, found `{short(str(value))}`")
            return Mfa.WITHOUT
        return Mfa(value)

    def _patterns(
        self, path: Path, pattern: re.Pattern[str], wanted: str, value: dict[str, Any]
    ) -> tuple[str, ...]:
        if path[-1] not in value:
            return ("*",)
        found = []
        for at, each in self._each(path):
            if isinstance(each, str) and pattern.fullmatch(each):
                found.append(each)
            else:
                self._note(at, f"expected {wanted}, found `{short(str(each))}`")
        return tuple(found)

    def _who(self, path: Path) -> tuple[Who, ...]:
        found = []
        for at, each in self._each(path):
            who = _who(each) if isinstance(each, str) else None
            if who is None:
                self._note(at, f"`{short(str(each))}` names nobody: expected {_WHO_HINT}")
            else:
                found.append(who)
        return tuple(found)

    def _date(self, path: Path) -> date:
        value = self._at(path)
        try:
            if isinstance(value, str) and _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self._note(path, f"expected a date, as in 2027-01-31, found `{short(str(value))}`")
        return date.min

    # -- problems

    def _note(self, path: Path, message: str, *, key: bool = False) -> None:
        self.problems.append(self._written.problem(path, message, key=key))

    def _fail(self, path: Path, message: str) -> NoReturn:
        self._note(path, message)
        raise _Wrong

    def _place(self, path: Path) -> str:
        line, _ = self._written.places.get(path, (1, 1))
        return f"{self._written.file}:{line}"


def _other_document(value: object) -> str | None:
    """Return the schema of a document of Watchword that holds no claims: a snapshot, a proof, cases."""
    schema = value.get("schema") if isinstance(value, dict) else None
    ours = isinstance(schema, str) and schema.startswith(_OURS) and schema.split("/")[1] != "claims"
    return str(schema) if ours else None


def _who(text: str) -> Who | None:
    if text in _WORDS:
        return Who(kind=_WORDS[text])
    head, colon, rest = text.partition(":")
    key, equals, value = rest.partition("=")
    if text.startswith(("user/", "role/")) and not text.endswith("/"):
        return Who(kind=WhoKind.NAME, pattern=text)
    if head == "arn" and text.count(":") >= 5:
        return Who(kind=WhoKind.ARN, pattern=text)
    if head == "group" and rest:
        return Who(kind=WhoKind.GROUP, pattern=rest)
    if head == "tag" and colon and key and equals:
        return Who(kind=WhoKind.TAG, key=key, pattern=value)
    return None


def _listed(words: Sequence[str]) -> str:
    quoted = [f"`{each}`" for each in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
