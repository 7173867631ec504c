"""The credential report: GenerateCredentialReport and GetCredentialReport.

Source: IAM User Guide, id_credentials_getting-report; the errors' texts, the lower-case booleans, the `Z`,
the order of the rows and the missing last line feed as observed on AWS, where the report has 22 columns: the
page's `additional_credentials_info` is for users with more keys than anybody can have here.
"""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from watchword.sandbox.kept import Kept, Store
from watchword.sandbox.wire.error import AwsError

TAKES: Final = timedelta(seconds=1)
"""How long a report is being made, by the sandbox's clock; on AWS it was one to two seconds."""

GOOD_FOR: Final = timedelta(hours=4)

COLUMNS: Final = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
    "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service",
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip

NOTHING: Final = "N/A"
UNUSED: Final = "no_information"
NOT_SUPPORTED: Final = "not_supported"

Row = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """A report and when it is ready: until then it is being made."""

    content: bytes
    ready_at: datetime


class CredentialReports:
    """The last report of each account. Thread-safe. `now` returns the sandbox's time."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._reports: Kept[str, _Report] = Kept()

    def store(self) -> Store:
        """Return the reports, to be kept."""
        return Store.of("credential-reports", _Report, self._reports)

    def generate(self, account: str, rows: Callable[[], Sequence[Row]]) -> dict[str, Any]:
        """Begin a report of `rows()`, unless one is being made or is not yet four hours old."""
        with self._lock:
            now, found = self._now(), self._reports.get(account)
            if found is not None and now < found.ready_at:
                return {"State": "INPROGRESS"}
            if found is not None and now - found.ready_at <= GOOD_FOR:
                return {"State": "COMPLETE"}
            self._reports[account] = _Report(content=_written(rows()), ready_at=now + TAKES)
            if found is None:
                return {
                    "State": "STARTED",
                    "Description": "No report exists. Starting a new report generation task",
                }
            return {"State": "STARTED"}  # what AWS says beside it, of an old report, is not known

    def get(self, account: str) -> dict[str, Any]:
        """Return the report.

        Raises AwsError: ReportNotPresent, ReportInProgress, ReportExpired.
        Source: API_GetCredentialReport; the text `Unknown` as observed for the first two.
        """
        with self._lock:
            now, found = self._now(), self._reports.get(account)
        if found is None:
            raise AwsError("ReportNotPresent", "Unknown", status=410)
        if now < found.ready_at:
            raise AwsError("ReportInProgress", "Unknown", status=404)
        if now - found.ready_at > GOOD_FOR:
            raise AwsError("ReportExpired", "Unknown", status=410)
        generated = found.ready_at.replace(microsecond=0)
        return {"Content": found.content, "ReportFormat": "text/csv", "GeneratedTime": generated}


def truth(value: bool) -> str:
    """Write a boolean as the report does."""
    return "true" if value else "false"


def moment(at: datetime | None) -> str:
    """Write a time as the report does; `N/A` for none. A naive one is in UTC, as moto's are."""
    if at is None:
        return NOTHING
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _written(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue().removesuffix("\n").encode()
