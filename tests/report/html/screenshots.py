"""The pictures of the report in the README: `PYTHONPATH=tests python -m report.html.screenshots docs/images`.

The account is that of the tour's second act: published policies that force MFA, and somebody in each group.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from audit.reading import NOW, read
from local_aws import local_aws
from report.html.test_report_in_chromium import CHROMIUM, FLAGS
from watchword import __version__
from watchword.account.accounts import Accounts
from watchword.account.read import write_snapshot
from watchword.local.universe import load_universe
from watchword.proof.prove import prove
from watchword.proof.result import Proof
from watchword.report.html import report_html
from watchword.tour import policies

GROUPS = Path(policies.__path__[0]) / "groups.yaml"
_WIDTH, _HEIGHT = 1080, 1000
_COLOURS = 64


def proof_of_the_tour(folder: Path) -> Proof:
    """Read the tour's account from a sandbox, as its administrator when root's key is gone, and prove it."""
    with local_aws(folder / "sandbox") as aws:
        aws.apply(GROUPS)
        with_mfa = aws.session(aws.key("admin"), f"arn:aws:iam::{aws.account}:mfa/admin")
        aws.client("iam").delete_access_key(AccessKeyId=aws.root.access_key_id)
        snapshot = read(aws, with_mfa)
    return prove(
        Accounts.of([snapshot]),
        universe=load_universe(),
        now=NOW,
        version=__version__,
        hashes={snapshot.account_id: hashlib.sha256(write_snapshot(snapshot)).hexdigest()},
    )


def main(folder: Path) -> None:
    """Write `report-light.png` and `report-dark.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page_file = Path(scratch) / "report.html"
        page_file.write_text(report_html(proof_of_the_tour(Path(scratch))), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme in ("light", "dark"):
            context = browser.new_context(
                color_scheme=scheme,
                viewport={"width": _WIDTH, "height": _HEIGHT},
            )
            page = context.new_page()
            page.goto(page_file.as_uri())
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(_COLOURS)
            picture.save(folder / f"report-{scheme}.png", optimize=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
