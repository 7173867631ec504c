import re
import shutil
import subprocess
import sys
from pathlib import Path

from docs.pages import ROOT


def test_the_site_builds_without_a_warning_and_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "zensical.toml").write_bytes((ROOT / "zensical.toml").read_bytes())
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    build = subprocess.run(
        [str(Path(sys.executable).with_name("zensical")), "build", "--clean"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert build.returncode == 0
    assert "No issues found" in build.stdout + build.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 10
    fetched = re.compile(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?https?://(?!127)""")
    wrong = [page.name for page in pages if fetched.search(page.read_text(encoding="utf-8"))]
    assert wrong == []
