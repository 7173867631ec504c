"""A new console password: old and new asked unseen, and changed by whoever signs."""

from __future__ import annotations

import enum

from watchword.aws import Refusal, Unreachable
from watchword.aws.password import PasswordRules, change_password, unfit
from watchword.device.acting import Acting
from watchword.device.errors import PasswordInDoubt, PasswordsRefused
from watchword.device.refusal import explained
from watchword.local.terminal import Terminal

SEE = "docs/devices/first-sign-in.md"
_TRIES = 3
_SYMBOLS = "one of !@#$%^&*()_+-=[]{}|'"
# AWS's own way to say that policies are in the way. Source: troubleshoot_access-denied.
_BY_POLICY = "is not authorized to perform"


class _Answer(enum.Enum):
    CHANGED = enum.auto()
    NO_PASSWORD = enum.auto()
    OLD_REFUSED = enum.auto()
    NEW_REFUSED = enum.auto()


def set_new_password(terminal: Terminal, acting: Acting, rules: PasswordRules | None) -> bool:
    """Ask for the present password and a new one, and change it; false when the user has none to change.

    `rules` are said before the new one is asked for; None: they may not be read. AWS decides whether a new
    one is good, and what it says is shown. Raises `PasswordsRefused` after three refusals, `PasswordInDoubt`
    when AWS's answer is lost, `NoTerminal`, `AwsRefused`, `Unreachable`; `KeyboardInterrupt` on Ctrl-C, after
    it was said what the password is then.
    """
    old: str | None = None
    new: str | None = None
    for _ in range(_TRIES):
        try:
            old = old or _asked(terminal, "present password: ")
            if new is None:
                terminal.say(rules_as_text(rules))
                new = _asked_twice(terminal, old)
        except KeyboardInterrupt:
            # What is typed unseen ends no line.
            terminal.say("\nthe password stays as it was; run this again to go on")
            raise
        match _sent(terminal, acting, old, new):
            case _Answer.CHANGED:
                return True
            case _Answer.NO_PASSWORD:
                return False
            case _Answer.OLD_REFUSED:
                old = None
            case _Answer.NEW_REFUSED:
                new = None
    raise PasswordsRefused(
        f"AWS refused {_TRIES} times, and the password stays as it was",
        hint="an administrator can give you another first password; then run this again",
        see=SEE,
    )


def rules_as_text(rules: PasswordRules | None) -> str:
    """Return what a new password must be like, as a line to read before it is typed."""
    if rules is None:
        return "the account's rules for passwords may not be read: AWS says when the new one does not fit"
    kinds = [
        name
        for wanted, name in (
            (rules.uppercase, "an uppercase letter"),
            (rules.lowercase, "a lowercase letter"),
            (rules.numbers, "a digit"),
            (rules.symbols, _SYMBOLS),
        )
        if wanted
    ]
    wanted = [f"at least {rules.length} characters", *kinds]
    if rules.classes_needed:
        four = f"an uppercase letter, a lowercase letter, a digit, {_SYMBOLS}"
        wanted.append(f"{rules.classes_needed} of these: {four}")
    if rules.barred:
        last = "not your last one" if rules.barred == 1 else f"none of your last {rules.barred}"
        wanted.append(last)
    return f"a new password needs {', '.join(wanted)}"


def _asked(terminal: Terminal, prompt: str) -> str:
    """Ask until it is something that could be a password."""
    while (why := unfit(typed := terminal.ask(prompt, hidden=True))) is not None:
        terminal.say(why)
    return typed


def _asked_twice(terminal: Terminal, old: str) -> str:
    while True:
        new = _asked(terminal, "new password: ")
        if new == old:
            terminal.say("that is the present one")
        elif terminal.ask("new password again: ", hidden=True) == new:
            return new
        else:
            terminal.say("the two differ: type the new one again, twice")


def _sent(terminal: Terminal, acting: Acting, old: str, new: str) -> _Answer:
    try:
        change_password(acting.signed, old=old, new=new)
    except Refusal as refusal:
        return _refused(terminal, acting, refusal)
    except Unreachable as error:
        if not error.request_left:
            raise
        raise PasswordInDoubt(
            f"no answer came: whether the password was changed is not known ({error.message})",
            hint="sign in to the console with the new one; where that fails, the old one is good still:"
            " run this again",
            see=SEE,
        ) from None
    except KeyboardInterrupt:
        terminal.say("\nAWS was just being asked: try the new password first, then the old one")
        raise
    return _Answer.CHANGED


def _refused(terminal: Terminal, acting: Acting, refusal: Refusal) -> _Answer:
    match refusal.code:
        case "PasswordPolicyViolation":
            terminal.say(f"refused by AWS: {refusal.aws_message.strip()}")
            return _Answer.NEW_REFUSED
        case "NoSuchEntity":
            return _Answer.NO_PASSWORD
        case "AccessDenied" if _BY_POLICY not in refusal.aws_message:
            # What AWS answers to a wrong old password is documented nowhere: so its words are shown.
            terminal.say(f"refused by AWS: {refusal.aws_message.strip()}")
            return _Answer.OLD_REFUSED
        case "AccessDenied":
            raise explained(refusal, acting, resource=acting.identity.arn) from None
        case "EntityTemporarilyUnmodifiable":
            raise refusal.explained(
                "AWS cannot change this user just now: run this again in some minutes", see=SEE
            ) from None
        case _:
            raise refusal
