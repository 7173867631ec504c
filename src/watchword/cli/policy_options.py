"""What `policy explain` and `policy table` share: policies of every layer, what is known, assumptions."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import click

from watchword.cli.policy_files import Given
from watchword.errors import UsageError
from watchword.iam import (
    DEFAULT_ASSUMPTIONS,
    UNKNOWN,
    Assumptions,
    ContextValue,
)
from watchword.iam.asking import Known
from watchword.iam.credential import assumption_settings
from watchword.local.documents import STANDARD_INPUT

Command = TypeVar("Command", bound=Callable[..., Any])

SEE: Final = "docs/policy/index.md"
_GROUP: Final = "\0"
"""Joins the files of one level: no argument of a command can hold it."""


class TakesSeveral(click.Command):
    """A command whose repeatable options take several values at once: `--policy a.json b.json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write the option before each of its values, as click wants it; the files of a level stay one."""
        try:
            return super().parse_args(ctx, list(self._spread(args)))
        except click.UsageError as error:
            if extra := re.match(r"Got unexpected extra arguments? \(([^\s)]+)", error.message):
                raise _no_option(extra[1]) from None
            error.ctx = error.ctx or ctx  # so that the hint names this command's own --help
            raise

    def _spread(self, args: Sequence[str]) -> Iterator[str]:
        several = {
            name
            for option in self.params
            if isinstance(option, click.Option) and option.multiple
            for name in option.opts
        }
        rest = list(args)
        while rest:
            arg = rest.pop(0)
            name, equals, value = arg.partition("=")
            if name not in several:
                yield arg
                continue
            values = [value] if equals else []
            while rest and (not rest[0].startswith("-") or rest[0] == STANDARD_INPUT):
                values.append(rest.pop(0))
            if name in {"--scp", "--rcp"} and values:
                values = [_GROUP.join(values)]
            yield from (part for each in values for part in (name, each))
            if not values:
                yield name


def _no_option(text: str) -> UsageError:
    """The other commands take their files bare, so that people write them so here, too."""
    hint = f"a policy is given with an option that says which it is: `--policy {text}`"
    return UsageError(f"`{text}` stands without an option", hint=hint, see=SEE)


_FILE: Final = "FILE"
_FILES: Final = "FILE…"
_POLICY_OPTIONS: Final = (
    click.option("--policy", "policy", multiple=True, metavar=_FILES, help="Identity policies."),
    click.option("--boundary", metavar=_FILE, help="The permissions boundary."),
    click.option("--session-policy", multiple=True, metavar=_FILES, help="Policies passed to the session."),
    click.option(
        "--scp",
        multiple=True,
        metavar=_FILES,
        help="Service control policies of one level; again for the next level, the root first.",
    ),
    click.option(
        "--rcp", multiple=True, metavar=_FILES, help="Resource control policies, level by level as --scp."
    ),
    click.option("--resource-policy", metavar=_FILE, help="The policy of the bucket, queue, topic, secret…"),
    click.option("--trust-policy", metavar=_FILE, help="The trust policy of the role that is assumed."),
    click.option("--key-policy", metavar=_FILE, help="The policy of the KMS key."),
    click.option(
        "--endpoint-policy", multiple=True, metavar=_FILES, help="Policies of the VPC endpoints it passes."
    ),
)


def policy_options(command: Command) -> Command:
    """Add an option for the policies of each layer; the command gets them as `given`, a `Given`."""

    @functools.wraps(command)
    def run(**values: Any) -> Any:  # noqa: ANN401 whatever the command returns
        given = Given(
            identity=values.pop("policy"),
            boundary=values.pop("boundary"),
            session=values.pop("session_policy"),
            service_control=tuple(tuple(each.split(_GROUP)) for each in values.pop("scp")),
            resource_control=tuple(tuple(each.split(_GROUP)) for each in values.pop("rcp")),
            resource=values.pop("resource_policy"),
            trust=values.pop("trust_policy"),
            key=values.pop("key_policy"),
            endpoint=values.pop("endpoint_policy"),
        )
        return command(given=given, **values)

    for option in reversed(_POLICY_OPTIONS):
        option(run)
    return run  # type: ignore[return-value]


def known_options(command: Command) -> Command:
    """Add `--context`, `--absent` and `--unknown`; the command gets them as `known`, a `Known`."""

    @functools.wraps(command)
    def run(**values: Any) -> Any:  # noqa: ANN401 whatever the command returns
        known = _known(values.pop("context"), values.pop("absent"), values.pop("unknown"))
        return command(known=known, **values)

    for option in reversed(_KNOWN_OPTIONS):
        option(run)
    return run  # type: ignore[return-value]


_KNOWN_OPTIONS: Final = (
    click.option(
        "--context", multiple=True, metavar="KEY=VALUE…", help="A condition key; again for several values."
    ),
    click.option("--absent", multiple=True, metavar="KEY…", help="Condition keys that are not sent."),
    click.option("--unknown", multiple=True, metavar="KEY…", help="Condition keys that nobody knows."),
)


def account_option(command: Command) -> Command:
    """Add `--resource-account N` as `resource_account`."""
    return click.option(
        "--resource-account",
        metavar="N",
        callback=lambda _context, _parameter, value: _account(value),
        help="Whose the resource is, when its ARN does not say.",
    )(command)


def check_resource(text: str) -> str:
    """Return the text when it may be a resource: an ARN, or `*`; raise `UsageError` otherwise."""
    if text != "*" and not re.fullmatch(r"arn(:[^:]*){4}:.+", text, re.DOTALL):
        hint = "write the ARN, or `*` for a call that has no resource"
        raise UsageError(f"`{text}` is no resource", hint=hint, see=SEE)
    return text


def _account(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[0-9]{12}", text):
        raise UsageError(f"`{text}` is no account", hint="an account has twelve digits", see=SEE)
    return text


def assume_option(command: Command) -> Command:
    """Add `--assume NAME=STATE` as `assumptions`."""
    return click.option(
        "--assume",
        "assumptions",
        multiple=True,
        metavar="NAME=STATE…",
        callback=lambda _context, _parameter, values: read_assumptions(values),
        help="Where AWS is contested: what is taken to be true (names: docs/rooms/iam.md).",
    )(command)


def _known(context: Sequence[str], absent: Sequence[str], unknown: Sequence[str]) -> Known:
    values: dict[str, list[str]] = {}
    spelling: dict[str, str] = {}
    for text in context:
        key, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"`{text}` has no value", hint="`--context KEY=VALUE`", see=SEE)
        name = _key(key)
        values.setdefault(spelling.setdefault(name.lower(), name), []).append(value)
    found: dict[str, ContextValue] = {
        key: each[0] if len(each) == 1 else tuple(each) for key, each in values.items()
    }
    for key in map(_key, unknown):
        _only_once(key, found, spelling)
        found[key] = UNKNOWN
    for key in map(_key, absent):
        _only_once(key, found, {each.lower(): each for each in found})
    return Known(context=found, absent=frozenset(absent))


def _key(text: str) -> str:
    if not re.fullmatch(r"[^\s:=]+:[^=]+", text):
        hint = f"did you mean `aws:{text}`?" if re.fullmatch(r"\w+", text) else "as in `aws:SourceIp`"
        raise UsageError(f"`{text}` is no condition key", hint=hint, see=SEE)
    return text


def _only_once(key: str, found: dict[str, ContextValue], spelling: dict[str, str]) -> None:
    if spelling.get(key.lower()) in found:
        raise UsageError(
            f"`{key}` is given in two ways", hint="a key has a value, or is absent, or is unknown", see=SEE
        )


def read_assumptions(values: Iterable[str]) -> Assumptions:
    """Return the assumptions with those changed that `NAME=STATE` names; raise `UsageError` otherwise."""
    settings = assumption_settings()
    changes: dict[str, object] = {}
    for text in values:
        name, _, word = text.partition("=")
        name = name.replace("-", "_")
        if name not in settings:
            raise UsageError(
                f"there is no assumption `{name}`",
                hint=f"they are {', '.join(f'`{each}`' for each in settings)}",
                see="docs/rooms/iam.md",
            )
        if word not in settings[name]:
            expected = ", ".join(f"`{each}`" for each in settings[name])
            raise UsageError(
                f"`{name}` cannot be `{word}`", hint=f"expected one of {expected}", see="docs/rooms/iam.md"
            )
        changes[name] = settings[name][word]
    return dataclasses.replace(DEFAULT_ASSUMPTIONS, **changes)  # type: ignore[arg-type]
