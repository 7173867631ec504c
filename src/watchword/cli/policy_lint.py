"""`watchword policy lint`: what is wrong or weak in a policy."""

from __future__ import annotations

import difflib
import functools
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from watchword.cli.failure import show
from watchword.cli.options import color_option, stderr_style, stdout_style
from watchword.errors import ExitCode, UsageError, WatchwordError
from watchword.iam.policy import PolicyKind
from watchword.lint import RULES, AttachedTo, Severity
from watchword.local.documents import STANDARD_INPUT, read_document
from watchword.local.rewrite import Care, NotRewritten, rewrite
from watchword.report.diff import diff_text
from watchword.report.policy_lint import LintedFile, LintValue, lint_value
from watchword.report.policy_lint_text import lint_text
from watchword.report.sarif import sarif_value

if TYPE_CHECKING:
    from watchword.iam.universe import Universe
    from watchword.lint import Rule
    from watchword.lint.document import Document

_SEE: Final = "docs/policy/lint.md"
_CARE: Final = Care(hint="`--diff` shows what would be changed, without changing it", see=_SEE)
_AUTO: Final = "auto"
_ALWAYS: Final = "syntax"


@click.command(
    epilog="Examples: `watchword policy lint *.json` · `watchword policy lint --fix mine.json` · "
    "`watchword policy lint --output sarif policies/*.json > lint.sarif`"
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice([_AUTO, *(kind.value for kind in PolicyKind)]),
    default=_AUTO,
    show_default=True,
    help="What the documents are for; auto: judged by whom and what they name.",
)
@click.option(
    "--attached-to",
    type=click.Choice([each.value for each in AttachedTo]),
    help="Whom an identity policy is attached to: a role has no `aws:username`, and no MFA device.",
)
@click.option("--rule", "only", metavar="RULE", multiple=True, help="Only this rule. May be repeated.")
@click.option("--ignore", metavar="RULE", multiple=True, help="All but this rule. May be repeated.")
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    default=Severity.NOTE.value,
    show_default=True,
    help="The lowest that is shown and counted.",
)
@click.option("--fix", is_flag=True, help="Put right, in the files, what can be put right safely.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="Text to read, data, or SARIF 2.1.0 for code scanning.",
)
@color_option
@click.pass_context
def lint(
    context: click.Context,
    files: tuple[str, ...],
    kind: str,
    attached_to: str | None,
    only: tuple[str, ...],
    ignore: tuple[str, ...],
    severity: str,
    fix: bool,
    diff: bool,
    output: str,
) -> None:
    """Find what is wrong or weak in each policy FILE (`-` is standard input).

    --fix changes the files, shows what it changed on stderr, and reports what is left; with `-` the
    fixed text is on stdout and the report on stderr. A fix never allows what was not allowed before.

    Ends with 0 when nothing is found, or notes only; with 3 when there are warnings or errors (with --diff:
    when there is something to fix); with 1 when a document could not be read or written.
    """
    _refuse_what_does_not_fit(files, fix=fix, diff=diff, output=output)
    job = _Job(
        kind=None if kind == _AUTO else PolicyKind(kind),
        attached_to=None if attached_to is None else AttachedTo(attached_to),
        rules=_chosen(only, ignore),
        severity=Severity(severity),
    )
    linted = [_attempt(job, file, fix=fix, diff=diff) for file in files]
    value = lint_value(linted)
    if not diff:
        _print(value, output, to_stderr=fix and STANDARD_INPUT in files)
    context.exit(_exit_code(value, diff=diff))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    kind: PolicyKind | None
    attached_to: AttachedTo | None
    rules: tuple[Rule, ...]
    severity: Severity

    def look_at(self, name: str, text: str) -> Document:
        from watchword.lint.document import examine

        return examine(
            text,
            name=name,
            universe=_universe(),
            kind=self.kind,
            attached_to=self.attached_to,
            rules=self.rules,
            lowest=self.severity,
        )


@functools.cache
def _universe() -> Universe:
    from watchword.local.universe import load_universe

    return load_universe()


