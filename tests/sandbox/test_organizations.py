"""Organizations: accounts that it makes, and its policies as layers of every decision."""

from __future__ import annotations

import concurrent.futures
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.several_accounts import OTHER, allow, assumed, aws, deny, document, server, trusting

__all__ = ["aws", "server"]  # fixtures

NOT_IN_ONE = "Your account is not a member of an organization."
NOT_THE_MANAGER = "You don't have permissions to access this resource."
EXPLICIT_SCP = "with an explicit deny in a service control policy"
EXPLICIT_RCP = "with an explicit deny in a resource control policy"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@dataclass(frozen=True, kw_only=True)
class Organization:
    """An organization with SCPs and RCPs enabled: the unit `team` holds the account `OTHER`."""

    aws: LocalAws
    client: Any
    id: str
    root: str
    team: str
    member: Key

    def policy(self, content: str, kind: str = SCP, name: str = "p") -> str:
        """Make a policy, and return its id."""
        made = self.client.create_policy(Type=kind, Name=name, Description="", Content=content)
        policy_id: str = made["Policy"]["PolicySummary"]["Id"]
        return policy_id

    def attach(self, content: str, target: str, kind: str = SCP, name: str = "p") -> str:
        """Make a policy and attach it."""
        made = self.policy(content, kind, name)
        self.client.attach_policy(PolicyId=made, TargetId=target)
        return made


@pytest.fixture
def organization(aws: LocalAws) -> Organization:
    client = aws.client("organizations")
    made = client.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    root = client.list_roots()["Roots"][0]["Id"]
    for kind in (SCP, RCP):
        client.enable_policy_type(RootId=root, PolicyType=kind)
    team = client.create_organizational_unit(ParentId=root, Name="team")["OrganizationalUnit"]["Id"]
    member = aws.add_account(OTHER, name="team-account", member=True).root
    client.move_account(AccountId=OTHER, SourceParentId=root, DestinationParentId=team)
    return Organization(aws=aws, client=client, id=made, root=root, team=team, member=member)


# --- accounts ---------------------------------------------------------------------------------------


