"""Root without an access key: it deletes its own, and nothing is opened with it any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local_aws import Key, LocalAws, local_aws
from refusal import refusal
from watchword.sandbox.accounts import Accounts
from watchword.sandbox.identity.root_key import new_root_key

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[LocalAws]:
    with local_aws(tmp_path / "sandbox") as running:
        yield running


def test_root_lists_its_key_and_deletes_it(aws: LocalAws) -> None:
    admin = aws.client("iam", aws.user("admin", ADMINISTRATOR))
    iam = aws.client("iam")
    (key,) = iam.list_access_keys()["AccessKeyMetadata"]
    assert (key["AccessKeyId"], key["Status"]) == (aws.root.access_key_id, "Active")
    assert admin.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1

    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.delete_access_key(AccessKeyId="AKIAAAAAAAAAAAAAAAAA")
    iam.delete_access_key(AccessKeyId=aws.root.access_key_id)

    assert refusal(iam.get_user)[0] == "InvalidClientTokenId"
    assert admin.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 0
    # A user's list is the user's.
    assert len(admin.list_access_keys()["AccessKeyMetadata"]) == 1
    aws.reset()
    assert aws.client("iam").get_user()["User"]["Arn"].endswith(":root")


def test_a_key_that_root_has_deleted_stays_deleted_when_a_state_is_taken_up_again() -> None:
    key = new_root_key("123456789012")
    before = Accounts(home="123456789012", root_key=key, partition="aws")
    before.home.directory.root_key = None
    kept = before.store().dump(True)

    after = Accounts(home="123456789012", root_key=key, partition="aws")
    after.store().load(kept)
    assert after.key(key.access_key_id) is None
    made = after.give_root_key("123456789012").root_key
    assert made is not None
    assert made.access_key_id != key.access_key_id


def test_the_key_of_root_opens_nothing_to_somebody_who_only_knows_its_number(aws: LocalAws) -> None:
    stranger = Key(access_key_id=aws.root.access_key_id, secret_access_key="x" * 40)
    assert refusal(aws.client("iam", stranger).list_access_keys)[0] == "SignatureDoesNotMatch"
