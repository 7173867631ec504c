"""No witness is shown that the engine does not allow."""

from __future__ import annotations

from dataclasses import replace

import botocore.session
import pytest
from botocore import xform_name

from proof.claims.written_accounts import ARN, allow, proof_of, snapshot, universe, user
from watchword.account.accounts import Accounts
from watchword.iam import Decision, MfaState, PolicySet, Request, evaluate, principal_from_arn
from watchword.proof import witness as witness_module
from watchword.proof.chain import Chain
from watchword.proof.closure import Closure
from watchword.proof.commands import command_for
from watchword.proof.errors import WitnessRefused
from watchword.proof.escalation import load_rules
from watchword.proof.places import Places
from watchword.proof.reach import Reacher
from watchword.proof.witness import Witnesses


def chain_of_alice(accounts: Accounts) -> Chain:
    reacher = Reacher(accounts, universe())
    arn = f"{ARN}user/alice"
    state = next(each for each in reacher.states(arn) if each.mfa is MfaState.ABSENT)
    return Closure(reacher, load_rules()).of(arn, (state,)).chain("s3:GetObject")


def test_a_step_that_is_not_allowed_raises_instead_of_being_shown() -> None:
    accounts = Accounts.of([snapshot([user("alice", allow("s3:GetObject", "arn:aws:s3:::reports/*"))])])
    chain = chain_of_alice(accounts)
    witnesses = Witnesses(places=Places(accounts=accounts))
    ident = witnesses.add(f"{ARN}user/alice", MfaState.ABSENT, "s3:GetObject", chain)
    assert witnesses.written()[ident].steps[-1].decision == "allowed"
    (step,) = chain.steps
    wrong = replace(step, request=replace(step.request, resource="arn:aws:s3:::secrets/x"))
    with pytest.raises(WitnessRefused, match="a proof contradicts itself"):
        witnesses.add(f"{ARN}user/alice", MfaState.ABSENT, "s3:GetObject", Chain(steps=(wrong,)))


def test_a_proof_asks_the_engine_of_every_step_that_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def listening(request: Request, policies: PolicySet) -> Decision:
        asked.append(request)
        return evaluate(request, policies)

    monkeypatch.setattr(witness_module, "evaluate", listening)
    proof = proof_of(snapshot([user("alice", allow("s3:GetObject")), user("bob", allow("s3:PutObject"))]))
    shown = [(step.action, step.resource) for each in proof.witnesses.values() for step in each.steps]
    assert len(shown) >= 4
    assert set(shown) <= {(each.action, each.resource) for each in asked}


def test_a_witness_names_the_statement_its_policy_and_its_line() -> None:
    proof = proof_of(snapshot([user("alice", allow("s3:GetObject", Sid="Reads"))]))
    (place,) = proof.witnesses[proof.findings[0].witness or ""].steps[0].statements
    assert (place.policy, place.route, place.owner) == ("Own (inline)", "inline", f"{ARN}user/alice")
    assert (place.sid, place.index, place.line) == ("Reads", 0, 4)
    assert place.text.startswith("{")
    assert '"Sid": "Reads"' in place.text


def request(action: str, resource: str, **context: str) -> Request:
    return Request(
        principal=principal_from_arn(f"{ARN}user/alice"), action=action, resource=resource, context=context
    )


def test_calls_are_spelled_as_the_aws_command_spells_them() -> None:
    session = botocore.session.get_session()
    for service in ("iam", "sts"):
        for name in session.get_service_model(service).operation_names:
            line = command_for(request(f"{service}:{name}", "*"))
            assert line is not None
            assert line.split()[:3] == ["aws", service, xform_name(name, "-")]


def test_the_line_names_what_the_call_is_about() -> None:
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    attach = request("iam:AttachUserPolicy", f"{ARN}user/build/alice", **{"iam:PolicyARN": policy})
    assert command_for(attach) == f"aws iam attach-user-policy --user-name alice --policy-arn {policy}"
    assert command_for(request("s3:GetObject", "arn:aws:s3:::a/b")) is None
