"""A caller of CloudFormation in tests, and what is told of the stacks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local_aws import Key, LocalAws


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(*actions: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def deny(*actions: str, **more: object) -> dict[str, Any]:
    return {**allow(*actions, **more), "Effect": "Deny"}


def template(**resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def resource(kind: str, properties: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties or {}, **more}


QUEUE = resource("AWS::SQS::Queue", {"DelaySeconds": 1})


@dataclass(frozen=True, kw_only=True)
class Deployer:
    """Somebody's CloudFormation."""

    sandbox: LocalAws
    key: Key

    @property
    def client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes while it runs
        return self.sandbox.client("cloudformation", self.key)

    def create(self, name: str, body: str, **more: object) -> str:
        """Create a stack, and return the status that it has come to."""
        return self.status(self.client.create_stack(StackName=name, TemplateBody=body, **more)["StackId"])

    def update(self, name: str, body: str, **more: object) -> str:
        return self.status(self.client.update_stack(StackName=name, TemplateBody=body, **more)["StackId"])

    def delete(self, name: str, **more: object) -> str:
        stack_id = self.told(name)["StackId"]
        self.client.delete_stack(StackName=name, **more)
        return self.status(stack_id)

    def told(self, name: str) -> dict[str, Any]:
        """Return what DescribeStacks tells root of a stack."""
        root = self.sandbox.client("cloudformation")
        found: dict[str, Any] = root.describe_stacks(StackName=name)["Stacks"][0]
        return found

    def status(self, name: str) -> str:
        return str(self.told(name)["StackStatus"])

    def events(self, name: str) -> list[tuple[str, str, str | None]]:
        """Return the stack's events, oldest first: logical ID, status and reason."""
        root = self.sandbox.client("cloudformation")
        pages = root.get_paginator("describe_stack_events").paginate(StackName=name)
        found = [event for page in pages for event in page["StackEvents"]]
        return [
            (event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason"))
            for event in reversed(found)
        ]

    def reason(self, name: str, logical_id: str, status: str) -> str:
        """Return the reason of a resource's one event with this status."""
        found = [why for what, how, why in self.events(name) if (what, how) == (logical_id, status)]
        assert len(found) == 1, self.events(name)
        return str(found[0])


def deployer(sandbox: LocalAws, name: str, *statements: dict[str, Any]) -> Deployer:
    """Return a new user who may use CloudFormation, and what the statements say."""
    text = policy(allow("cloudformation:*"), *statements)
    iam = sandbox.client("iam")
    try:
        iam.get_user(UserName=name)
    except ClientError:
        return Deployer(sandbox=sandbox, key=sandbox.user(name, text))
    raise AssertionError(f"{name} is there already")
