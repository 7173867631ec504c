"""Texts of a policy: wildcards, variables, and the matching of both, one sign after the other.

A pattern is a list of tokens:
    ("is", sign)     that sign, as the policy writes it
    ("value", sign)  that sign, filled in by a variable: never a wildcard
    ("any", "")      `*`
    ("any in part", "")  `*` that may not cross a colon
    ("one", "")      `?`
"""

import re
from functools import lru_cache
from typing import TypeAlias

Token: TypeAlias = tuple[str, str]
Pattern: TypeAlias = list[Token]
Context: TypeAlias = dict[str, str | list[str]]

_KEPT = 20_000
"""How many answers are kept: the same few texts are compared again and again."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_WITH_DEFAULT = re.compile(r"^([^,]*?)\s*,\s*'(.*)'$")


def signs(text: str) -> list[str]:
    """Split a text into UTF-16 units: `?` stands for one of them (observed)."""
    data = text.encode("utf-16-be", "surrogatepass")
    return [data[index : index + 2].hex() for index in range(0, len(data), 2)]


COLON, STAR, QUESTION = signs(":*?")


def written(text: str) -> Pattern:
    """Read a text of the policy that has no variables."""
    tokens: Pattern = []
    for sign in signs(text):
        if sign == STAR:
            tokens.append(("any", ""))
        elif sign == QUESTION:
            tokens.append(("one", ""))
        else:
            tokens.append(("is", sign))
    return tokens


def filled_in(text: str, context: Context) -> Pattern | None:
    """Read a text of the policy with its variables; None when one of them has no value.

    `${*}`, `${?}` and `${$}` are the signs themselves; `${key, 'default'}` has a default.
    A key with several values cannot be a variable, and its default does not stand in.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    tokens: Pattern = []
    end = 0
    for variable in _VARIABLE.finditer(text):
        tokens += written(text[end : variable.start()])
        value = variable_value(variable.group(1), context)
        if value is None:
            return None
        tokens += [("value", sign) for sign in signs(value)]
        end = variable.end()
    return tokens + written(text[end:])


def variable_value(inside: str, context: Context) -> str | None:
    """Give what the text between `${` and `}` stands for; None when it has no value."""
    if inside in {"*", "?", "$"}:
        return inside
    with_default = _WITH_DEFAULT.match(inside)
    key, default = with_default.groups() if with_default else (inside, None)
    value = context.get(key.lower())
    if isinstance(value, list):
        return None
    return default if value is None else value


def variables(text: str) -> list[str]:
    """List the keys that the text uses as variables."""
    inside = [variable.group(1) for variable in _VARIABLE.finditer(text)]
    return [text.split(",")[0].strip().lower() for text in inside if text not in {"*", "?", "$"}]


def matches(pattern: Pattern, text: list[str]) -> bool:
    """Say whether the pattern covers the whole text."""
    if not pattern:
        return not text
    (kind, sign), rest = pattern[0], pattern[1:]
    if kind in {"any", "any in part"}:
        if matches(rest, text):
            return True
        if not text or (kind == "any in part" and text[0] == COLON):
            return False
        return matches(pattern, text[1:])
    if not text or (kind != "one" and sign != text[0]):
        return False
    return matches(rest, text[1:])


def resource_pattern(pattern: Pattern) -> Pattern:
    """Hold back the stars that may not cross a colon.

    Observed: a `*` at the end of an ARN part may cross colons, another one in the first five parts may not.
    """
    held: Pattern = []
    colons = 0
    for index, token in enumerate(pattern):
        ends_part = index + 1 == len(pattern) or pattern[index + 1] == ("is", COLON)
        if token == ("is", COLON):
            colons += 1
        held.append(("any in part", "") if token[0] == "any" and colons < 5 and not ends_part else token)
    return held


def arn_parts(pattern: Pattern) -> list[Pattern] | None:
    """Split a pattern at the colons that the policy writes into six parts; None: it is no ARN."""
    parts: list[Pattern] = [[]]
    for token in pattern:
        if token == ("is", COLON) and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if len(parts) == 6 and parts[0] == written("arn") else None


def matches_resource(text: str, resource: str, context: Context, *, has_variables: bool) -> bool | None:
    """Say whether one Resource covers the request's; None when a variable has no value."""
    if not has_variables or "${" not in text:
        return _matches_plainly(text, resource)
    used = ((name, context[name]) for name in variables(text) if name in context)
    return _matches_filled_in(
        text, resource, tuple((name, tuple(it) if isinstance(it, list) else it) for name, it in used)
    )


@lru_cache(maxsize=_KEPT)
def _matches_plainly(text: str, resource: str) -> bool:
    return matches(resource_pattern(written(text)), signs(resource))


@lru_cache(maxsize=_KEPT)
def _matches_filled_in(
    text: str, resource: str, used: tuple[tuple[str, str | tuple[str, ...]], ...]
) -> bool | None:
    pattern = filled_in(text, {name: list(it) if isinstance(it, tuple) else it for name, it in used})
    return None if pattern is None else matches(resource_pattern(pattern), signs(resource))


@lru_cache(maxsize=_KEPT)
def matches_action(text: str, action: str) -> bool:
    """Compare actions. Names of services and actions ignore case.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    return matches(written(text.lower()), signs(action.lower()))