def test_an_account_that_is_created_is_entered_through_its_role(aws: LocalAws) -> None:
    client = aws.client("organizations")
    client.create_organization()
    status = client.create_account(Email="dev@example.com", AccountName="dev")["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED"
    number = status["AccountId"]
    user = aws.user("ann", allow("sts:AssumeRole"))
    session = assumed(aws, user, f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole")
    assert aws.client("sts", session).get_caller_identity()["Account"] == number
    iam = aws.client("iam", session)
    iam.create_user(UserName="bob")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["bob"]
    assert [user["UserName"] for user in aws.client("iam").list_users()["Users"]] == ["ann"]


def test_the_role_of_a_created_account_may_be_called_otherwise(aws: LocalAws) -> None:
    client = aws.client("organizations")
    client.create_organization()
    made = client.create_account(Email="a@example.com", AccountName="a", RoleName="Admin")
    number = made["CreateAccountStatus"]["AccountId"]
    assumed(aws, aws.user("ann", allow("sts:AssumeRole")), f"arn:aws:iam::{number}:role/Admin")


def test_a_created_account_has_no_root_key_until_it_is_given_one(aws: LocalAws) -> None:
    client = aws.client("organizations")
    client.create_organization()
    made = client.create_account(Email="a@example.com", AccountName="a")
    number = made["CreateAccountStatus"]["AccountId"]
    account = aws.inner.accounts.of(number)
    assert account is not None
    assert account.root_key is None
    root = aws.add_account(number).root
    assert aws.client("sts", root).get_caller_identity()["Arn"] == f"arn:aws:iam::{number}:root"


def test_accounts_created_at_once_are_as_many(aws: LocalAws) -> None:
    aws.client("organizations").create_organization()

    def create(number: int) -> str:
        made = aws.client("organizations").create_account(Email=f"{number}@example.com", AccountName="a")
        account: str = made["CreateAccountStatus"]["AccountId"]
        return account

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        made = set(pool.map(create, range(6)))
    assert {account.id for account in aws.inner.accounts.all()} == {aws.account, *made}
    assert len(made) == 6
    for account in made:
        assert aws.inner.accounts.role(account, "OrganizationAccountAccessRole") is not None


def test_an_organization_needs_its_service_linked_role(aws: LocalAws) -> None:
    half = aws.user("half", allow("organizations:*"))
    text = refusal(aws.client("organizations", half).create_organization)[2]
    assert "iam:CreateServiceLinkedRole on resource: arn:aws:iam::123456789012:role/aws-service-role/" in text
    whole = aws.user("whole", allow(["organizations:*", "iam:CreateServiceLinkedRole"]))
    aws.client("organizations", whole).create_organization()


def test_only_the_manager_manages(aws: LocalAws, organization: Organization) -> None:
    stranger = aws.add_account().root
    assert refusal(aws.client("organizations", stranger).list_accounts) == (
        "AWSOrganizationsNotInUseException",
        400,
        NOT_IN_ONE,
    )
    member = aws.client("organizations", organization.member)
    assert refusal(member.list_accounts) == ("AccessDeniedException", 400, NOT_THE_MANAGER)
    assert member.describe_organization()["Organization"]["Id"] == organization.id
    assert refusal(member.create_organization)[0] == "AlreadyInOrganizationException"


def test_permissions_on_organizations_are_by_unit_account_and_policy(
    aws: LocalAws, organization: Organization
) -> None:
    home = f"arn:aws:organizations::{aws.account}:"
    unit = f"{home}ou/{organization.id}/{organization.team}"
    policy = organization.policy(deny("sqs:*"))
    own = f"{home}policy/{organization.id}/service_control_policy/{policy}"
    user = aws.user("ann", allow("organizations:AttachPolicy", [unit, own]))
    client = aws.client("organizations", user)
    client.attach_policy(PolicyId=policy, TargetId=organization.team)
    text = refusal(client.attach_policy, PolicyId=policy, TargetId=organization.root)[2]
    assert f"on resource: {home}root/{organization.id}/{organization.root}" in text
    text = refusal(client.list_accounts)[2]
    assert "organizations:ListAccounts on resource: * because" in text


def test_the_type_of_a_policy_is_a_condition(aws: LocalAws, organization: Organization) -> None:
    only = {"StringEquals": {"organizations:PolicyType": SCP}}
    user = aws.user("ann", allow("organizations:*", Condition=only))
    client = aws.client("organizations", user)
    made = client.create_policy(Type=SCP, Name="a", Description="", Content=deny("sqs:*"))
    client.delete_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"])
    rcp = document({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"})
    assert refusal(client.create_policy, Type=RCP, Name="a", Description="", Content=rcp)[0] == (
        "AccessDeniedException"
    )


# --- service control policies ---------------------------------------------------------------------------


def test_a_denying_scp_binds_users_roles_and_root_from_the_next_call_on(
    aws: LocalAws, organization: Organization
) -> None:
    user = aws.user("ann", allow("*"), account=OTHER)
    everybody = [aws.client("sqs", key) for key in (user, organization.member)]
    for sqs in everybody:
        sqs.list_queues()
    policy = organization.attach(deny("sqs:*"), organization.team)
    for sqs in everybody:
        assert refusal(sqs.list_queues)[2].endswith(f"sqs:ListQueues {EXPLICIT_SCP}")
    assert aws.log[-1].layer == "scp"
    organization.client.detach_policy(PolicyId=policy, TargetId=organization.team)
    for sqs in everybody:
        sqs.list_queues()


@pytest.mark.parametrize("place", ["root", "unit", "account"])
def test_an_scp_binds_at_every_level(organization: Organization, place: str) -> None:
    target = {"root": organization.root, "unit": organization.team, "account": OTHER}[place]
    organization.attach(deny("sqs:*"), target)
    sqs = organization.aws.client("sqs", organization.member)
    assert EXPLICIT_SCP in refusal(sqs.list_queues)[2]


def test_every_level_must_allow(aws: LocalAws, organization: Organization) -> None:
    organization.attach(allow("sqs:*"), organization.team)
    sns, sqs = aws.client("sns", organization.member), aws.client("sqs", organization.member)
    sns.list_topics()  # FullAWSAccess is at every level yet
    organization.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=organization.team)
    sqs.list_queues()
    assert refusal(sns.list_topics)[2].endswith(
        "because no service control policy allows the SNS:ListTopics action"
    )
    assert aws.log[-1].reason == "no SCP allows it at unit 1 below the root"


def test_a_moved_account_is_bound_by_where_it_is(aws: LocalAws, organization: Organization) -> None:
    organization.attach(deny("sqs:*"), organization.team)
    sqs = aws.client("sqs", organization.member)
    assert EXPLICIT_SCP in refusal(sqs.list_queues)[2]
    organization.client.move_account(
        AccountId=OTHER, SourceParentId=organization.team, DestinationParentId=organization.root
    )
    sqs.list_queues()


def test_scps_never_bind_the_management_account(aws: LocalAws, organization: Organization) -> None:
    organization.attach(deny("*"), organization.root)
    aws.client("sqs").list_queues()
    user = aws.user("ann", allow("sqs:*"))
    aws.client("sqs", user).list_queues()


def test_scps_bind_the_caller_wherever_the_resource_is(aws: LocalAws, organization: Organization) -> None:
    url = aws.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sqs:*", "Resource": "*"}
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(statement)})
    sqs = aws.client("sqs", organization.member)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    organization.attach(deny("sqs:SendMessage"), OTHER)
    assert EXPLICIT_SCP in refusal(sqs.send_message, QueueUrl=url, MessageBody="x")[2]


def test_an_scp_may_stop_the_assuming_of_a_role(aws: LocalAws, organization: Organization) -> None:
    arn = aws.client("iam").create_role(
        RoleName="guest", AssumeRolePolicyDocument=trusting(f"arn:aws:iam::{OTHER}:root")
    )["Role"]["Arn"]
    user = aws.user("ann", allow("sts:AssumeRole"), account=OTHER)
    assumed(aws, user, arn)
    organization.attach(deny("sts:AssumeRole"), OTHER)
    call = aws.client("sts", user).assume_role
    assert EXPLICIT_SCP in refusal(call, RoleArn=arn, RoleSessionName="test")[2]


def test_the_conditions_of_an_scp_see_mfa(aws: LocalAws, organization: Organization) -> None:
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    organization.attach(deny("sqs:*", Condition=without), organization.root)
    user = aws.user("ann", allow("sqs:*"), account=OTHER)
    serial = aws.device("ann", account=OTHER)
    assert EXPLICIT_SCP in refusal(aws.client("sqs", user).list_queues)[2]
    aws.client("sqs", aws.session(user, serial)).list_queues()


def test_get_caller_identity_is_past_every_scp(aws: LocalAws, organization: Organization) -> None:
    organization.attach(deny("*"), organization.root)
    assert aws.client("sts", organization.member).get_caller_identity()["Account"] == OTHER


# --- their types, and what is stored ----------------------------------------------------------------------


def test_a_type_must_be_enabled_before_policies_are_attached(aws: LocalAws) -> None:
    client = aws.client("organizations")
    client.create_organization()
    root = client.list_roots()["Roots"][0]["Id"]
    policy = client.create_policy(Type=SCP, Name="p", Description="", Content=deny("sqs:*"))
    target = {"PolicyId": policy["Policy"]["PolicySummary"]["Id"], "TargetId": root}
    assert refusal(client.attach_policy, **target) == (
        "PolicyTypeNotEnabledException",
        400,
        "This operation can be performed only for enabled policy types.",
    )
    client.enable_policy_type(RootId=root, PolicyType=SCP)
    client.attach_policy(**target)
    assert refusal(client.attach_policy, **target)[0] == "DuplicatePolicyAttachmentException"


def test_disabling_a_type_detaches_its_policies_for_good(aws: LocalAws, organization: Organization) -> None:
    organization.attach(deny("sqs:*"), organization.root)
    organization.client.disable_policy_type(RootId=organization.root, PolicyType=SCP)
    sqs = aws.client("sqs", organization.member)
    sqs.list_queues()
    organization.client.enable_policy_type(RootId=organization.root, PolicyType=SCP)
    sqs.list_queues()
    for target in (organization.root, organization.team, OTHER):
        listed = organization.client.list_policies_for_target(TargetId=target, Filter=SCP)
        assert [each["Name"] for each in listed["Policies"]] == ["FullAWSAccess"]


def test_the_last_scp_of_a_target_stays(organization: Organization) -> None:
    last = {"PolicyId": "p-FullAWSAccess", "TargetId": OTHER}
    assert refusal(organization.client.detach_policy, **last)[0] == "ConstraintViolationException"
    organization.attach(allow("sqs:*"), OTHER)
    organization.client.detach_policy(**last)
    assert refusal(organization.client.detach_policy, **last)[0] == "PolicyNotAttachedException"


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        document({"Effect": "Deny", "Action": "sqs:*"}),
        document({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}),
        document({"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Condition": {"Bol": {"a": "b"}}}),
    ],
)
def test_an_scp_that_cannot_be_read_is_never_stored(organization: Organization, content: str) -> None:
    client, kept = organization.client, organization.policy(deny("sqs:*"))
    new = {"Type": SCP, "Name": "bad", "Description": "", "Content": content}
    assert refusal(client.create_policy, **new)[0] == "MalformedPolicyDocumentException"
    changed = refusal(client.update_policy, PolicyId=kept, Content=content)
    assert changed == (
        "MalformedPolicyDocumentException",
        400,
        "The provided policy document does not meet the requirements of the specified policy type.",
    )
    assert client.describe_policy(PolicyId=kept)["Policy"]["Content"] == deny("sqs:*")


