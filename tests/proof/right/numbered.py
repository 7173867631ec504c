"""Random small accounts by number, and what trying everything finds of each, as it is checked in.

A line of `direct.txt` is the number of an account and, for each credential in force and each action, whether
it is reached: a digit to the base of three, written as one hexadecimal number. A line of `chains.txt` is the
number and, for each user to start from, what surely is reached and what may be, as hexadecimal masks.
`write_answers.py` writes them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from proof.right.alphabet import CHAINS, DIRECT, Action
from proof.right.brute import Brute, Tried, Who
from proof.right.brute_closure import Attack, TooManyWorlds, who
from proof.right.random_accounts import account
from proof.right.small_accounts import SmallAccount, User
from reference.choices import Choices

TRUTHS: Final = ("not reached", "reached", "undetermined")
_FOLDER: Final = Path(__file__).parent
_BYTES: Final = 500
_EVERYTHING_BELOW: Final = 10
"""Above this number nobody starts who comes to everything: such starts are many, slow, and much the same."""

Starts = dict[str, tuple[set[str], set[str]]]
"""By user: what is surely reached, and what may be."""


def numbered(number: int, actions: dict[str, Action]) -> SmallAccount:
    """Return the account of a number."""
    source = random.Random(number)  # noqa: S311 (no secret)
    return account(Choices(source.randbytes(_BYTES)), actions, chains=actions is CHAINS)


def checked_in(name: str) -> dict[int, str]:
    """Return the lines of an answers file by number."""
    lines = (line.partition(" ") for line in (_FOLDER / name).read_text(encoding="ascii").splitlines())
    return {int(number): rest for number, _, rest in lines}


def credentials(made: SmallAccount) -> Iterator[Who]:
    """Give the credentials that are in force: what somebody has to ask with."""
    for user in made.users.values():
        yield from (who(user.arn, kind) for kind in _of_user(user))
    for role in made.roles.values():
        yield who(role.arn, "role-session")


def _of_user(user: User) -> Iterator[str]:
    """Give what a user has. The console asks for a code where there is a device.

    Source: IAM User Guide, id_credentials_mfa (a security key makes no session for the CLI).
    """
    if user.keys:
        yield "access-key"
        yield "session"
        if {"virtual", "hardware"} & set(user.devices):
            yield "session-mfa"
    if user.password:
        yield "console-mfa" if user.devices else "console"


# -- direct


def truth(tried: Tried | None) -> str:
    """Say what trying everything says; what hangs on something that AWS leaves open is not determined."""
    if tried is None:
        return "not reached"
    return "reached" if tried.sure else "undetermined"


def try_directly(number: int) -> str:
    """Return the line of an account: what each credential reaches, by trying everything."""
    made = numbered(number, DIRECT)
    brute, digits = Brute(made, DIRECT), []
    for each in credentials(made):
        tried = brute.reached(each)
        digits += [TRUTHS.index(truth(tried.get(action))) for action in DIRECT]
    return f"{_to_number(digits):x}"


def direct_answers(line: str, made: SmallAccount) -> dict[tuple[Who, str], str]:
    """Read a line: what is true of each credential and action."""
    asked = [(each, action) for each in credentials(made) for action in DIRECT]
    value, found = int(line, 16), {}
    for each in reversed(asked):
        value, digit = divmod(value, 3)
        found[each] = TRUTHS[digit]
    assert value == 0, "the line is of another account"
    return found


def _to_number(digits: Sequence[int]) -> int:
    value = 0
    for digit in digits:
        value = value * 3 + digit
    return value


# -- chains


def starts(made: SmallAccount) -> dict[str, list[str]]:
    """Return, by ARN, the credentials without MFA of the users who have any."""
    found = {user.arn: [each for each in _of_user(user) if "mfa" not in each] for user in made.users.values()}
    return {arn: kinds for arn, kinds in found.items() if kinds}


def try_chains(number: int) -> str:
    """Return the line of an account: what each start comes to, by making every call; `-`: not compared."""
    made = numbered(number, CHAINS)
    return " ".join(_from(made, arn, kinds, number) for arn, kinds in starts(made).items())


def _from(made: SmallAccount, arn: str, kinds: list[str], number: int) -> str:
    try:
        least, most = (
            Attack(arn, sure=True, for_itself=for_itself).reached(made, kinds) for for_itself in (False, True)
        )
    except TooManyWorlds:
        return "-"
    if len(least) == len(CHAINS) and number >= _EVERYTHING_BELOW:
        return "-"
    return f"{_mask(least):x}/{_mask(most):x}"


def chain_answers(line: str, made: SmallAccount) -> Starts:
    """Read a line: what each start that is compared comes to."""
    each = zip(starts(made), line.split(), strict=True)
    masks = {arn: text.split("/") for arn, text in each if text != "-"}
    return {arn: (_actions(least), _actions(most)) for arn, (least, most) in masks.items()}


def _mask(actions: set[str]) -> int:
    return sum(1 << at for at, action in enumerate(CHAINS) if action in actions)


def _actions(text: str) -> set[str]:
    return {action for at, action in enumerate(CHAINS) if int(text, 16) >> at & 1}
