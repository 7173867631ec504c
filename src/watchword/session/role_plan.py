"""How a role is assumed: from the user's session, an hour at most, or with a code of its own for longer."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.aws import AwsProfile, Chain
from watchword.session.duration import (
    LONGEST_FOR_ROLE_SECONDS,
    LONGEST_WHEN_CHAINED_SECONDS,
    spelled,
)
from watchword.session.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`seconds` is how long the session of the last role shall live.

    `with_code`: straight from the key, with a code. `why` is what the user should know of it, or None.
    """

    with_code: bool
    seconds: int
    why: str | None = None


def plan(chain: Chain, wish: Wish) -> Plan:
    """Return how the last role of the chain is assumed.

    Source: AssumeRole, AWS STS API Reference, `DurationSeconds`; that a session of GetSessionToken is held to
    the hour of role chaining too was observed.
    """
    asked = wish.duration_seconds or chain.hops[-1].duration_seconds
    if asked is None or asked <= LONGEST_WHEN_CHAINED_SECONDS:
        return Plan(with_code=False, seconds=asked or LONGEST_WHEN_CHAINED_SECONDS)
    if not isinstance(chain.source, AwsProfile):
        return _chained(f"it is assumed from another session (`{chain.source.name}`)")
    if len(chain.hops) > 1:
        return _chained(f"it is assumed from another role (`{chain.hops[-2].role_name}`)")
    why = f"more than an hour ({spelled(asked)}) is only to be had with a code for the role itself"
    if asked > LONGEST_FOR_ROLE_SECONDS:
        why = f"{why}; no role allows more than {spelled(LONGEST_FOR_ROLE_SECONDS)}"
    return Plan(with_code=True, seconds=min(asked, LONGEST_FOR_ROLE_SECONDS), why=why)


def _chained(because: str) -> Plan:
    return Plan(
        with_code=False,
        seconds=LONGEST_WHEN_CHAINED_SECONDS,
        why=f"the role's session lives one hour: {because}, and AWS gives no more then;"
        " it is renewed without being asked for",
    )