def test_a_changed_policy_takes_effect_at_once(aws: LocalAws, organization: Organization) -> None:
    policy = organization.attach(deny("sqs:*"), organization.root)
    sqs, sns = aws.client("sqs", organization.member), aws.client("sns", organization.member)
    assert EXPLICIT_SCP in refusal(sqs.list_queues)[2]
    organization.client.update_policy(PolicyId=policy, Content=deny("sns:*"))
    sqs.list_queues()
    assert EXPLICIT_SCP in refusal(sns.list_topics)[2]


def test_units_with_something_in_them_stay(organization: Organization) -> None:
    client = organization.client
    assert refusal(client.delete_organizational_unit, OrganizationalUnitId=organization.team)[0] == (
        "OrganizationalUnitNotEmptyException"
    )
    empty = client.create_organizational_unit(ParentId=organization.team, Name="empty")
    unit = empty["OrganizationalUnit"]["Id"]
    policy = organization.attach(deny("sqs:*"), unit)
    client.delete_organizational_unit(OrganizationalUnitId=unit)
    client.delete_policy(PolicyId=policy)
    assert refusal(client.delete_organization)[0] == "OrganizationNotEmptyException"


def test_an_account_that_left_is_bound_no_more(aws: LocalAws, organization: Organization) -> None:
    organization.attach(deny("sqs:*"), organization.root)
    sqs = aws.client("sqs", organization.member)
    assert EXPLICIT_SCP in refusal(sqs.list_queues)[2]
    organization.client.remove_account_from_organization(AccountId=OTHER)
    sqs.list_queues()
    assert (
        refusal(organization.client.remove_account_from_organization, AccountId=aws.account)[0]
        == "MasterCannotLeaveOrganizationException"
    )


