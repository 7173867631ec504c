"""The `cdk` command against the sandbox: the page's own commands, and what it is like without a bootstrap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk.typed import Person, Typed, forced
from local_aws import local_aws

PAGE = Path(__file__).resolve().parents[2] / "docs/sandbox/cdk.md"
_BLOCK = re.compile(r"^```(js|sh)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_EXITS = re.compile(r"\s+# exits (\d+)$")
_VARIABLE = re.compile(r"export (\w+)=(.*)")


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory, cdk_modules: Path) -> Iterator[Person]:
    """Two people at one shell: `admin` may do everything, `testuser` nothing without MFA, as is meant."""
    folder = tmp_path_factory.mktemp("cdk")
    with local_aws(folder / "sandbox") as sandbox:
        at = Person(sandbox=sandbox, folder=folder, modules=cdk_modules)
        everything = (
            '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
        )
        at.profile("admin", sandbox.user("admin", everything))
        at.profile("testuser", sandbox.user("testuser", forced("Bool")))
        sandbox.device("testuser")
        for kind, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
            if kind == "js":
                (folder / text.split("\n")[0].removeprefix("// ")).write_text(text)
        yield at


def shell_blocks() -> list[list[str]]:
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [text.strip().split("\n") for kind, text in blocks if kind == "sh"]


def type_block(person: Person, lines: list[str], more: dict[str, str]) -> list[Typed]:
    """Type the lines of a block of the page, and see them end as it says. `more` gets what is exported."""
    typed = []
    for line in lines:
        exits = _EXITS.search(line)
        exported = _VARIABLE.match(line)
        if exported:
            more[exported[1]] = person.type(f'printf %s "{exported[2]}"', **more).output
            continue
        told = person.type(_EXITS.sub("", line), **more)
        assert told.exit_code == (int(exits[1]) if exits else 0), told.output
        typed.append(told)
    return typed


def test_without_a_bootstrap_cdk_says_to_bootstrap(person: Person) -> None:
    told = person.type('cdk deploy --app "node app.js" --require-approval never', AWS_PROFILE="admin")
    assert told.exit_code == 1
    assert "cdk bootstrap" in told.output
    assert person.statuses("Shop") == []


def test_an_app_is_bootstrapped_deployed_compared_and_destroyed(person: Person) -> None:
    told = type_block(person, shell_blocks()[0], {"AWS_PROFILE": "admin"})
    assert "bootstrapped" in told[0].output
    assert "There were no differences" in told[2].output
    assert "Could not create a change set" not in told[2].output
    assert person.statuses("Shop")[-1] == ("DELETE_COMPLETE", "AWS::CloudFormation::Stack")
    log = (person.sandbox.folder.path / "decisions.jsonl").read_text()
    for role in ("file-publishing", "deploy", "cfn-exec", "lookup"):
        assert f"cdk-hnb659fds-{role}-role" in log, role
    assert "could not be used to assume" not in "".join(each.output for each in told)


def test_a_key_passes_bool_and_its_deployment_does_not(person: Person) -> None:
    environment = {"AWS_PROFILE": "testuser"}
    told = type_block(person, shell_blocks()[1], environment)
    assert "is not authorized to perform: elasticloadbalancing:CreateLoadBalancer" in told[0].output
    assert person.statuses("Env-dev-alb")[-1] == ("ROLLBACK_COMPLETE", "AWS::CloudFormation::Stack")
    with_code = type_block(person, shell_blocks()[2], environment)
    assert "Env-dev-alb" in with_code[0].output
    statuses = person.sandbox.client("cloudformation").describe_stacks(StackName="Env-dev-alb")["Stacks"]
    assert [each["StackStatus"] for each in statuses] == ["CREATE_COMPLETE"]


def test_with_bool_if_exists_the_first_call_is_refused(person: Person) -> None:
    iam = person.sandbox.client("iam")
    for name in iam.list_user_policies(UserName="testuser")["PolicyNames"]:
        iam.delete_user_policy(UserName="testuser", PolicyName=name)
    iam.put_user_policy(UserName="testuser", PolicyName="all", PolicyDocument=forced("BoolIfExists"))
    told = person.type('cdk deploy --app "node own-calls.js"', AWS_PROFILE="testuser", SUBNETS="a,b")
    assert told.exit_code == 1
    assert "is not authorized to perform: cloudformation:DescribeStacks" in told.output
