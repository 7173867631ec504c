"""The list of escalations on its page, as it follows from the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from watchword.proof.escalation import Effect, Rule, load_rules

PAGE: Final = Path(__file__).parents[3] / "docs" / "prove" / "escalations.md"
BEGIN: Final = "<!-- the list: written by tests/proof/closure/catalogue_page.py -->\n"
END: Final = "<!-- end of the list -->\n"

_SECTIONS: Final = {
    "Policies of users, groups and roles, and tags": (
        Effect.ATTACH_POLICY,
        Effect.PUT_POLICY,
        Effect.NEW_VERSION,
        Effect.NEW_VERSION_OF_FIVE,
        Effect.SET_VERSION,
        Effect.JOIN_GROUP,
        Effect.NEW_GROUP,
        Effect.TAG,
        Effect.UNTAG,
    ),
    "Taking one's own Deny or boundary off": (
        Effect.LEAVE_GROUP,
        Effect.DETACH_POLICY,
        Effect.DELETE_POLICY,
        Effect.REMOVE_BOUNDARY,
        Effect.REPLACE_BOUNDARY,
    ),
    "Credentials and devices of others, and new users and roles": (
        Effect.ACCESS_KEY,
        Effect.ACCESS_KEY_OF_TWO,
        Effect.PASSWORD,
        Effect.NEW_PASSWORD,
        Effect.SERVICE_CREDENTIAL,
        Effect.NEW_USER,
        Effect.NEW_USER_WITH_PASSWORD,
        Effect.NEW_ROLE,
        Effect.TRUST,
        Effect.DEVICE_FOR_OTHER,
        Effect.REMOVE_DEVICE,
    ),
    "Roles passed to services": (Effect.RUN_AS,),
    "Code with a role that is there already": (Effect.RUN_EXISTING,),
}


def listed() -> str:
    """Return the list in Markdown."""
    rules = load_rules()
    return "\n".join(_section(title, effects, rules) for title, effects in _SECTIONS.items())


def effects_listed() -> set[Effect]:
    """Return the effects that a section is for."""
    return {each for effects in _SECTIONS.values() for each in effects}


def _section(title: str, effects: tuple[Effect, ...], rules: tuple[Rule, ...]) -> str:
    rows = [_row(rule) for rule in rules if rule.effect in effects]
    return "\n".join(
        [f"### {title}", "", "| rule | takes | gives | not sure, as |", "|---|---|---|---|", *rows, ""]
    )


def _row(rule: Rule) -> str:
    takes = ", ".join(f"`{need.action}`" for need in rule.needs)
    trust = f"; the role trusts {' or '.join(f'`{each}`' for each in rule.services)}" if rule.services else ""
    links = " ".join(f"[{number}]({each.url})" for number, each in enumerate(rule.sources, 1))
    return f"| `{rule.id}` {links} | {takes}{trust} | {rule.gains} | {rule.undetermined or ''} |"


def written(page: str) -> str:
    """Return a page with the list as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{listed()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