# --- resource control policies ------------------------------------------------------------------------------


def outsiders(organization: Organization) -> str:
    """Return an RCP that keeps everybody out of the buckets who is not of the organization."""
    return document(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization.id}},
        }
    )


def open_bucket(aws: LocalAws, owner: Key, bucket: str) -> None:
    """Make a bucket that anybody with permissions of their own may read."""
    s3 = aws.client("s3", owner)
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="letter", Body=b"dear")
    principal = {"AWS": [aws.account, "444455556666"]}
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))


def test_an_rcp_keeps_outsiders_from_the_resources_of_members(
    aws: LocalAws, organization: Organization
) -> None:
    outsider = aws.add_account("444455556666").root
    open_bucket(aws, organization.member, "theirs")
    letter = {"Bucket": "theirs", "Key": "letter"}
    aws.client("s3", outsider).get_object(**letter)
    organization.attach(outsiders(organization), organization.root, RCP)
    assert EXPLICIT_RCP in refusal(aws.client("s3", outsider).get_object, **letter)[2]
    assert aws.log[-1].layer == "rcp"
    aws.client("s3").get_object(**letter)  # the management account is of the organization
    aws.client("s3", organization.member).get_object(**letter)


def test_an_rcp_does_not_protect_the_management_account(aws: LocalAws, organization: Organization) -> None:
    outsider = aws.add_account("444455556666").root
    open_bucket(aws, aws.root, "ours")
    organization.attach(outsiders(organization), organization.root, RCP)
    aws.client("s3", outsider).get_object(Bucket="ours", Key="letter")


