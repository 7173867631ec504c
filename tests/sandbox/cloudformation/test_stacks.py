"""Stacks: each resource is authorised as a call of its own, and what fails is taken back."""

from __future__ import annotations

import json

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.cloudformation.deployer import QUEUE, Deployer, allow, deny, deployer, policy, resource, template

GROUP = resource("AWS::Logs::LogGroup", {"RetentionInDays": 7})
TOPIC = resource("AWS::SNS::Topic", {"DisplayName": "a"})


def queues(sandbox: LocalAws, prefix: str) -> list[str]:
    found = sandbox.client("sqs").list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])
    return [url.rpartition("/")[2] for url in found]


def after(resources: dict[str, object], **more: object) -> dict[str, object]:
    return {**resources, **more}


def test_a_stack_is_made_in_the_order_of_its_references(shared: LocalAws) -> None:
    own = deployer(shared, "order", allow("sqs:*", "ssm:*"))
    body = json.dumps(
        {
            "Resources": {
                "Pointer": resource(
                    "AWS::SSM::Parameter",
                    {"Type": "String", "Value": {"Fn::Sub": "at ${Queue.Arn}"}, "Name": "order-pointer"},
                ),
                "Queue": QUEUE,
            },
            "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
        }
    )
    assert own.create("order", body) == "CREATE_COMPLETE"
    name = queues(shared, "order")[0]
    assert name.startswith("order-Queue-")
    value = shared.client("ssm").get_parameter(Name="order-pointer")["Parameter"]["Value"]
    assert value == f"at arn:aws:sqs:us-east-1:{shared.account}:{name}"
    assert own.told("order")["Outputs"][0]["OutputValue"].endswith(f"/{name}")
    assert [(what, how) for what, how, _ in own.events("order")] == [
        ("order", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_COMPLETE"),
        ("Pointer", "CREATE_IN_PROGRESS"),
        ("Pointer", "CREATE_IN_PROGRESS"),
        ("Pointer", "CREATE_COMPLETE"),
        ("order", "CREATE_COMPLETE"),
    ]
    assert own.delete("order") == "DELETE_COMPLETE"
    assert queues(shared, "order") == []


def test_buckets_without_a_name_have_names_of_their_own(shared: LocalAws) -> None:
    own = deployer(shared, "unnamed", allow("s3:*"))
    two = template(One=resource("AWS::S3::Bucket"), Two=resource("AWS::S3::Bucket"))
    assert own.create("unnamed", two) == "CREATE_COMPLETE"
    made = [each["Name"] for each in shared.client("s3").list_buckets()["Buckets"]]
    assert sorted(name[:12] for name in made if name.startswith("unnamed-")) == [
        "unnamed-one-",
        "unnamed-two-",
    ]
    assert own.delete("unnamed") == "DELETE_COMPLETE"


def test_a_refusal_fails_the_resource_and_takes_back_what_was_made(shared: LocalAws) -> None:
    own = deployer(shared, "taken-back", allow("sqs:*"))
    body = template(Queue=QUEUE, Topic=after(TOPIC, DependsOn="Queue"))
    assert own.create("taken-back", body) == "ROLLBACK_COMPLETE"
    assert queues(shared, "taken-back") == []
    why = own.reason("taken-back", "Topic", "CREATE_FAILED")
    arn = f"arn:aws:iam::{shared.account}:user/taken-back"
    assert why.startswith(f'Resource handler returned message: "User: {arn} is not authorized to perform: ')
    assert "because no identity-based policy allows the " in why
    assert "(Service: Sns, Status Code: 403, Request ID: " in why
    assert why.endswith("HandlerErrorCode: AccessDenied)")
    stack_events = [(how, why) for what, how, why in own.events("taken-back") if what == "taken-back"]
    assert stack_events == [
        ("CREATE_IN_PROGRESS", "User Initiated"),
        (
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Topic]. Rollback requested by user.",
        ),
        ("ROLLBACK_COMPLETE", None),
    ]
    code, _, text = refusal(own.client.update_stack, StackName="taken-back", TemplateBody=body)
    assert (code, "is in ROLLBACK_COMPLETE state and can not be updated." in text) == (
        "ValidationError",
        True,
    )


