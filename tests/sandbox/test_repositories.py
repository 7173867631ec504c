"""Repositories of ECR: what is decided, with the repository's own policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import LocalAws, local_aws


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(Path(tmp_path_factory.mktemp("ecr")) / "sandbox") as sandbox:
        sandbox.client("ecr").create_repository(repositoryName="team/app")
        sandbox.client("ecr").create_repository(repositoryName="team/other")
        yield sandbox


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def statement(effect: str, principal: object, *actions: str, **more: object) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": list(actions), **more}


def test_a_policy_on_one_repository_is_no_permission_on_another(running: LocalAws) -> None:
    arn = f"arn:aws:ecr:us-east-1:{running.account}:repository/team/app"
    key = running.user("reader", policy({"Effect": "Allow", "Action": "ecr:*", "Resource": arn}))
    client = running.client("ecr", key)
    assert client.list_images(repositoryName="team/app")["imageIds"] == []
    assert len(client.describe_repositories(repositoryNames=["team/app"])["repositories"]) == 1
    with pytest.raises(ClientError, match=r"on resource: arn:aws:ecr:.*:repository/team/other"):
        client.list_images(repositoryName="team/other")
    with pytest.raises(ClientError, match=r"ecr:DescribeRepositories on resource: .*:repository/\*"):
        client.describe_repositories()
    with pytest.raises(ClientError, match="ecr:DescribeRepositories"):
        client.describe_repositories(repositoryNames=["team/app", "team/other"])


def test_the_repositorys_own_policy_lets_in_and_keeps_out(running: LocalAws) -> None:
    root = running.client("ecr")
    guest = running.user("guest")
    everything = running.user("everything", policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    arns = {name: f"arn:aws:iam::{running.account}:user/{name}" for name in ("guest", "everything")}
    root.set_repository_policy(
        repositoryName="team/app",
        policyText=policy(
            statement("Allow", {"AWS": arns["guest"]}, "ecr:ListImages"),
            statement("Deny", {"AWS": arns["everything"]}, "ecr:ListImages"),
        ),
    )
    running.client("ecr", guest).list_images(repositoryName="team/app")
    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        running.client("ecr", everything).list_images(repositoryName="team/app")
    with pytest.raises(ClientError, match="not authorized"):
        running.client("ecr", guest).list_images(repositoryName="team/other")
    root.delete_repository_policy(repositoryName="team/app")
    with pytest.raises(ClientError, match="not authorized"):
        running.client("ecr", guest).list_images(repositoryName="team/app")


def test_somebody_of_another_account_needs_both_policies(running: LocalAws) -> None:
    other = running.add_account()
    key = running.user(
        "puller", policy({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}), account=other.id
    )
    client = running.client("ecr", key)
    asked = {"registryId": running.account, "repositoryName": "team/other"}
    with pytest.raises(ClientError, match="not authorized"):
        client.list_images(**asked)
    running.client("ecr").set_repository_policy(
        repositoryName="team/other",
        policyText=policy(statement("Allow", {"AWS": other.id}, "ecr:ListImages")),
    )
    assert client.list_images(**asked)["imageIds"] == []
    with pytest.raises(ClientError, match="not authorized"):
        client.describe_images(**asked)
    with pytest.raises(ClientError, match="RepositoryNotFound"):
        client.list_images(repositoryName="team/other")  # in the caller's own account there is none


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            policy(statement("Allow", "*", "ecr:ListImages", Resource="*")),
            "Invalid repository policy provided",
        ),
        (
            policy(statement("Allow", {"AWS": "arn:aws:iam::123456789012:user/no"}, "ecr:*")),
            "Principal not found",
        ),
        (
            policy(statement("Allow", "*", "s3:GetObject")),
            "watchword sandbox: what ECR answers to the action",
        ),
        (policy(statement("Deny", "*", "ecr:*")), "watchword sandbox: whether ECR takes this policy"),
        ("nonsense", "Invalid repository policy provided"),
    ],
)
def test_what_ecr_does_not_store_is_not_stored(running: LocalAws, text: str, told: str) -> None:
    root = running.client("ecr")
    root.create_repository(repositoryName="bare")
    with pytest.raises(ClientError) as refused:
        root.set_repository_policy(repositoryName="bare", policyText=text)
    assert told in str(refused.value)
    with pytest.raises(ClientError, match="RepositoryPolicyNotFound"):
        root.get_repository_policy(repositoryName="bare")
    root.delete_repository(repositoryName="bare")


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("get_authorization_token", {}),
        ("put_registry_policy", {"policyText": "{}"}),
        ("put_replication_configuration", {"replicationConfiguration": {"rules": []}}),
        (
            "create_repository",
            {"repositoryName": "keyed", "encryptionConfiguration": {"encryptionType": "KMS"}},
        ),
    ],
)
def test_what_hangs_on_more_is_refused_by_name(
    running: LocalAws, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="watchword sandbox:"):
        getattr(running.client("ecr"), operation)(**params)


def test_tags_of_a_new_repository_need_a_permission_of_their_own_and_are_conditions(
    running: LocalAws,
) -> None:
    arn = f"arn:aws:ecr:us-east-1:{running.account}:repository/*"
    tagged = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    key = running.user(
        "maker",
        policy(
            {"Effect": "Allow", "Action": "ecr:CreateRepository", "Resource": arn},
            {"Effect": "Allow", "Action": "ecr:DeleteRepository", "Resource": arn, "Condition": tagged},
        ),
    )
    client = running.client("ecr", key)
    with pytest.raises(ClientError, match="ecr:TagResource"):
        client.create_repository(repositoryName="t/one", tags=[{"Key": "team", "Value": "red"}])
    client.create_repository(repositoryName="t/one")
    with pytest.raises(ClientError, match="ecr:DeleteRepository"):
        client.delete_repository(repositoryName="t/one")
    name = arn.replace("*", "t/one")
    running.client("ecr").tag_resource(resourceArn=name, tags=[{"Key": "team", "Value": "red"}])
    client.delete_repository(repositoryName="t/one")
