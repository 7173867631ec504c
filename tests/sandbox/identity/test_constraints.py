from __future__ import annotations

import pytest

from watchword.sandbox.identity import constraints
from watchword.sandbox.identity.mfa import MfaOperations
from watchword.sandbox.identity.sts import OPERATIONS
from watchword.sandbox.wire.error import AwsError


def refusal(service: str, operation: str, **params: object) -> str:
    with pytest.raises(AwsError) as refused:
        constraints.check(service, operation, params)
    return refused.value.message


def test_every_operation_offered_is_in_the_models() -> None:
    for operation in OPERATIONS:
        assert operation in constraints._model("sts")["operations"]
    operations = MfaOperations(devices=None, directory=None)  # type: ignore[arg-type]
    for operation in operations.names:
        assert operation in constraints._model("iam")["operations"]


def test_every_pattern_can_be_read() -> None:
    for service in ("sts", "iam"):
        for shape in constraints._model(service)["shapes"].values():
            if "pattern" in shape:
                constraints._compiled(shape["pattern"])


def test_a_tag_may_hold_letters_of_any_script_and_spaces() -> None:
    constraints.check(
        "iam", "TagMFADevice", {"SerialNumber": "s" * 9, "Tags": [{"Key": "größe 尺寸", "Value": ""}]}
    )


def test_a_problem_within_a_list_says_where() -> None:
    tags = [{"Key": "fine", "Value": "v"}, {"Key": "not\tfine", "Value": "v"}]
    assert refusal("iam", "TagMFADevice", SerialNumber="s" * 9, Tags=tags) == (
        "1 validation error detected: Value at 'tags.2.member.key' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"
    )


def test_a_list_that_is_too_long_is_a_problem() -> None:
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    assert "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50" in (
        refusal("iam", "TagMFADevice", SerialNumber="s" * 9, Tags=tags)
    )


def test_letters_of_other_scripts_are_none_in_names() -> None:
    assert r"pattern: [\w+=,.@-]+" in refusal("iam", "CreateVirtualMFADevice", VirtualMFADeviceName="größe")