def test_taking_back_is_authorised_too(shared: LocalAws) -> None:
    own = deployer(shared, "kept", allow("sqs:*"), deny("sqs:DeleteQueue"))
    body = template(Queue=QUEUE, Topic=after(TOPIC, DependsOn="Queue"))
    assert own.create("kept", body) == "ROLLBACK_FAILED"
    assert len(queues(shared, "kept")) == 1
    assert "with an explicit deny" in own.reason("kept", "Queue", "DELETE_FAILED")
    assert own.events("kept")[-1][2] == "The following resource(s) failed to delete: [Queue]. "
    iam = shared.client("iam")
    iam.put_user_policy(
        UserName="kept", PolicyName="inline", PolicyDocument=policy(allow("cloudformation:*", "sqs:*"))
    )
    assert own.delete("kept") == "DELETE_COMPLETE"
    assert queues(shared, "kept") == []


@pytest.mark.parametrize(
    ("how", "status", "left"),
    [
        ({"DisableRollback": True}, "CREATE_FAILED", 1),
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED", 1),
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE", 0),
        ({"OnFailure": "ROLLBACK"}, "ROLLBACK_COMPLETE", 0),
    ],
)
def test_what_becomes_of_a_failed_stack_is_the_callers_choice(
    shared: LocalAws, how: dict[str, object], status: str, left: int
) -> None:
    name = f"choice-{'-'.join(f'{key}{value}' for key, value in how.items())}".replace("_", "")
    own = deployer(shared, name, allow("sqs:*"))
    body = template(Queue=QUEUE, Topic=after(TOPIC, DependsOn="Queue"))
    assert own.create(name, body, **how) == status
    assert len(queues(shared, name)) == left


