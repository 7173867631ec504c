"""The command of a fix is one that the real `aws` takes, whatever the policy is called."""

from __future__ import annotations

import shlex

import pytest

from watchword.proof.documents import Document, Place
from watchword.proof.fix_command import command_of, file_of


def document(place: Place, owner: str, *, arn: str | None = None, inline: str = "") -> Document:
    return Document(
        place=place,
        account="123456789012",
        owner=f"arn:aws:iam::123456789012:{owner}",
        name=inline,
        arn=arn,
        inline=inline,
        text="{}",
    )


@pytest.mark.parametrize(
    ("found", "file", "command"),
    [
        (
            document(Place.INLINE, "group/staff/people", inline="ForceMFA"),
            "people-ForceMFA.json",
            "put-group-policy --group-name people --policy-name ForceMFA",
        ),
        (
            document(Place.INLINE, "user/bob", inline="a+b=c,d.@-_"),
            "bob-a+b=c,d.@-_.json",
            "put-user-policy --user-name bob --policy-name a+b=c,d.@-_",
        ),
        (
            document(Place.MANAGED, "policy/x/Work", arn="arn:aws:iam::123456789012:policy/x/Work"),
            "Work.json",
            "create-policy-version --policy-arn arn:aws:iam::123456789012:policy/x/Work --set-as-default",
        ),
        (
            document(Place.TRUST, "role/ops/deploy"),
            "deploy-trust.json",
            "update-assume-role-policy --role-name deploy",
        ),
    ],
)
def test_a_fix_is_stored_where_its_document_came_from(found: Document, file: str, command: str) -> None:
    assert file_of(found) == file
    words = shlex.split(command_of(found))
    assert words == ["aws", "iam", *command.split(), "--policy-document", f"file://{file}"]
