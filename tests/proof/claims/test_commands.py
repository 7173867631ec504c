"""A command that a proof shows is one that the real `aws` has."""

from __future__ import annotations

import botocore.session
import pytest
from botocore import xform_name

from seeds.seed_accounts import universe
from watchword.iam import Request, principal_from_arn
from watchword.proof.commands import command_for

ALICE = principal_from_arn("arn:aws:iam::123456789012:user/alice")


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_an_action_has_a_command_exactly_if_the_api_has_the_operation(service: str) -> None:
    operations = set(botocore.session.get_session().get_service_model(service).operation_names)
    for action in universe().actions(service):
        request = Request(principal=ALICE, action=action, resource="*", context={})
        command, name = command_for(request), action.partition(":")[2]
        assert (command is not None) == (name in operations), action
        if command is not None:
            assert command.split()[:3] == ["aws", service, xform_name(name, "-")]