def test_an_update_that_is_refused_leaves_everything_as_it_was(shared: LocalAws) -> None:
    own = deployer(shared, "update", allow("sqs:*", "ssm:*"))
    before = {
        "Queue": QUEUE,
        "Note": resource("AWS::SSM::Parameter", {"Type": "String", "Value": "one", "Name": "update-note"}),
    }
    assert own.create("update", template(**before)) == "CREATE_COMPLETE"
    url = own.client.describe_stack_resource(StackName="update", LogicalResourceId="Queue")
    url = url["StackResourceDetail"]["PhysicalResourceId"]
    wanted = {
        "Queue": resource("AWS::SQS::Queue", {"DelaySeconds": 9}),
        "Extra": after(QUEUE, DependsOn="Queue"),
        "Topic": after(TOPIC, DependsOn="Extra"),
    }
    assert own.update("update", template(**wanted)) == "UPDATE_ROLLBACK_COMPLETE"
    read = shared.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert read["Attributes"]["DelaySeconds"] == "1"
    assert len(queues(shared, "update")) == 1
    assert shared.client("ssm").get_parameter(Name="update-note")["Parameter"]["Value"] == "one"
    told = [(what, how) for what, how, _ in own.events("update")]
    assert told[told.index(("update", "UPDATE_IN_PROGRESS")) :] == [
        ("update", "UPDATE_IN_PROGRESS"),
        ("Queue", "UPDATE_IN_PROGRESS"),
        ("Queue", "UPDATE_COMPLETE"),
        ("Extra", "CREATE_IN_PROGRESS"),
        ("Extra", "CREATE_IN_PROGRESS"),
        ("Extra", "CREATE_COMPLETE"),
        ("Topic", "CREATE_IN_PROGRESS"),
        ("Topic", "CREATE_FAILED"),
        ("update", "UPDATE_ROLLBACK_IN_PROGRESS"),
        ("Queue", "UPDATE_IN_PROGRESS"),
        ("Queue", "UPDATE_COMPLETE"),
        ("update", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Topic", "DELETE_IN_PROGRESS"),
        ("Topic", "DELETE_COMPLETE"),
        ("Extra", "DELETE_IN_PROGRESS"),
        ("Extra", "DELETE_COMPLETE"),
        ("update", "UPDATE_ROLLBACK_COMPLETE"),
    ]
    reason = next(why for what, how, why in own.events("update") if how == "UPDATE_ROLLBACK_IN_PROGRESS")
    assert reason == "The following resource(s) failed to create: [Topic]. "
    # The old template still stands: what it says anew is what the stack has.
    assert refusal(own.client.update_stack, StackName="update", UsePreviousTemplate=True)[2] == (
        "No updates are to be performed."
    )
    assert own.update("update", template(Queue=QUEUE)) == "UPDATE_COMPLETE"
    assert refusal(shared.client("ssm").get_parameter, Name="update-note")[0] == "ParameterNotFound"


def test_a_resource_that_must_be_replaced_is_made_anew_before_the_old_one_goes(shared: LocalAws) -> None:
    own = deployer(shared, "replaced", allow("sqs:*"))
    assert own.create("replaced", template(Queue=QUEUE)) == "CREATE_COMPLETE"
    old = queues(shared, "replaced")
    fifo = resource("AWS::SQS::Queue", {"FifoQueue": True, "QueueName": "replaced-anew.fifo"})
    assert own.update("replaced", template(Queue=fifo)) == "UPDATE_COMPLETE"
    assert (queues(shared, "replaced"), old != ["replaced-anew.fifo"]) == (["replaced-anew.fifo"], True)
    named = resource("AWS::SQS::Queue", {"QueueName": "replaced-anew.fifo"})
    assert own.update("replaced", template(Queue=named)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing" in own.reason("replaced", "Queue", "UPDATE_FAILED")
    refused = resource("AWS::SQS::Queue", {"FifoQueue": True, "QueueName": "replaced-thrice.fifo"})
    body = template(Queue=refused, Topic=after(TOPIC, DependsOn="Queue"))
    assert own.update("replaced", body) == "UPDATE_ROLLBACK_COMPLETE"
    assert queues(shared, "replaced") == ["replaced-anew.fifo"]


def test_a_deletion_that_is_refused_keeps_the_stack(shared: LocalAws) -> None:
    own = deployer(shared, "stays", allow("sqs:*", "logs:*"), deny("logs:DeleteLogGroup"))
    assert (
        own.create("stays", template(Queue=QUEUE, Group=after(GROUP, DependsOn="Queue"))) == "CREATE_COMPLETE"
    )
    assert own.delete("stays") == "DELETE_FAILED"
    # The queue is what the group depends on: it is not touched.
    assert len(queues(shared, "stays")) == 1
    assert own.delete("stays", RetainResources=["Group"]) == "DELETE_COMPLETE"
    assert queues(shared, "stays") == []
    assert len(shared.client("logs").describe_log_groups(logGroupNamePrefix="stays")["logGroups"]) == 1


def test_what_is_to_be_retained_is_skipped(shared: LocalAws) -> None:
    own = deployer(shared, "retained", allow("sqs:*"))
    assert own.create("retained", template(Queue=after(QUEUE, DeletionPolicy="Retain"))) == "CREATE_COMPLETE"
    stack_id = own.told("retained")["StackId"]
    assert own.delete("retained") == "DELETE_COMPLETE"
    assert ("Queue", "DELETE_SKIPPED", None) in own.events(stack_id)
    assert len(queues(shared, "retained")) == 1


def test_types_and_properties_that_no_table_has_fail_by_name(shared: LocalAws) -> None:
    own = deployer(shared, "unknown", allow("*"))
    for name, found in (
        ("unknown-a", resource("AWS::Nothing::AtAll")),
        ("unknown-b", resource("Custom::Thing", {"ServiceToken": "arn:aws:lambda:us-east-1:1:function:f"})),
        ("unknown-c", resource("AWS::SQS::Queue", {"RedriveAllowPolicy": {}})),
        ("unknown-d", resource("AWS::IAM::Role", {"Policies": [{"PolicyName": "a", "Else": 1}]})),
    ):
        caps = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
        assert own.create(name, template(Queue=QUEUE, Odd=after(found, DependsOn="Queue")), **caps) == (
            "ROLLBACK_COMPLETE"
        )
        assert own.reason(name, "Odd", "CREATE_FAILED").startswith("watchword sandbox: ")
        assert queues(shared, name) == []


def test_a_role_of_a_template_is_passed_only_by_who_may_pass_it(shared: LocalAws) -> None:
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": [trusted]}
    body = template(
        Role=resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust}),
        Profile=resource("AWS::IAM::InstanceProfile", {"Roles": [{"Ref": "Role"}]}),
    )
    own = deployer(shared, "passes", allow("iam:*"), deny("iam:PassRole"))
    code, _, text = refusal(own.client.create_stack, StackName="passes", TemplateBody=body)
    assert (code, text) == ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
    assert own.create("passes", body, Capabilities=["CAPABILITY_IAM"]) == "ROLLBACK_COMPLETE"
    assert "iam:PassRole" in own.reason("passes", "Profile", "CREATE_FAILED")
    names = [role["RoleName"] for role in shared.client("iam").list_roles()["Roles"]]
    assert not [name for name in names if name.startswith("passes")]
    may = deployer(shared, "may-pass", allow("iam:*"))
    assert may.create("may-pass", body, Capabilities=["CAPABILITY_IAM"]) == "CREATE_COMPLETE"
    assert may.delete("may-pass") == "DELETE_COMPLETE"


