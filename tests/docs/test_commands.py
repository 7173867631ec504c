import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.pages import ROOT, commands, pages, prepare, type_all
from watchword.tour import STEPS, Stage, open_stage

# Pages whose commands play the whole story: that has its own tests.
ELSEWHERE = {"docs/rooms/tour.md"}
WITHOUT_DEVICE = {"docs/enrol.md", "docs/rooms/device.md"}
# Policies are judged without an account: nobody needs to have signed in.
WITHOUT_ACCOUNT = ("docs/policy/", "docs/lint/")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with open_stage() as stage:
        try:
            yield stage
        finally:
            stage.type("watchword sandbox down")


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in pages()])
def test_the_commands_of_the_page_work_as_written(page: str, stage: Stage) -> None:
    if page in ELSEWHERE:
        assert all(command.text.startswith("watchword tour") for command in commands(ROOT / page))
        return
    if not page.startswith(WITHOUT_ACCOUNT):
        prepare(stage, enrolled=page not in WITHOUT_DEVICE)
    assert type_all(stage, ROOT / page) == []


def test_a_command_that_ends_otherwise_is_found_out(stage: Stage, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ true\n$ exit_code() { return 4; }; exit_code  # exits 4\n$ false\n```\n")
    wrong = type_all(stage, page)
    assert wrong[0] == "`false` ended with 1, not 0"


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_story_in_the_readme_is_the_one_that_is_played() -> None:
    excerpt = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    told = {f"$ {step.command}" for step in STEPS} | {f"# {step.title}" for step in STEPS}
    told |= {f"✓ as it should be: {step.expectation}" for step in STEPS}
    lines = [line for line in excerpt.splitlines() if line.startswith(("$ ", "# ", "✓ "))]
    assert len(lines) > 12
    assert [line for line in lines if line not in told] == []
    assert f"\n{len(STEPS)} steps, each as it should be" in excerpt
