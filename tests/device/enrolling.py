"""Enrolling at a terminal by AWS's own clock, and what was sent meanwhile."""

from __future__ import annotations

from typing import Any

from device.account import Person
from device.at_terminal import FIRST, AtTerminal, codes, scanned, secret_in
from local_aws import LocalAws

SECOND = r"second code[^\n]*: "
CODE = r"code of [^\n]*: "


def scans_and_types(at: AtTerminal, aws: LocalAws, *, shown: str | None = None) -> str:
    """Scan the QR code (in what is `shown` already) and type two codes, by AWS's clock; return the secret."""
    secret = secret_in(scanned(shown or at.sees(FIRST)))
    first, second = codes(secret, at=aws.inner.clock.now().timestamp())
    at.types(first)
    at.sees(SECOND)
    at.types(second)
    return secret


def enrols(person: Person, aws: LocalAws, *arguments: str) -> AtTerminal:
    """Enrol to the end, whatever is asked for but codes being refused."""
    at = person.runs("device", "enroll", *arguments)
    scans_and_types(at, aws)
    assert at.ends() == 0, at.received
    return at


def allowing(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str], resource: str = "*", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}