def service_role(sandbox: LocalAws, name: str, *actions: str, trusted: str = "cloudformation") -> str:
    iam = sandbox.client("iam")
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": f"{trusted}.amazonaws.com"},
    }
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy(allow(*actions)))
    return arn


def test_with_a_service_role_its_permissions_count_and_the_callers_do_not(shared: LocalAws) -> None:
    role = service_role(shared, "maker", "sqs:*")
    own = deployer(shared, "passer", allow("iam:PassRole"))
    assert own.create("by-role", template(Queue=QUEUE), RoleARN=role) == "CREATE_COMPLETE"
    made = next(record for record in reversed(shared.log) if record.action == "sqs:CreateQueue")
    assert made.principal == f"arn:aws:sts::{shared.account}:assumed-role/maker/AWSCloudFormation"
    assert (made.via, made.mfa, made.credential) == (None, "false", "service-role")
    # The stack keeps the role: whoever may delete the stack needs no more.
    assert deployer(shared, "deleter").delete("by-role") == "DELETE_COMPLETE"
    other = deployer(shared, "no-passer", allow("sqs:*"))
    asked = {"StackName": "n", "TemplateBody": template(Queue=QUEUE), "RoleARN": role}
    assert "iam:PassRole" in refusal(other.client.create_stack, **asked)[2]


def test_a_role_must_trust_cloudformation(shared: LocalAws) -> None:
    role = service_role(shared, "elsewhere", "sqs:*", trusted="ec2")
    own = deployer(shared, "trusting", allow("iam:PassRole", "sqs:*"))
    for arn in (role, role.replace("elsewhere", "nobody")):
        asked = {"StackName": "untrusted", "TemplateBody": template(Queue=QUEUE), "RoleARN": arn}
        code, _, text = refusal(own.client.create_stack, **asked)
        assert (code, text) == ("ValidationError", f"Role {arn} is invalid or cannot be assumed")
    assert queues(shared, "untrusted") == []


def test_a_boundary_and_tags_bind_forwarded_calls(shared: LocalAws) -> None:
    red = {"StringEquals": {"aws:RequestTag/team": "red"}}
    own = deployer(shared, "tagged", allow("ssm:*", Condition=red), allow("ssm:DeleteParameter"))
    note = resource("AWS::SSM::Parameter", {"Type": "String", "Value": "x"})
    assert own.create("blue", template(Note=note)) == "ROLLBACK_COMPLETE"
    red_tags = [{"Key": "team", "Value": "red"}]
    assert own.create("red", template(Note=note), Tags=red_tags) == "CREATE_COMPLETE"
    boundary = shared.client("iam").create_policy(
        PolicyName="only-stacks", PolicyDocument=policy(allow("cloudformation:*"))
    )["Policy"]["Arn"]
    shared.client("iam").put_user_permissions_boundary(UserName="tagged", PermissionsBoundary=boundary)
    assert own.create("bound", template(Note=note), Tags=red_tags) == "ROLLBACK_COMPLETE"
    assert "permissions boundary" in own.reason("bound", "Note", "CREATE_FAILED")


