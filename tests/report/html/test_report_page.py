"""The page as a document: what stands in it, in which order, and that nothing in it reaches out or runs."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from report.html.page_parser import Page, parse
from report.html.proofs import HOSTILE, example, excepted, hostile, large, proved, undetermined
from watchword.proof.findings import EXPIRED
from watchword.proof.result import Known, Outcome, Proof
from watchword.report.html import report_html
from watchword.report.html.view import BrokenProof

PROOFS = {
    "refuted": example,
    "proved": proved,
    "undetermined": undetermined,
    "excepted": excepted,
    "hostile": hostile,
}


@pytest.fixture(scope="module", params=list(PROOFS))
def page(request: pytest.FixtureRequest) -> Page:
    return parse(report_html(PROOFS[request.param]()))


def test_every_element_is_closed_and_no_id_comes_twice(page: Page) -> None:
    assert page.problems == []
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, times in ids.items() if times > 1] == []


def test_nothing_runs_and_nothing_is_loaded(page: Page) -> None:
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "img", "iframe", "object", "embed", "form", "base", "audio", "video"})
    for tag, attributes in page.elements:
        assert [name for name in attributes if name.startswith("on")] == []
        assert {"src", "srcset", "action", "formaction", "data", "style", "xlink:href"}.isdisjoint(attributes)
        if "href" in attributes and tag != "a":
            assert (tag, attributes["href"]) == ("link", "data:,")
    [policy] = [each["content"] for each in page.all("meta") if "http-equiv" in each]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_links_lead_into_the_page_or_to_a_source_by_https(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for link in page.all("a"):
        target = link["href"]
        assert target.removeprefix("#") in ids or re.fullmatch(r"https://[\w./-]+", target), target


def test_tables_and_pictures_say_what_they_are(page: Page) -> None:
    assert all(each.get("scope") in {"col", "row"} for each in page.all("th"))
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    for picture in page.all("svg"):
        named = picture.get("role") == "img" and "aria-labelledby" in picture
        assert named or picture.get("aria-hidden") == "true"


def test_the_answer_comes_first() -> None:
    page = parse(report_html(example()))
    order = [each["id"] for tag, each in page.elements if tag == "section"]
    assert order[:5] == ["answer", "ways", "root", "users", "roles"]
    assert order[5:] == ["exceptions", "unseen", "assumed", "controls", "method"]
    text = " ".join(page.text.split())
    assert 0 < text.index("2 principals of account") < text.index("SHA-256") < text.index("Ways in")
    assert "9f2feb0f1ef425b292f2f94bc8482494df430413b4d8f7d2a3d0b8a8e9b8a1f0" in text
    assert "2026-10-30 09:12 UTC" in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("proved", "Without MFA, nobody reaches anything but enrolling their own device. This holds for"),
        ("undetermined", "no way in was found, and 2\xa0questions could not be answered"),
        (
            "excepted",
            "1\xa0principal of account\xa0111122223333 (acme-build) can do what the claim rules out",
        ),
    ],
)
def test_the_answer_is_one_sentence(name: str, said: str) -> None:
    assert said in parse(report_html(PROOFS[name]())).text


def test_a_way_in_shows_requests_statements_lines_and_the_fix() -> None:
    text = " ".join(parse(report_html(example())).text.split())
    for part in (
        "arn:aws:iam::111122223333:user/alice",
        "iam:AttachUserPolicy",
        "Sid AllowManageOwnUser , statement 1, line 4",
        "aws iam attach-user-policy --user-name alice",
        '- "NotAction": "iam:*",',
        "proved again with it: this way is closed",
    ):
        assert part in text or part.replace(" ,", ",") in text, part


def test_a_finding_that_is_let_be_has_no_picture_and_is_told_with_owner_reason_and_last_day() -> None:
    html = report_html(excepted())
    page = parse(html)
    assert sum(each.get("role") == "img" for each in page.all("svg")) == 2  # the wide and the tall one
    told = page.text.partition("are let be")[2]
    assert told.index("Dana Scully") < told.index("the build server is replaced") < told.index("2027-01-31")


def test_hostile_text_makes_no_element_and_hides_nothing() -> None:
    """Every name and document is hostile: the page has the very elements that it has without."""
    plain, poisoned = parse(report_html(excepted())), parse(report_html(hostile()))
    # A source that is no address is no link; long names break, and are told in other words.
    free = {"a", "br", "wbr", "bdi", "span", "text"}
    counted = Counter(tag for tag, _ in plain.elements if tag not in free)
    assert Counter(tag for tag, _ in poisoned.elements if tag not in free) == counted
    html = report_html(hostile())
    assert {sign for sign in html if not sign.isprintable()} <= {"\n"}
    assert "49" not in html.partition("7*7")[0][-20:]
    assert "<script" not in html
    assert "\\u202egnp.exe\\u200b" in html
    assert html.count("{{ 7*7 }}") > 20


def test_no_class_or_id_is_made_of_what_an_account_gives() -> None:
    for _, attributes in parse(report_html(hostile())).elements:
        for name in ("class", "id", "href", "data-label", "aria-labelledby"):
            assert HOSTILE[:10] not in attributes.get(name, "")


def test_a_large_account_is_folded_and_says_how_much() -> None:
    html = report_html(large(users=1000, ways=60))
    assert len(html) < 3_000_000
    page = parse(html)
    text = " ".join(page.text.replace("\xa0", " ").split())
    assert "960 more users" in text
    assert "40 more ways in, without pictures" in text
    assert "1,000 users: 60 not enforced, 940 enforced." in text
    assert sum(each.get("role") == "img" for each in page.all("svg")) == 2 * 20
    assert text.count("a.person.with.a.rather.long.name+999@subsidiary.example.com") == 2


def _expired(proof: Proof) -> Proof:
    """As `proof` with nothing against it but that an exception is none any more."""
    [claim] = proof.claims
    finding = msgspec.structs.replace(
        example().findings[0],
        rule=EXPIRED,
        principals=(),
        principal="",
        witness=None,
        fix=None,
        message="the exception of Dana at claims.yaml:7 expired on 2026-01-31",
        reason="the build server is replaced",
    )
    return msgspec.structs.replace(
        proof,
        outcome=Outcome.REFUTED,
        findings=(finding,),
        claims=(msgspec.structs.replace(claim, outcome=Outcome.REFUTED, findings=(finding.id,)),),
    )


def test_an_expired_exception_is_no_way_in_and_is_told_among_the_exceptions() -> None:
    page = parse(report_html(_expired(proved())))
    text = page.text.replace("\xa0", " ")
    assert "No way in was found in account 111122223333 (acme-build), but 1 exception has expired." in text
    assert "the exception of Dana at claims.yaml:7 expired on 2026-01-31" in text.partition("Exceptions")[2]
    assert [each for each in page.all("svg") if each.get("role") == "img"] == []


def test_who_has_no_credential_without_mfa_is_told_apart_from_who_is_stopped_by_a_policy() -> None:
    proof = example()
    bob = proof.principals[2]
    states = {
        name: msgspec.structs.replace(state, exists=Known.YES if name == "true" else Known.NO)
        for name, state in bob.states.items()
    }
    free = msgspec.structs.replace(bob.enforced, outcome=Known.NO)
    changed = msgspec.structs.replace(bob, states=states, enforced=free, keys=())
    page = parse(report_html(msgspec.structs.replace(proof, principals=(changed,))))
    assert "signs in with MFA only" in page.text
    assert "a new key would not need MFA" in page.text


def test_the_same_proof_gives_the_same_page() -> None:
    assert report_html(example()) == report_html(example())


def test_a_proof_that_names_what_it_does_not_hold_is_refused() -> None:
    with pytest.raises(BrokenProof, match=r"`f-3c1a9be07d52` .* names the witness `w1`"):
        report_html(msgspec.structs.replace(example(), witnesses={}))


def test_an_account_without_anything_is_a_page_too() -> None:
    empty: Proof = msgspec.structs.replace(proved(), principals=(), assumptions=(), accounts=())
    assert parse(report_html(empty)).problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_of_the_readme_are_small(scheme: str) -> None:
    picture = Path(__file__).resolve().parents[3] / "docs" / "images" / f"report-{scheme}.png"
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 200_000
