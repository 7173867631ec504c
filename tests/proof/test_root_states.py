"""Which credentials root has: the summary is of now, the credential report may be hours old."""

from __future__ import annotations

import pytest

from watchword.account.model import Account
from watchword.account.snapshot import Snapshot
from watchword.iam import DEFAULT_ASSUMPTIONS
from watchword.proof.states import Exists, states_of


def exists(summary: dict[str, int] | None, report: dict[str, str] | None) -> dict[str, Exists]:
    rows = None if report is None else ({"user": "<root_account>", **report},)
    account = Account.of(
        Snapshot(
            account_id="123456789012",
            source="read",
            users=(),
            groups=(),
            roles=(),
            policies=(),
            account_summary=summary,
            credential_report=rows,
        )
    )
    states = states_of(account, account.principals[0], DEFAULT_ASSUMPTIONS)
    return {str(each.credential): each.exists for each in states}


@pytest.mark.parametrize(
    ("summary", "report", "expected"),
    [
        ({"AccountAccessKeysPresent": 0}, {"access_key_1_active": "true"}, Exists.NO),
        ({"AccountAccessKeysPresent": 1}, {"access_key_1_active": "true"}, Exists.YES),
        ({"AccountAccessKeysPresent": 1}, None, Exists.YES),
        # There is one, and the report does not call it active: it may have been made or made active since.
        (
            {"AccountAccessKeysPresent": 1},
            {"access_key_1_active": "false", "access_key_2_active": "false"},
            Exists.UNKNOWN,
        ),
        (None, {"access_key_1_active": "false", "access_key_2_active": "true"}, Exists.YES),
        (None, None, Exists.UNKNOWN),
    ],
)
def test_a_deleted_root_key_is_gone_although_the_report_still_has_it(
    summary: dict[str, int] | None, report: dict[str, str] | None, expected: Exists
) -> None:
    assert exists(summary, report)["root-key"] is expected


def test_a_device_that_root_has_now_counts_although_the_report_is_older() -> None:
    report = {"mfa_active": "false", "password_enabled": "true"}
    found = exists({"AccountMFAEnabled": 1, "AccountPasswordPresent": 1}, report)
    assert (found["console"], found["console-mfa"]) == (Exists.NO, Exists.YES)