def test_no_iam_is_made_with_a_session_without_a_code(shared: LocalAws) -> None:
    own = deployer(shared, "codeless", allow("iam:*"))
    session = Deployer(sandbox=shared, key=shared.session(own.key))
    body = template(Group=resource("AWS::IAM::Group"))
    caps = {"Capabilities": ["CAPABILITY_IAM"]}
    assert session.create("codeless", body, **caps) == "ROLLBACK_COMPLETE"
    assert "The security token included in the request is invalid" in session.reason(
        "codeless", "Group", "CREATE_FAILED"
    )
    assert own.create("with-key", body, **caps) == "CREATE_COMPLETE"


def test_what_a_template_wants_no_echo_of_is_told_nowhere(shared: LocalAws) -> None:
    own = deployer(shared, "quiet", allow("secretsmanager:*"))
    body = json.dumps(
        {
            "Parameters": {"Word": {"Type": "String", "NoEcho": True}},
            "Resources": {
                "Secret": resource("AWS::SecretsManager::Secret", {"SecretString": {"Ref": "Word"}})
            },
        }
    )
    given = [{"ParameterKey": "Word", "ParameterValue": "open-sesame"}]
    assert own.create("quiet", body, Parameters=given) == "CREATE_COMPLETE"
    root = shared.client("cloudformation")
    told = json.dumps([root.describe_stacks(), root.describe_stack_events(StackName="quiet")], default=str)
    assert ("open-sesame" in told, "****" in told) == (False, True)
    arn = root.list_stack_resources(StackName="quiet")["StackResourceSummaries"][0]["PhysicalResourceId"]
    read = shared.client("secretsmanager").get_secret_value(SecretId=arn)
    assert read["SecretString"] == "open-sesame"


def test_stacks_are_seen_by_who_may_see_them(shared: LocalAws) -> None:
    home = f"arn:aws:cloudformation:us-east-1:{shared.account}:stack"
    maker = deployer(shared, "maker-of-two", allow("sqs:*"))
    for name in ("mine-1", "theirs-1"):
        maker.create(name, template(Queue=QUEUE))
    seer: Key = shared.user(
        "seer", policy({**allow("cloudformation:Describe*"), "Resource": f"{home}/mine-*"})
    )
    client = shared.client("cloudformation", seer)
    stack_id = client.describe_stacks(StackName="mine-1")["Stacks"][0]["StackId"]
    assert client.describe_stacks(StackName=stack_id)["Stacks"][0]["StackName"] == "mine-1"
    theirs = maker.told("theirs-1")["StackId"]
    for name, shown in (("theirs-1", theirs), (theirs, theirs), ("nobodys", f"{home}/nobodys/*")):
        text = refusal(client.describe_stacks, StackName=name)[2]
        assert f"cloudformation:DescribeStacks on resource: {shown} because" in text
    assert f"on resource: {home}/*/* because" in refusal(client.describe_stacks)[2]
    assert refusal(client.describe_stacks, StackName="mine-2")[2] == "Stack with id mine-2 does not exist"


def test_a_name_does_not_pose_as_a_path(shared: LocalAws) -> None:
    home = f"arn:aws:cloudformation:us-east-1:{shared.account}:stack/team/*"
    key = shared.user("team", policy({**allow("cloudformation:*"), "Resource": home}))
    client = shared.client("cloudformation", key)
    for name in ("team/other", "team/../other", "arn:aws:x", "team:1", "1team"):
        code, _, text = refusal(client.create_stack, StackName=name, TemplateBody=template(Queue=QUEUE))
        assert code in ("ValidationError", "AccessDenied", "SandboxUnsupported"), text
    assert client.create_stack(StackName="team", TemplateBody=template(Queue=QUEUE))["StackId"]
    names = [each["StackName"] for each in shared.client("cloudformation").list_stacks()["StackSummaries"]]
    assert [name for name in names if "/" in name or ":" in name] == []
