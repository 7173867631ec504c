"""Operations that are in no table: refused by name, or let through undecided where that was asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from local_aws import Key, LocalAws
from refusal import refusal
from watchword.cli.sandbox import sandbox as command
from watchword.report.sandbox import decision_as_text
from watchword.report.style import Style
from watchword.sandbox import process
from watchword.sandbox.folder import Folder


@pytest.fixture
def lenient(sandbox: LocalAws) -> LocalAws:
    """A sandbox that was started with `--unlisted allow`."""
    sandbox.inner._unlisted_allowed = True
    sandbox.inner.reset()
    return sandbox


def denied_everything(aws: LocalAws) -> Key:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    return aws.user("bob", json.dumps({"Version": "2012-10-17", "Statement": [deny]}))


def test_it_is_refused_by_name_and_the_way_out_is_said(sandbox: LocalAws) -> None:
    code, _, text = refusal(sandbox.client("glue").create_database, DatabaseInput={"Name": "d"})
    assert code == "SandboxUnsupported"
    assert text == (
        "watchword sandbox: glue:CreateDatabase cannot be authorised exactly: its resource cannot be told "
        "yet. `watchword sandbox up --unlisted allow`, in pytest the setting `watchword_unlisted = allow`, "
        "lets such operations through, undecided"
    )


def test_it_runs_for_anybody_and_the_log_does_not_call_it_allowed(lenient: LocalAws) -> None:
    bob = denied_everything(lenient)
    lenient.client("glue", bob).create_database(DatabaseInput={"Name": "d"})
    last = lenient.log[-1]
    assert (last.action, last.outcome, last.layer, last.statement) == (
        "glue:CreateDatabase",
        "unlisted",
        None,
        None,
    )
    text = decision_as_text(last.as_json(), Style(color=False))
    assert "unlisted" in text
    assert "no policy was asked: the operation is in no table" in text


def test_what_is_in_a_table_is_decided_all_the_same(lenient: LocalAws) -> None:
    bob = denied_everything(lenient)
    assert refusal(lenient.client("ec2", bob).describe_vpcs)[0] == "UnauthorizedOperation"


@pytest.mark.parametrize(
    ("service", "call", "params"),
    [
        (
            "ec2",
            "run_instances",
            {"MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateName": "t"}},
        ),
        ("ec2", "delete_vpc", {"VpcId": "*"}),
        ("stepfunctions", "list_state_machines", {}),
        ("batch", "describe_jobs", {"jobs": []}),
    ],
)
def test_what_is_not_told_of_a_listed_call_and_what_is_unsafe_stay_refused(
    lenient: LocalAws, service: str, call: str, params: dict[str, Any]
) -> None:
    client = lenient.client(service)
    assert refusal(getattr(client, call), **params)[0] == "SandboxUnsupported"


def test_a_signature_is_checked_before_anything_runs(lenient: LocalAws) -> None:
    wrong = Key(access_key_id=lenient.access_key_id, secret_access_key="wrong")
    assert refusal(lenient.client("glue", wrong).create_database, DatabaseInput={"Name": "d"})[1] in (
        400,
        403,
    )


def test_the_option_reaches_the_process(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert "--unlisted-allowed" in process.Options(folder=folder, unlisted_allowed=True).arguments()
    assert "--unlisted-allowed" not in process.Options(folder=folder).arguments()
    help_text = CliRunner().invoke(command, ["up", "--help"]).output
    assert "--unlisted [refuse|allow]" in help_text
