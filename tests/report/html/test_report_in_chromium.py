"""The page in a browser: nothing is loaded, runs or sticks out; everything can be read and printed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from report.html.proofs import example, excepted, hostile, large, proved
from watchword.proof.result import Proof
from watchword.report.html import report_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run"]

# Every text with the colours it is seen in: its own, and the nearest background that is painted.
CONTRASTS = """() => {
  const number = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const box = at.closest('svg') && at.parentElement && at.parentElement.classList.contains('box')
        ? at.parentElement.querySelector(':scope > rect') : null;
      if (box) return number(getComputedStyle(box).fill).slice(0, 3);
      const painted = number(getComputedStyle(at).backgroundColor);
      if (painted.length === 3 || painted[3] > 0) return painted.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (['TITLE', 'STYLE', 'title', 'desc'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const own = number(element.closest('svg') ? style.fill : style.color).slice(0, 3);
    const [a, b] = [light(own), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    const name = `${element.tagName.toLowerCase()}.${element.getAttribute('class') || ''}`;
    found[name] = Math.min(found[name] ?? 99, ratio);
  }
  return found;
}"""
# What sticks out of the box that it is in, of the pictures that are shown.
STICKS_OUT = """() => [...document.querySelectorAll('svg.path .box')].filter(
  (box) => box.getClientRects().length).flatMap((box) => {
    const frame = box.querySelector('rect').getBBox();
    return [...box.querySelectorAll(':scope > text, :scope > .badge')].filter((part) => {
      const it = part.getBBox();
      const by = part.matches('.badge') ? 10 : 0;
      return it.x + by + it.width > frame.width - 2 || it.y + it.height > frame.height + 1;
    }).map((part) => part.textContent);
  })"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


Scheme = Literal["light", "dark"]
Open = Callable[..., "Page"]


@pytest.fixture
def seen() -> list[str]:
    """What the page asks for or says: addresses, messages of the console, errors, dialogs."""
    return []


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, seen: list[str]) -> Iterator[Open]:
    contexts: list[BrowserContext] = []

    def open_page(proof: Proof, *, width: int = 1100, scheme: Scheme = "light") -> Page:
        file = tmp_path / f"report-{len(contexts)}.html"
        file.write_text(report_html(proof), encoding="utf-8")
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        seen.clear()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda request: seen.append(request.url))
        page.goto(file.as_uri())
        seen.remove(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("proof", [example, hostile], ids=["example", "hostile"])
def test_nothing_is_loaded_and_nothing_runs(
    opened: Open, seen: list[str], proof: Callable[[], Proof]
) -> None:
    page = opened(proof())
    assert page.evaluate("document.scripts.length + document.images.length") == 0
    # What stands in attributes does not run either.
    page.evaluate("document.querySelectorAll('*').forEach((e) => e.dispatchEvent(new Event('error')))")
    assert seen == []


@pytest.mark.parametrize("proof", [excepted, hostile], ids=["example", "hostile"])
def test_nothing_sticks_out(opened: Open, proof: Callable[[], Proof]) -> None:
    page = opened(proof())
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    for width in (320, 360, 768, 1100):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(STICKS_OUT) == []


@pytest.mark.parametrize(("proof", "scheme"), [(excepted, "light"), (excepted, "dark"), (proved, "dark")])
def test_all_text_has_the_contrast_of_wcag_aa(opened: Open, proof: Callable[[], Proof], scheme: str) -> None:
    page = opened(proof(), scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert {name: round(ratio, 2) for name, ratio in contrasts.items() if ratio < 4.5} == {}
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"
    assert dark == (scheme == "dark")


def test_a_telephone_sees_the_path_from_top_to_bottom_and_everybody_else_from_left_to_right(
    opened: Open,
) -> None:
    shown = "() => [...document.querySelectorAll('svg.path')].map((each) => getComputedStyle(each).display)"
    page = opened(example(), width=1100)
    assert page.evaluate(shown) == ["block", "none"] * 2
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate(shown) == ["none", "block"] * 2


def test_a_reader_of_the_screen_is_told_what_a_picture_shows(opened: Open) -> None:
    picture = opened(example()).get_by_role("img", name="How alice reaches s3:GetObject")
    assert picture.count() == 1
    described = picture.first.locator("desc").text_content() or ""
    assert described.startswith("1. alice (access key) calls iam:AttachUserPolicy on alice without MFA")
    assert described.endswith("This opens 21,874 actions.")


def test_tables_are_tables_on_a_telephone_too(opened: Open) -> None:
    page = opened(example(), width=360)
    users = page.get_by_role("table", name="Those without MFA first")
    assert users.count() == 1
    assert users.get_by_role("columnheader").count() == 7
    assert users.get_by_role("rowheader").count() == 3


def test_print_opens_what_is_folded_repeats_heads_and_cuts_no_picture(opened: Open, tmp_path: Path) -> None:
    page = opened(large(users=45, ways=3))
    page.emulate_media(media="print")
    look = "(selector) => [...document.querySelectorAll(selector)].map((each) => getComputedStyle(each)[%s])"
    assert set(page.evaluate(look % "'display'", "thead")) == {"table-header-group"}
    assert set(page.evaluate(look % "'breakInside'", "tr:not(.note), figure, svg, .fix")) == {"avoid"}
    assert set(page.evaluate(look % "'display'", "svg.wide")) == {"block"}
    folded = "[...document.querySelectorAll('details > :not(summary)')]"
    assert page.evaluate(f"{folded}.filter((each) => !each.checkVisibility()).length") == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")


def test_without_colour_a_word_and_a_sign_tell(opened: Open) -> None:
    """Each mark has a sign that is drawn and a word; requests without MFA have a dashed frame."""
    page = opened(excepted())
    marks = page.evaluate(
        "[...document.querySelectorAll('.mark')].map((e) => [e.querySelectorAll('svg').length, e.innerText])"
    )
    assert all(signs == 1 and words.strip() for signs, words in marks), marks
    frames = "[...document.querySelectorAll('.wide .without > rect')]"
    dashes = page.evaluate(f"{frames}.map((each) => getComputedStyle(each).strokeDasharray)")
    assert set(dashes) == {"5px, 3px"}
