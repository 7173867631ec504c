"""What a template says: read without running any of it, and refused in AWS's words where it is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import LocalAws
from refusal import refusal
from sandbox.cloudformation.deployer import QUEUE, Deployer, allow, deployer, resource, template
from watchword.sandbox.cloudformation.functions import NO_VALUE, Functions
from watchword.sandbox.cloudformation.template import read_template
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

ONE = "Resources: {A: {Type: 'AWS::SNS::Topic'}}\n"


def nothing(*_: str) -> Any:  # noqa: ANN401
    raise AssertionError("nothing is asked")


def functions(**conditions: object) -> Functions:
    return Functions(
        values={"AWS::Region": "eu-west-1", "Env": "dev", "Sizes": ["a", "b"]},
        mappings={"Map": {123456789012: {"k": ["v"]}}},
        conditions=conditions,
        resources=frozenset({"A"}),
        ref=lambda name: f"ref-{name}",
        attribute=lambda name, attribute: f"{name}.{attribute}",
        exported=nothing,
        zones=nothing,
    )


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("!Ref A", "ref-A"),
        ("!GetAtt A.Arn", "A.Arn"),
        ("!GetAtt [A, B.C]", "A.B.C"),
        ("!Sub '${Env}-${A}-${A.Arn}-${!Env}'", "dev-ref-A-A.Arn-${Env}"),
        ("!Sub ['${x}/${Env}', {x: !Ref A}]", "ref-A/dev"),
        ("!Join ['-', [a, !Ref Env, 3, true]]", "a-dev-3-true"),
        ("!Select ['1', !Ref Sizes]", "b"),
        ("!Select [1, !Split [',', 'x,y']]", "y"),
        ("!FindInMap [Map, '123456789012', k]", ["v"]),
        ("!If [Is, 1, 2]", 1),
        ("!If [Isnt, 1, !Ref 'AWS::NoValue']", NO_VALUE),
        ("{a: !If [Isnt, 1, !Ref 'AWS::NoValue'], b: [!Ref 'AWS::NoValue', 2]}", {"b": [2]}),
        ("!Base64 hi", "aGk="),
        ("!Cidr ['10.0.0.0/16', 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("{Version: 2012-10-17}", {"Version": "2012-10-17"}),
        (
            "{Condition: {Bool: {'aws:SecureTransport': true}}}",
            {"Condition": {"Bool": {"aws:SecureTransport": True}}},
        ),
    ],
)
def test_functions_have_the_values_that_aws_gives_them(said: str, value: object) -> None:
    body = read_template(f"{ONE}Metadata: {said}\n").body
    both = {"Fn::And": [{"Fn::Equals": ["1", 1]}, {"Fn::Not": [{"Condition": "Isnt"}]}]}
    assert functions(Is=both, Isnt={"Fn::Equals": ["a", "b"]}).value(body["Metadata"]) == value


@pytest.mark.parametrize(
    "said",
    ["!Ref B", "!GetAtt B.C", "!Select [7, [a]]", "!FindInMap [Map, a, b]", "!If [Nobody, 1, 2]", "!Join [a]",
     "!Cidr ['10.0.0.0/16', 300, 8]", "!Cidr ['x', 1, 8]", "!Sub {a: b}"],
)  # fmt: skip
def test_functions_that_cannot_be_worked_out_are_refused(said: str) -> None:
    body = read_template(f"{ONE}Metadata: {said}\n").body
    with pytest.raises(AwsError, match="ValidationError"):
        functions().value(body["Metadata"])


@pytest.mark.parametrize(
    "text",
    [
        "Resources: !!python/object/apply:os.system ['true']",
        "Resources: !!python/name:os.system",
        "a: &a [1]\nb: *a\n" + ONE,
        "a: &a {x: 1}\nb: {<<: *a}\n" + ONE,
        "Resources: {A: {Type: !Nothing x}}",
        "Resources: {A: [",
        "[" * 3000,
        "{" + '"a":{' * 5000,
        '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}',
        "Resources: {}",
        "Resources: []",
        "just text",
        "Resources: {A-B: {Type: 'AWS::SNS::Topic'}}",
        "Resources: {A: {Kind: 'AWS::SNS::Topic'}}",
        "Resources: {A: {Properties: {}}}",
        "Outputs: []\n" + ONE,
        "Nonsense: 1\n" + ONE,
        "# " + "x" * 51_200 + "\n" + ONE,
    ],
)
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(AwsError, match="ValidationError"):
        read_template(text)


@pytest.mark.parametrize(
    "text",
    [
        "Transform: AWS::Serverless-2016-10-31\n" + ONE,
        "Resources: {A: {Type: 'AWS::EC2::Instance', CreationPolicy: {ResourceSignal: {}}}}",
    ],
)
def test_what_would_be_left_out_is_refused_by_name(text: str) -> None:
    with pytest.raises(SandboxRefusal):
        read_template(text)


def test_resources_that_need_each_other_are_refused(shared: LocalAws) -> None:
    own = deployer(shared, "circles", allow("*"))
    body = template(
        A=resource("AWS::SNS::Topic", {"DisplayName": {"Ref": "B"}}),
        B=resource("AWS::SNS::Topic", {"DisplayName": {"Fn::Sub": "${A}"}}),
    )
    text = refusal(own.client.create_stack, StackName="circles", TemplateBody=body)[2]
    assert text == "Circular dependency between resources: [A, B]"
    assert own.client.describe_stacks()["Stacks"] == []


def test_parameters_are_held_against_their_declarations(shared: LocalAws) -> None:
    own = deployer(shared, "parameters", allow("*"))
    declared = {
        "Size": {"Type": "Number", "MinValue": 1, "MaxValue": 3, "Default": 2},
        "Kind": {"Type": "String", "AllowedValues": ["a", "b"]},
    }
    body = json.dumps({"Parameters": declared, "Resources": {"Queue": QUEUE}})
    for given, text in (
        ({}, "Parameters: [Kind] must have values"),
        ({"Kind": "c"}, "Parameter 'Kind' must be one of AllowedValues [a, b]"),
        ({"Kind": "a", "Size": "9"}, "Parameter 'Size' must be a number not greater than 3"),
        ({"Kind": "a", "Size": "x"}, "Parameter 'Size' must be a number."),
        ({"Kind": "a", "Else": "x"}, "Parameters: [Else] do not exist in the template"),
    ):
        asked = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
        answer = refusal(own.client.create_stack, StackName="p", TemplateBody=body, Parameters=asked)
        assert answer[2] == text


def test_what_is_read_for_a_stack_is_read_as_the_caller(shared: LocalAws) -> None:
    shared.client("ssm").put_parameter(Name="/stack/size", Value="7", Type="String")
    shared.client("s3").create_bucket(Bucket="templates")
    body = json.dumps(
        {
            "Parameters": {"Size": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stack/size"}},
            "Resources": {"Queue": resource("AWS::SQS::Queue", {"DelaySeconds": {"Ref": "Size"}})},
        }
    )
    shared.client("s3").put_object(Bucket="templates", Key="a.json", Body=body.encode())
    url = {"TemplateURL": "https://templates.s3.us-east-1.amazonaws.com/a.json"}
    own = deployer(shared, "blind", allow("sqs:*"))
    text = refusal(own.client.create_stack, StackName="reads", **url)[2]
    assert text == "S3 error: Access Denied"
    assert shared.log[-1].action == "s3:GetObject"
    reads = deployer(shared, "reads-s3", allow("sqs:*", "s3:GetObject"))
    assert "ssm:GetParameters" in refusal(reads.client.create_stack, StackName="reads", **url)[2]
    all_of_it = deployer(shared, "reads-all", allow("sqs:*", "s3:GetObject", "ssm:GetParameters"))
    stack = all_of_it.client.create_stack(StackName="reads", **url)["StackId"]
    assert all_of_it.status(stack) == "CREATE_COMPLETE"
    assert all_of_it.told("reads")["Parameters"][0]["ResolvedValue"] == "7"


def test_a_change_set_says_what_it_would_do_and_does_it(shared: LocalAws) -> None:
    own = deployer(shared, "changer", allow("sqs:*", "logs:*"))
    client = own.client
    made = client.create_change_set(
        StackName="changed", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template(Queue=QUEUE)
    )
    assert own.status("changed") == "REVIEW_IN_PROGRESS"
    told = client.describe_change_set(StackName="changed", ChangeSetName="first")
    assert [each["ResourceChange"]["Action"] for each in told["Changes"]] == ["Add"]
    client.execute_change_set(ChangeSetName=made["Id"])
    assert own.status("changed") == "CREATE_COMPLETE"
    again = refusal(client.execute_change_set, ChangeSetName=made["Id"])
    assert again[0] == "InvalidChangeSetStatus"
    anew = template(
        Queue=resource("AWS::SQS::Queue", {"DelaySeconds": 4}), Group=resource("AWS::Logs::LogGroup")
    )
    client.create_change_set(StackName="changed", ChangeSetName="second", TemplateBody=anew)
    changes = client.describe_change_set(StackName="changed", ChangeSetName="second")["Changes"]
    assert [
        (each["ResourceChange"]["Action"], each["ResourceChange"]["LogicalResourceId"])
        for each in sorted(changes, key=lambda each: each["ResourceChange"]["Action"])
    ] == [("Add", "Group"), ("Modify", "Queue")]
    client.delete_change_set(StackName="changed", ChangeSetName="second")
    assert refusal(client.describe_change_set, StackName="changed", ChangeSetName="second")[0] == (
        "ChangeSetNotFound"
    )
    client.create_change_set(StackName="changed", ChangeSetName="third", TemplateBody=anew)
    client.execute_change_set(StackName="changed", ChangeSetName="third")
    assert own.status("changed") == "UPDATE_COMPLETE"


def test_exports_are_used_and_kept_while_they_are(shared: LocalAws) -> None:
    own = deployer(shared, "exporter", allow("sqs:*", "ssm:*"))
    out = {"Name": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}, "Export": {"Name": "queue-arn"}}}
    body = json.dumps({"Resources": {"Queue": QUEUE}, "Outputs": out})
    assert own.create("giver", body) == "CREATE_COMPLETE"
    note = resource("AWS::SSM::Parameter", {"Type": "String", "Value": {"Fn::ImportValue": "queue-arn"}})
    assert own.create("taker", template(Note=note)) == "CREATE_COMPLETE"
    assert own.client.list_imports(ExportName="queue-arn")["Imports"] == ["taker"]
    assert own.delete("giver") == "DELETE_FAILED"
    assert own.events("giver")[-1][2] == "Export queue-arn cannot be deleted as it is in use by taker"
    assert own.create("twice", body) == "ROLLBACK_COMPLETE"
    why = "Export with name queue-arn is already exported by stack giver. Rollback requested by user."
    assert ("twice", "ROLLBACK_IN_PROGRESS", why) in own.events("twice")
    assert own.delete("taker") == "DELETE_COMPLETE"
    assert own.delete("giver") == "DELETE_COMPLETE"


def test_what_has_an_effect_that_is_not_there_is_refused(shared: LocalAws) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    asked = {"StackName": "n", "TemplateBody": template(Queue=QUEUE)}
    for name, value in (
        ("StackPolicyBody", "{}"),
        ("NotificationARNs", ["arn:aws:sns:us-east-1:123456789012:t"]),
        ("ResourceTypes", ["AWS::SQS::*"]),
    ):
        code, _, text = refusal(root.client.create_stack, **asked, **{name: value})
        assert (code, name in text) == ("SandboxUnsupported", True)
    assert refusal(root.client.create_stack_set, StackSetName="n")[0] == "SandboxUnsupported"
    assert refusal(root.client.detect_stack_drift, StackName="n")[0] == "SandboxUnsupported"


def test_a_template_is_summed_up_and_validated(shared: LocalAws) -> None:
    client = shared.client("cloudformation")
    body = "Description: d\nParameters: {P: {Type: String, NoEcho: true}}\n"
    body += "Resources: {A: {Type: 'AWS::IAM::Role'}}"
    told = client.get_template_summary(TemplateBody=body)
    assert (told["Capabilities"], told["ResourceTypes"]) == (["CAPABILITY_IAM"], ["AWS::IAM::Role"])
    assert told["Parameters"][0]["ParameterKey"] == "P"
    checked = client.validate_template(TemplateBody=body)
    assert (checked["Description"], checked["Parameters"][0]["NoEcho"]) == ("d", True)
    assert refusal(client.validate_template, TemplateBody="Resources: {")[0] == "ValidationError"
