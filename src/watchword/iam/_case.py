"""A case, as it was read, and what keeps a file or a case from being read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from watchword.errors import WatchwordError
from watchword.iam._case_documents import CaseDocument, CaseProblem
from watchword.iam.credential import Assumptions
from watchword.iam.decision import Decision, Request
from watchword.iam.evaluate import evaluate
from watchword.iam.outcome import Outcome
from watchword.iam.policy import Place
from watchword.iam.policy_set import PolicySet
from watchword.iam.references import StatementRef

_SEE: Final = "docs/policy/test.md"
_IN_A_LINE: Final = 3
_IN_ALL: Final = 20


class CaseFileError(WatchwordError):
    """A file does not hold cases, or (`read_cases`) some of them are broken. `problems` says where."""

    def __init__(self, name: str, problems: tuple[CaseProblem, ...], *, hint: str | None = None) -> None:
        shown = "; ".join(str(problem) for problem in problems[:_IN_A_LINE])
        rest = len(problems) - _IN_A_LINE
        more = f"; and {rest} more" if rest > 0 else ""
        super().__init__(f"`{name}` is not a file of cases: {shown}{more}", hint=hint, see=_SEE)
        self.name = name
        self.problems = problems

    def diagnostics(self) -> str:
        """Return the error with every problem on a line of its own."""
        lines = [f"error: `{self.name}` is not a file of cases"]
        lines += [f"  {problem}" for problem in self.problems[:_IN_ALL]]
        if len(self.problems) > _IN_ALL:
            lines.append(f"  and {len(self.problems) - _IN_ALL} more")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join([*lines, f"see: {self.see}"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: a question to the engine, and the answer that is expected.

    - `file`, `line`, `column`: where it begins.
    - `documents`: its policies by the names that the decision's statements use for them.
    - `assumptions`: what is taken to be true where AWS is contested, with what the case says otherwise.
    - `source`: where the expected answer comes from, if the case says so.
    - `warnings`: what kept nothing from being asked: fields that are not read, and what AWS would refuse
      to store in its policies.
    """

    name: str
    file: str
    line: int
    column: int
    request: Request
    policies: PolicySet
    expect: Outcome
    documents: Mapping[str, CaseDocument]
    assumptions: Assumptions
    source: str | None = None
    warnings: tuple[CaseProblem, ...] = ()

    def decide(self) -> Decision:
        """Return the engine's answer."""
        return evaluate(self.request, self.policies)

    def place(self, ref: StatementRef) -> tuple[str, Place]:
        """Return the file, line and column of a statement of one of the case's policies."""
        document = self.documents[ref.policy]
        return document.file, document.place(Place(line=ref.line, column=ref.column))


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCase:
    """A case that asks nothing that the engine could answer. `expect` is None when that is broken too."""

    name: str
    file: str
    line: int
    column: int
    expect: Outcome | None
    problems: tuple[CaseProblem, ...] = field(default=())
