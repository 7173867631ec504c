"""The policies of a user and a role, read from an account: all of them, and what may not be read noted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import Key, LocalAws
from watchword.aws import Refusal, Unreachable, call_as, read_chain
from watchword.aws.caller import TWICE
from watchword.aws.user_policies import (
    Origin,
    PolicyReader,
    UserPolicies,
    read_role_policies,
    read_user_policies,
)
from watchword.fastpath.session_file import Credentials

LISTS = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}}
# Three lines, and a key that stands twice: neither may be lost on the way.
TEXT = '{"Version": "2012-10-17",\n "Statement": [\n {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


class Counted:
    """Signs as another; counts what is asked, and loses the answer to one operation."""

    def __init__(self, signed: Any, *, loses: str = "") -> None:  # noqa: ANN401 whoever signs
        self.asked: list[str] = []
        self._signed = signed
        self._loses = loses

    def call(self, service: str, operation: str, *, _attempts: int = TWICE, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        self.asked.append(operation)
        if operation == self._loses:
            raise Unreachable("no answer", endpoint="here", request_left=True)
        answer: dict[str, Any] = self._signed.call(service, operation, _attempts=_attempts, **params)
        return answer


@pytest.fixture
def root(sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 whoever signs
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return read_chain("root").key


@pytest.fixture
def held(sandbox: LocalAws) -> str:
    """A user with a policy of each kind."""
    iam, name = sandbox.client("iam"), "Held"
    iam.create_user(UserName=name, Path="/team/", Tags=[{"Key": "Team", "Value": "blue"}])
    iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=TEXT)
    boundary = iam.create_policy(PolicyName="Bound", PolicyDocument=json.dumps(LISTS))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    arn = iam.create_policy(PolicyName="Mine", PolicyDocument=json.dumps(LISTS))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=TEXT, SetAsDefault=True)
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    iam.create_group(GroupName="people")
    iam.put_group_policy(GroupName="people", PolicyName="ofPeople", PolicyDocument=TEXT)
    iam.attach_group_policy(GroupName="people", PolicyArn="arn:aws:iam::aws:policy/IAMUserChangePassword")
    iam.add_user_to_group(GroupName="people", UserName=name)
    return name


def key_of(sandbox: LocalAws, name: str, policy: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 whoever signs
    """Whoever signs with a session of the user, who may do no more than the policy says."""
    iam = sandbox.client("iam")
    if policy is not None:
        iam.put_user_policy(UserName=name, PolicyName="reads", PolicyDocument=json.dumps(policy))
    key = Key.of(iam.create_access_key(UserName=name)["AccessKey"])
    serial = sandbox.device(name)
    session = sandbox.session(key, serial)
    credentials = Credentials(
        access_key_id=session.access_key_id,
        secret_access_key=session.secret_access_key,
        session_token=session.session_token or "",
        expires_at=sandbox.inner.clock.now(),
    )
    return call_as(read_chain("root").settings, credentials)


def called(policies: UserPolicies) -> list[tuple[str, str | None, str]]:
    return [(each.origin.value, each.group, each.name) for each in policies.documents]


def test_all_that_applies_to_a_user_is_read_as_it_is_stored(root: Any, held: str) -> None:  # noqa: ANN401
    policies = read_user_policies(root, held)
    assert called(policies) == [
        ("user", None, "inline"),
        ("user", None, "Mine"),
        ("group", "people", "ofPeople"),
        ("group", "people", "IAMUserChangePassword"),
        ("boundary", None, "Bound"),
    ]
    assert policies.unread == ()
    inline, mine, of_people, of_aws, bound = policies.documents
    assert inline.text == mine.text == of_people.text == TEXT, "the default version, line by line"
    assert "iam:ChangePassword" in of_aws.text
    assert (of_aws.is_of_aws, mine.is_of_aws, inline.is_of_aws) == (True, False, False)
    assert policies.boundary == bound
    assert bound not in policies.identity
    assert (policies.arn, policies.tags) == ("arn:aws:iam::123456789012:user/team/Held", {"Team": "blue"})


def test_a_role_has_policies_of_its_own(root: Any, sandbox: LocalAws) -> None:  # noqa: ANN401
    iam = sandbox.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust_policy = json.dumps({"Version": "2012-10-17", "Statement": trust})
    iam.create_role(RoleName="Admins", Path="/ops/", AssumeRolePolicyDocument=trust_policy)
    iam.put_role_policy(RoleName="Admins", PolicyName="own", PolicyDocument=TEXT)
    policies = read_role_policies(root, "Admins")
    assert called(policies) == [("role", None, "own")]
    assert policies.arn == "arn:aws:iam::123456789012:role/ops/Admins"
    assert not policies.unread


def test_what_may_not_be_read_is_noted_and_the_rest_is_read(sandbox: LocalAws, held: str, root: Any) -> None:  # noqa: ANN401
    """Held's boundary leaves lists alone: what is in the policies stays closed."""
    policies = read_user_policies(key_of(sandbox, held, LISTS), held)
    assert policies.documents == ()
    assert {(each.operation, each.code) for each in policies.unread} == {
        ("iam:GetUserPolicy", "AccessDenied"),
        ("iam:GetPolicy", "AccessDenied"),
        ("iam:GetGroupPolicy", "AccessDenied"),
        ("iam:GetUser", "AccessDenied"),
    }
    assert "the inline policy `ofPeople` of the group `people`" in {each.what for each in policies.unread}
    assert {each.operation for each in policies.unread if each.boundary} == {"iam:GetUser"}
    assert policies.tags is None, "that nobody told them is not that there are none"


