"""Where a chain of roles can begin, when it is not with a user's long-term key."""

from __future__ import annotations

from typing import Protocol

from watchword.aws.source_mfa import MfaKnowledge
from watchword.fastpath.session_file import Credentials


class OtherSource(Protocol):
    """Short-lived credentials that somebody else looks after; roles are assumed with them."""

    @property
    def name(self) -> str:
        """Return what it is called: a profile, or `environment`, `instance`, `container`."""

    @property
    def cache_name(self) -> str:
        """Return what makes two sources the same, such as account and role. Never secret."""

    @property
    def mfa(self) -> MfaKnowledge:
        """Return whether its requests carry MFA, as far as anybody knows."""

    @property
    def mfa_says(self) -> str:
        """Return a sentence on what is known of its MFA: lower case, no full stop."""

    def credentials(self) -> Credentials:
        """Return credentials that are live by this machine's clock.

        Where nobody says when they end, `expires_at` is `source_credentials.NOBODY_SAYS`.
        Raises `SignInElsewhere` when somebody must sign in first (the hint is the command to type),
        `UnusableSource`, `Refusal`, `Unreachable`, `UnusableSettings`.
        """