def _attempt(job: _Job, file: str, *, fix: bool, diff: bool) -> LintedFile:
    """Look at one document. One that cannot be read is told of at once and keeps nothing else back."""
    try:
        return _linted(job, file, fix=fix, diff=diff)
    except WatchwordError as error:
        show(error)
        return LintedFile(name=file, problem=error.message)


def _linted(job: _Job, file: str, *, fix: bool, diff: bool) -> LintedFile:
    text = read_document(file)
    document = job.look_at(file, text)
    fixed, count = document.fixed(job.look_at)
    if diff:
        told = diff_text(file, text, fixed, stdout_style(), to_read=sys.stdout.isatty())
        click.echo(told, nl=False)
    problem = None
    if fix and not diff:
        try:
            text = _put_right(job, file, text, fixed)
            document = job.look_at(file, text)
        except NotRewritten as error:
            show(error)
            problem, count = error.message, 0
    return LintedFile(
        name=file,
        text=text,
        kind=None if document.kind is None else document.kind.value,
        findings=document.findings,
        fixed=count if fix and not diff else 0,
        problem=problem,
        lines=document.lines,
    )


def _put_right(job: _Job, file: str, text: str, fixed: str) -> str:
    """Write the fixed text, or print it when the document came from standard input; return it."""
    if file == STANDARD_INPUT:
        click.echo(fixed, nl=False)
        return fixed
    if fixed == text:
        return text
    # Read again under the lock: somebody may have written it since.
    before, after = rewrite(Path(file), lambda now: job.look_at(file, now).fixed(job.look_at)[0], _CARE)
    style = stderr_style()
    click.echo(diff_text(file, before, after, style, to_read=True), nl=False, err=True, color=style.color)
    return after


def _print(value: LintValue, output: str, *, to_stderr: bool) -> None:
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    elif output == "sarif":
        click.echo(json.dumps(sarif_value(value, root=Path.cwd()), indent=2))
    else:
        stream = sys.stderr if to_stderr else sys.stdout
        style = stderr_style() if to_stderr else stdout_style()
        width = shutil.get_terminal_size().columns if stream.isatty() else None
        click.echo(lint_text(value, style, width=width), err=to_stderr, color=style.color)


def _exit_code(value: LintValue, *, diff: bool) -> ExitCode:
    summary = value["summary"]
    if summary["failed"]:
        return ExitCode.FAILED
    found = summary["fixable"] if diff else summary["error"] + summary["warning"]
    return ExitCode.FINDINGS if found else ExitCode.OK


def _chosen(only: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules to run: `syntax` always, since nothing can be said of what cannot be read.

    Raises UsageError for a name that no rule has.
    """
    names = [rule.ident for rule in RULES]
    for name in (*only, *ignore):
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(names)}"
            raise UsageError(f"there is no rule `{name}`", hint=hint, see="docs/lint/index.md")
    if _ALWAYS in ignore:
        raise UsageError(
            f"`{_ALWAYS}` cannot be ignored: no rule can look at a document that does not parse",
            hint="leave the document out",
            see="docs/lint/syntax.md",
        )
    wanted = ({*only} or {*names}) - {*ignore} | {_ALWAYS}
    return tuple(rule for rule in RULES if rule.ident in wanted)


def _refuse_what_does_not_fit(files: Sequence[str], *, fix: bool, diff: bool, output: str) -> None:
    if diff and output != "text":
        raise UsageError(
            "--diff prints a diff, and nothing else fits beside it",
            hint=f"leave --diff out: --output {output} holds the fixes",
            see=_SEE,
        )
    if fix and not diff and STANDARD_INPUT in files:
        if len(files) > 1:
            raise UsageError(
                "--fix with `-` prints that one document: no other can be named",
                hint="fix the files in a command of their own",
                see=_SEE,
            )
        if output != "text":
            raise UsageError(
                f"--fix with `-` prints the document, so there is no room for --output {output}",
                hint="leave one of the two out",
                see=_SEE,
            )
