"""The case files under tests/cases, read as `watchword policy test` reads them."""

from __future__ import annotations

from pathlib import Path

from watchword.iam.cases import Case, Library, read_case_file

__all__ = ["FILES", "FOLDER", "Case", "cases_of", "label", "read_cases"]

FOLDER = Path(__file__).parent.parent / "cases"
FILES = sorted(FOLDER.glob("*.json"))


def read_cases() -> list[Case]:
    """Return every case of every file; fail when one is broken."""
    library = Library()
    return [case for path in FILES for case in cases_of(path, library)]


def cases_of(path: Path, library: Library | None = None) -> list[Case]:
    entries = read_case_file(
        path.read_text(encoding="utf-8"),
        name=path.name,
        read=lambda policy: (path.parent / policy).read_text(encoding="utf-8"),
        library=library,
    )
    cases = [entry for entry in entries if isinstance(entry, Case)]
    assert len(cases) == len(entries), [entry for entry in entries if not isinstance(entry, Case)]
    return cases


def label(case: Case) -> str:
    return f"{case.file.removesuffix('.json')}: {case.name}"
