"""An exception that covers nothing is told, and changes nothing."""

from __future__ import annotations

import msgspec

from proof.claims.written_accounts import NOW, allow, proof_of, snapshot, universe, user
from watchword.account.accounts import Accounts
from watchword.proof.claim_file import read_claims
from watchword.proof.prove import prove
from watchword.proof.result import Outcome, Proof
from watchword.report.html import report_html
from watchword.report.proof_markdown import proof_markdown
from watchword.report.proof_text import proof_text
from watchword.report.style import Style

CLAIMS = read_claims(
    """\
schema: watchword/claims/v1
claims:
  - name: c
    exceptions:
      - {who: user/alice, owner: ann@example.com, reason: needed, expires: 2030-01-01}
      - {who: user/bob, owner: ben@example.com, reason: long gone, expires: 2030-01-01}
""",
    file="c.yaml",
)
ACCOUNT = snapshot([user("alice", allow("s3:GetObject")), user("bob")])
SAID = "the exception of ben@example.com at c.yaml:6 covers nothing (any more), and can be taken out"


def proof() -> Proof:
    return proof_of(ACCOUNT, claimed=CLAIMS)


def test_it_is_told_and_the_claim_stays_proved() -> None:
    (claim,) = proof().claims
    assert claim.outcome is Outcome.PROVED
    assert [(each.owner, each.written_at) for each in claim.unused] == [("ben@example.com", "c.yaml:6")]
    assert len(claim.excepted) == 1


def test_text_markdown_json_and_the_page_tell_it() -> None:
    found = proof()
    assert SAID in " ".join(proof_text(found, Style(color=False)).split())
    assert "ben@example.com at c.yaml:6 covers nothing" in proof_markdown(found).replace("\\", "")
    assert b'"unused":[{"written_at":"c.yaml:6","owner":"ben@example.com"' in msgspec.json.encode(found)
    page = report_html(found)
    assert "covers nothing (any more)" in page
    assert "ann@example.com</bdi> at" not in page


def test_nothing_is_said_of_exceptions_where_only_some_were_looked_at() -> None:
    alone = prove(
        Accounts.of([ACCOUNT]),
        universe=universe(),
        now=NOW,
        claims=CLAIMS,
        principals=[f"arn:aws:iam::{ACCOUNT.account_id}:user/alice"],
    )
    assert alone.claims[0].unused == ()
