"""The decisions of a sandbox, as a list that can be asked."""

from __future__ import annotations

from collections.abc import Iterable

from watchword.sandbox.log import LogRecord

_ALLOWED = "allowed"


class Decisions(list[LogRecord]):
    """Decisions, the oldest first. Each `LogRecord` says about whom, what, how, and why."""

    def of(self, action: str | None = None, *, principal: str | None = None) -> Decisions:
        """Return those on an action (`s3:GetObject`), of a principal (an ARN, or the name at its end)."""
        return Decisions(
            record
            for record in self
            if (action is None or record.action.lower() == action.lower())
            and (principal is None or _is_of(record.principal, principal))
        )

    def refused(self, action: str | None = None, *, principal: str | None = None) -> Decisions:
        """Return those that were refused, by a policy, by a rule or for lack of an Allow."""
        return self._where(self.of(action, principal=principal), allowed=False)

    def allowed(self, action: str | None = None, *, principal: str | None = None) -> Decisions:
        """Return those that were allowed."""
        return self._where(self.of(action, principal=principal), allowed=True)

    @staticmethod
    def _where(records: Iterable[LogRecord], *, allowed: bool) -> Decisions:
        return Decisions(record for record in records if (record.outcome == _ALLOWED) is allowed)


def _is_of(arn: str, principal: str) -> bool:
    return principal in (arn, arn.rpartition("/")[2])