def test_an_rcp_that_allows_is_never_stored(organization: Organization) -> None:
    content = document({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"})
    new = {"Type": RCP, "Name": "bad", "Description": "", "Content": content}
    assert refusal(organization.client.create_policy, **new)[0] == "MalformedPolicyDocumentException"


# --- the keys of organizations ------------------------------------------------------------------------------


def test_the_organization_of_the_caller_and_of_the_resource_are_conditions(
    aws: LocalAws, organization: Organization
) -> None:
    path = f"{organization.id}/{organization.root}/{organization.team}/"
    conditions = {
        "StringEquals": {
            "aws:PrincipalOrgID": organization.id,
            "aws:ResourceOrgID": organization.id,
            "aws:PrincipalAccount": OTHER,
            "aws:ResourceAccount": OTHER,
        },
        "ForAnyValue:StringLike": {
            "aws:PrincipalOrgPaths": [path],
            "aws:ResourceOrgPaths": [f"{organization.id}/*"],
        },
    }
    aws.client("sqs", organization.member).create_queue(QueueName="jobs")
    user = aws.user("ann", allow("sqs:GetQueueUrl", Condition=conditions), account=OTHER)
    aws.client("sqs", user).get_queue_url(QueueName="jobs")
    organization.client.move_account(
        AccountId=OTHER, SourceParentId=organization.team, DestinationParentId=organization.root
    )
    assert refusal(aws.client("sqs", user).get_queue_url, QueueName="jobs")[0] == "AccessDenied"


def test_outside_an_organization_its_keys_are_absent(aws: LocalAws) -> None:
    absent = {
        "Null": dict.fromkeys(
            ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths"),
            "true",
        )
    }
    aws.client("sqs").create_queue(QueueName="jobs")
    user = aws.user("ann", allow("sqs:GetQueueUrl", Condition=absent))
    aws.client("sqs", user).get_queue_url(QueueName="jobs")


def test_the_account_of_a_bucket_is_the_resources_account(aws: LocalAws, organization: Organization) -> None:
    aws.client("s3", organization.member).create_bucket(Bucket="theirs")
    aws.client("s3").create_bucket(Bucket="ours")
    own = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    user = aws.user("ann", allow("s3:*", Condition=own))
    aws.client("s3", user).list_objects_v2(Bucket="ours")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": aws.account},
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/*"],
    }
    aws.client("s3", organization.member).put_bucket_policy(Bucket="theirs", Policy=document(statement))
    text = refusal(aws.client("s3", user).list_objects_v2, Bucket="theirs")[2]
    assert "no identity-based policy allows the s3:ListBucket action" in text


def test_a_deny_on_an_unknown_organization_of_no_resource_is_not_guessed(
    aws: LocalAws, organization: Organization
) -> None:
    elsewhere = {"StringNotEquals": {"aws:ResourceOrgID": organization.id}}
    organization.attach(deny("sqs:*", Condition=elsewhere), organization.root)
    text = refusal(aws.client("sqs", organization.member).list_queues)[2]
    assert text.startswith("watchword sandbox:")
    assert "aws:ResourceOrgID" in text