def test_who_may_read_nothing_learns_which_permissions_lack(sandbox: LocalAws, root: Any) -> None:  # noqa: ANN401
    sandbox.client("iam").create_user(UserName="Nothing")
    policies = read_user_policies(key_of(sandbox, "Nothing"), "Nothing")
    assert [each.operation for each in policies.unread] == [
        "iam:ListUserPolicies",
        "iam:ListAttachedUserPolicies",
        "iam:ListGroupsForUser",
        "iam:GetUser",
    ]


def test_a_user_that_is_not_there_is_no_user_without_policies(root: Any) -> None:  # noqa: ANN401
    with pytest.raises(Refusal, match="NoSuchEntity"):
        read_user_policies(root, "Nobody")


def test_what_many_have_in_common_is_read_once(root: Any, held: str, sandbox: LocalAws) -> None:  # noqa: ANN401
    iam = sandbox.client("iam")
    iam.create_user(UserName="Second")
    iam.add_user_to_group(GroupName="people", UserName="Second")
    counted = Counted(root)
    reader = PolicyReader(signed=counted)
    reader.of_user(held)
    counted.asked.clear()
    assert called(reader.of_user("Second"))[:1] == [("group", "people", "ofPeople")]
    assert counted.asked == [
        "ListUserPolicies",
        "ListAttachedUserPolicies",
        "ListGroupsForUser",
        "GetUser",
    ]


def test_nothing_more_is_asked_when_aws_is_out_of_reach(root: Any, held: str) -> None:  # noqa: ANN401
    counted = Counted(root, loses="ListAttachedUserPolicies")
    policies = read_user_policies(counted, held)
    assert counted.asked[-1] == "ListAttachedUserPolicies"
    assert called(policies) == [("user", None, "inline")]
    assert {each.code for each in policies.unread} == {""}
    assert any(each.boundary for each in policies.unread)


def test_every_page_is_read(held: str) -> None:
    class Pages:
        def call(
            self,
            service: str,
            operation: str,
            *,
            _attempts: int = TWICE,
            **params: Any,  # noqa: ANN401 AWS's own shapes
        ) -> dict[str, Any]:
            assert (service, params["UserName"]) == ("iam", held)
            match operation, params.get("Marker"):
                case "ListUserPolicies", None:
                    return {"PolicyNames": ["one"], "IsTruncated": True, "Marker": "m"}
                case "ListUserPolicies", "m":
                    return {"PolicyNames": ["two"], "IsTruncated": False}
                case "GetUserPolicy", _:
                    return {"PolicyDocument": "%7B%22a%22%3A%20%22%2B%25%22%7D"}
                case "GetUser", _:
                    return {"User": {"Arn": "arn:aws:iam::123456789012:user/x", "UserId": "AIDA"}}
                case _:
                    return {"Groups": [], "AttachedPolicies": []}

    policies = read_user_policies(Pages(), held)
    assert [(each.name, each.text) for each in policies.documents] == [
        ("one", '{"a": "+%"}'),
        ("two", '{"a": "+%"}'),
    ]
    assert {each.origin for each in policies.documents} == {Origin.USER}
