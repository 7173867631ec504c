"""Proofs for the report's tests: the example, one made of hostile text, one of a large account."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from watchword.proof.result import Excepted, Known, Outcome, Proof, ProvedPrincipal, Waiver, read_proof

EXAMPLE = Path(__file__).resolve().parents[2] / "proof" / "example_proof.json"
# Each part would do harm somewhere: as an element, in an attribute, in a style, in a template, to the eye.
HOSTILE = (
    "</style></title><script>alert(1)</script>\"'><img src=http://127.0.0.1:9/x onerror=alert(2)>"
    "{{ 7*7 }}{% include 'x' %}&lt;b&gt;javascript:alert(3)\u202egnp.exe\u200b\x1b[31m\x00\u2028`]]>"
)
_OURS = {"schema", "outcome", "exists", "console", "needs_mfa", "set", "witness", "findings", "grants"}
_OURS |= {"witnesses", "finding", "expires", "proved_at", "taken_at", "created", "last_used", "id"}
_KINDS = {"root", "user", "role", "principal", "service"}


def example() -> Proof:
    return read_proof(EXAMPLE.read_bytes())


def hostile() -> Proof:
    """The example with hostile text at the end of every text that is no time and no reference."""
    value = msgspec.to_builtins(excepted())
    return msgspec.convert(_poisoned(value), Proof)


def _poisoned(value: Any, name: str = "") -> Any:  # noqa: ANN401  any JSON value
    match value:
        case str():
            ours = name in _OURS or (name == "kind" and value in _KINDS)
            return value if ours or not value else value + HOSTILE
        case dict():
            return {
                key: _poisoned(each, name if name == "action_sets" else key) for key, each in value.items()
            }
        case list() | tuple():
            return [_poisoned(each, name) for each in value]
        case _:
            return value


def proved() -> Proof:
    """The example as if nothing spoke against the claim."""
    proof = example()
    return msgspec.structs.replace(
        proof,
        outcome=Outcome.PROVED,
        findings=(),
        claims=tuple(
            msgspec.structs.replace(each, outcome=Outcome.PROVED, findings=()) for each in proof.claims
        ),
        principals=tuple(
            msgspec.structs.replace(
                each, enforced=msgspec.structs.replace(each.enforced, outcome=Known.YES), entered_by=()
            )
            for each in proof.principals
        ),
    )


def excepted() -> Proof:
    """The example with the second finding let be by an exception."""
    proof = example()
    owner, reason, expires = "Dana Scully", "the build server is replaced", date(2027, 1, 31)
    first, second = proof.findings
    [claim] = proof.claims
    return msgspec.structs.replace(
        proof,
        findings=(
            first,
            msgspec.structs.replace(second, exception=Waiver(owner=owner, reason=reason, expires=expires)),
        ),
        claims=(
            msgspec.structs.replace(
                claim,
                findings=(first.id,),
                excepted=(Excepted(finding=second.id, owner=owner, reason=reason, expires=expires),),
            ),
        ),
    )


def undetermined() -> Proof:
    """The example with findings of which none could be decided."""
    proof = example()
    return msgspec.structs.replace(
        proof,
        outcome=Outcome.UNDETERMINED,
        findings=tuple(
            msgspec.structs.replace(
                each,
                outcome=Outcome.UNDETERMINED,
                witness=None,
                fix=None,
                reason="it hangs on `ec2:ResourceTag/team`, which AWS does not list for the action",
            )
            for each in proof.findings
        ),
        principals=tuple(
            msgspec.structs.replace(
                each, enforced=msgspec.structs.replace(each.enforced, outcome=Known.UNKNOWN)
            )
            if each.enforced.outcome is Known.NO
            else each
            for each in proof.principals
        ),
    )


def large(users: int, ways: int) -> Proof:
    """The example with many users, as many ways in as are wanted, and long names."""
    proof = example()
    by_name = {each.name: each for each in proof.principals}
    made = tuple(_user(by_name["alice" if at < ways else "bob"], at) for at in range(users))
    first = proof.findings[0]
    found = tuple(
        msgspec.structs.replace(first, id=f"f-{at:012x}", principal=made[at].arn, principals=(made[at].arn,))
        for at in range(ways)
    )
    [claim] = proof.claims
    return msgspec.structs.replace(
        proof,
        principals=(by_name["root"], *made, by_name["deploy"]),
        findings=found,
        claims=(msgspec.structs.replace(claim, findings=tuple(each.id for each in found)),),
    )


def _user(like: ProvedPrincipal, at: int) -> ProvedPrincipal:
    name = f"a.person.with.a.rather.long.name+{at}@subsidiary.example.com"
    return msgspec.structs.replace(like, name=name, arn=f"arn:aws:iam::111122223333:user/people/of/{name}")
