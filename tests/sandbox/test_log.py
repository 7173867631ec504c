"""The decision log: who, with which MFA state, what, and because of which statement."""

from __future__ import annotations

import json

import pytest

from local_aws import LocalAws
from no_room import files_no_longer_than
from refusal import refusal
from watchword.report.sandbox import decision_as_text
from watchword.report.style import Style

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Regions",
                "Effect": "Allow",
                "Action": "ec2:DescribeRegions",
                "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }
)


def test_each_decision_is_written_with_the_statement_that_made_it(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", POLICY)
    serial = sandbox.device("alice")
    refusal(sandbox.client("ec2", key).describe_regions)
    session = sandbox.session(key, serial)
    sandbox.client("ec2", session).describe_regions()
    refused, issued, allowed = sandbox.log[-3:]
    arn = f"arn:aws:iam::{sandbox.account}:user/alice"
    assert {record.principal for record in (refused, issued, allowed)} == {arn}
    assert (refused.credential, refused.mfa, refused.outcome) == ("access-key", "absent", "implicitDeny")
    assert (issued.action, issued.layer) == ("sts:GetSessionToken", "service")
    assert (allowed.credential, allowed.mfa, allowed.outcome) == ("session-mfa", "true", "allowed")
    assert "user/alice/inline" in (allowed.statement or "")
    assert "Regions" in (allowed.statement or "")
    lines = [json.loads(line) for line in sandbox.folder.decisions.read_text().splitlines()]
    assert lines[-1] == allowed.as_json()
    assert {line["schema"] for line in lines} == {"watchword/sandbox-log/v1"}


def test_an_implicit_denial_says_which_condition_failed(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", json.dumps(json.loads(POLICY), indent=2))
    refusal(sandbox.client("ec2", key).describe_regions)
    record = sandbox.log[-1]
    assert record.statement is None
    assert (record.reason or "").endswith(
        'user/alice/inline:4:5 would allow it, but aws:MultiFactorAuthPresent is absent (Bool "true")'
    )
    assert record.as_json()["reason"] == record.reason
    assert str(record.reason) in decision_as_text(record.as_json(), Style(color=False))
    without_code = sandbox.session(key)
    refusal(sandbox.client("ec2", without_code).describe_regions)
    assert 'aws:MultiFactorAuthPresent is false (Bool "true")' in (sandbox.log[-1].reason or "")


def test_what_no_statement_speaks_of_has_no_reason(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", POLICY)
    refusal(sandbox.client("ec2", key).describe_instances)
    assert (sandbox.log[-1].outcome, sandbox.log[-1].reason) == ("implicitDeny", None)
    text = decision_as_text(sandbox.log[-1].as_json(), Style(color=False))
    assert text.endswith("no statement allows it (identity policies)")


def test_a_trust_policy_that_failed_on_mfa_says_so_and_shows_no_other_value(sandbox: LocalAws) -> None:
    key = sandbox.user("alice")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{sandbox.account}:user/alice"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
                "StringEquals": {"sts:ExternalId": "wanted-id"},
            },
        },
    }
    role = sandbox.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    asked = {"RoleArn": role["Arn"], "RoleSessionName": "alice"}
    refusal(sandbox.client("sts", key).assume_role, **asked, ExternalId="given-id")
    record = sandbox.log[-1]
    assert record.layer == "trust"
    assert f"{role['Arn']} (trust):1:" in (record.reason or "")
    assert (record.reason or "").endswith(
        'would allow it, but aws:MultiFactorAuthAge is absent (NumericLessThan "3600")'
        " and sts:ExternalId does not meet StringEquals"
    )
    refusal(sandbox.client("sts", key).assume_role, **asked)
    assert "sts:ExternalId is absent (StringEquals)" in (sandbox.log[-1].reason or "")
    written = sandbox.folder.decisions.read_text(encoding="utf-8")
    assert "given-id" not in written
    assert "wanted-id" not in written


def test_three_statements_are_named_at_most(sandbox: LocalAws) -> None:
    policy = json.loads(POLICY)
    policy["Statement"] = [{**policy["Statement"][0], "Sid": f"S{number}"} for number in range(5)]
    key = sandbox.user("alice", json.dumps(policy))
    refusal(sandbox.client("ec2", key).describe_regions)
    assert (sandbox.log[-1].reason or "").count("would allow it, but") == 3


def test_a_wrong_code_is_in_the_log_and_no_code_is(
    sandbox: LocalAws, capfd: pytest.CaptureFixture[str]
) -> None:
    key = sandbox.user("alice", POLICY)
    serial = sandbox.device("alice")
    code = sandbox.fresh_code(serial)
    sts = sandbox.client("sts", key)
    answer = sts.get_session_token(SerialNumber=serial, TokenCode=code)
    refusal(sts.get_session_token, SerialNumber=serial, TokenCode=code)
    assert sandbox.log[-1].outcome == "refused"
    assert "invalid MFA one time pass code" in (sandbox.log[-1].reason or "")
    written = sandbox.folder.decisions.read_text() + "".join(capfd.readouterr())
    credentials = answer["Credentials"]
    for secret in (credentials["SecretAccessKey"], credentials["SessionToken"], key.secret_access_key):
        assert secret not in written
    assert f'"{code}"' not in written


def test_what_the_sandbox_refuses_is_in_the_log(sandbox: LocalAws) -> None:
    refusal(sandbox.client("stepfunctions").list_state_machines)
    assert (sandbox.log[-1].action, sandbox.log[-1].outcome) == ("states:ListStateMachines", "refused")
    assert "not authorised yet" in (sandbox.log[-1].reason or "")


def test_a_decision_that_hangs_on_an_unknown_key_names_it(sandbox: LocalAws) -> None:
    policy = json.loads(POLICY)
    policy["Statement"][0]["Condition"] = {"StringEquals": {"aws:SomethingNew": "1"}}
    key = sandbox.user("alice", json.dumps(policy))
    code, _, text = refusal(sandbox.client("ec2", key).describe_regions)
    assert code == "SandboxUnsupported"
    assert "aws:somethingnew" in text.lower()
    assert sandbox.log[-1].outcome == "undetermined"


def test_a_code_that_is_none_is_not_written(sandbox: LocalAws) -> None:
    key = sandbox.user("alice")
    asked = {"SerialNumber": sandbox.device("alice"), "TokenCode": "98765x"}
    assert "98765x" in refusal(sandbox.client("sts", key).get_session_token, **asked)[2]  # as on AWS
    assert sandbox.log[-1].reason == "ValidationError"
    assert "98765x" not in sandbox.folder.decisions.read_text(encoding="utf-8")


def test_where_the_log_has_no_room_nothing_is_done(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    iam.create_user(UserName="before")
    before = sandbox.folder.decisions.read_bytes()
    with files_no_longer_than(len(before) + 20):
        code, status, text = refusal(lambda: iam.create_user(UserName="alice"))
    assert (code, status) == ("SandboxUnsupported", 507)
    assert "the log of decisions cannot be written" in text
    assert sandbox.folder.decisions.read_bytes() == before
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["before"]
    lines = [json.loads(line) for line in sandbox.folder.decisions.read_text().splitlines()]
    assert [line["number"] for line in lines] == [1, 2]
