"""The report: one HTML file that needs no script and no network.

All that an account gives, names and policies alike, is hostile text: Jinja escapes every expression, and
`words.shown` takes from each what hides or turns text round.
"""

from __future__ import annotations

import functools
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from watchword.proof.result import Proof
from watchword.report.html.standing import Standing, standing, without_mfa
from watchword.report.html.view import entries_by_kind, report_of
from watchword.report.html.words import (
    broken,
    counted,
    credential_words,
    day,
    diff_lines,
    grouped,
    is_link,
    moment,
    prose,
    set_back,
    short_name,
    shown,
    span,
)

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)


def report_html(proof: Proof) -> str:
    """Return the page for a proof. The same proof gives the same page.

    Raises BrokenProof when the proof names a part of itself that it does not hold.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(report=report_of(proof), content_security_policy=CONTENT_SECURITY_POLICY)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "short_name": short_name,
        "credential": credential_words,
        "moment": moment,
        "day": day,
        "grouped": grouped,
        "without_mfa": without_mfa,
        "standing": standing,
        "entries_by_kind": entries_by_kind,
        "diff_lines": diff_lines,
        "prose": prose,
        "set_back": set_back,
        "broken": broken,
    }
    environment.globals |= {"counted": counted, "span": span, "Standing": Standing}
    environment.tests["link"] = is_link
    return environment
