from __future__ import annotations

import pytest

from watchword.aws.answers import Identity
from watchword.device.errors import NotAUser
from watchword.device.owner import check_name, owner_of
from watchword.errors import UsageError


def identity(arn: str) -> Identity:
    return Identity(arn=arn, account="123456789012", user_id="AIDAEXAMPLE")


def test_the_user_name_comes_after_the_path() -> None:
    owner = owner_of(identity("arn:aws-cn:iam::123456789012:user/team/a/testuser"))
    assert (owner.user_name, owner.account, owner.partition) == ("testuser", "123456789012", "aws-cn")


def test_the_serial_number_of_a_device_is_known_before_it_is_made() -> None:
    owner = owner_of(identity("arn:aws-cn:iam::123456789012:user/testuser"))
    assert owner.serial_number("phone") == "arn:aws-cn:iam::123456789012:mfa/phone"


def test_root_is_sent_to_the_console() -> None:
    with pytest.raises(NotAUser, match="root's credentials") as caught:
        owner_of(identity("arn:aws:iam::123456789012:root"))
    assert "console" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sts::123456789012:assumed-role/admin/me",
        "arn:aws:sts::123456789012:federated-user/me",
    ],
)
def test_roles_and_federated_users_have_no_devices(arn: str) -> None:
    with pytest.raises(NotAUser, match="only users have MFA devices"):
        owner_of(identity(arn))


@pytest.mark.parametrize("name", ["phone", "first.last+a=b,c@d_e-9", "n" * 218])
def test_names_that_aws_takes(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "my phone", "team/phone", "téléphone", "phone\n", "n" * 219])
def test_names_that_aws_would_refuse_or_read_as_a_path(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        check_name(name)
