"""All rules. To add one: its import, and its line in `RULES`, each in order of the alphabet."""

from __future__ import annotations

from typing import Final

from watchword.lint.rule import Rule
from watchword.lint.rules import (
    action_unknown,
    condition_value,
    mfa_age_limit,
    mfa_allow_if_exists,
    mfa_allow_without_mfa,
    mfa_deny_age,
    mfa_deny_bool,
    mfa_deny_misses,
    mfa_deny_null,
    mfa_key,
    mfa_operator,
    mfa_set_operator,
    mfa_value,
    resource_action,
    resource_unused,
    syntax,
    variable_unknown,
    variable_username_role,
    variable_version,
)

RULES: Final[tuple[Rule, ...]] = (
    action_unknown.RULE,
    condition_value.RULE,
    mfa_age_limit.RULE,
    mfa_allow_if_exists.RULE,
    mfa_allow_without_mfa.RULE,
    mfa_deny_age.RULE,
    mfa_deny_bool.RULE,
    mfa_deny_misses.RULE,
    mfa_deny_null.RULE,
    mfa_key.RULE,
    mfa_operator.RULE,
    mfa_set_operator.RULE,
    mfa_value.RULE,
    resource_action.RULE,
    resource_unused.RULE,
    syntax.RULE,
    variable_unknown.RULE,
    variable_username_role.RULE,
    variable_version.RULE,
)
