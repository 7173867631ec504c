"""One action of one subject: a request that is allowed, none, or why that is not known."""

from __future__ import annotations

import pytest

from proof.settle.asking_subjects import ACCOUNT, allow, answer, deny
from watchword.iam import evaluate
from watchword.proof.settle import Answer, Found, Impossible, Undetermined

BUCKET = "arn:aws:s3:::files"


def found(result: Answer) -> Found:
    assert isinstance(result, Found), result
    assert evaluate(result.request, result.policies).allowed
    return result


def test_a_request_is_found_where_an_allow_meets_the_resources_of_the_action() -> None:
    request = found(answer("s3:GetObject", allow("s3:*", f"{BUCKET}/*"))).request
    assert request.resource.startswith(f"{BUCKET}/")


def test_a_bucket_has_no_name_with_a_slash() -> None:
    assert isinstance(answer("s3:DeleteBucket", allow("s3:*", f"{BUCKET}/*")), Impossible)


def test_a_resource_is_found_beside_those_that_are_denied() -> None:
    request = found(
        answer("s3:GetObject", allow("s3:*", f"{BUCKET}/*"), deny("s3:*", [f"{BUCKET}/e*", f"{BUCKET}/x*"]))
    ).request
    assert not request.resource.startswith((f"{BUCKET}/e", f"{BUCKET}/x"))


def test_denies_that_cover_all_that_is_allowed_leave_nothing() -> None:
    result = answer("s3:GetObject", allow("s3:*", f"{BUCKET}/a?"), deny("s3:*", f"{BUCKET}/a*"))
    assert isinstance(result, Impossible)


def test_no_name_reaches_over_the_colons_of_another_pattern() -> None:
    device = f"arn:aws:iam::{ACCOUNT}:mfa/*"
    assert isinstance(answer("iam:DeleteUser", allow("iam:*", device)), Impossible)
    other = "arn:aws:ec2:*:222222222222:*"
    assert isinstance(answer("ec2:TerminateInstances", allow("ec2:*", other)), Impossible)


@pytest.mark.parametrize(
    ("operator", "key", "direct"),
    [
        ("Bool", "key", True),
        ("BoolIfExists", "key", False),
        ("Bool", "session", False),
        ("BoolIfExists", "mfa", True),
    ],
)
def test_the_mfa_of_the_state_decides(operator: str, key: str, direct: bool) -> None:
    result = answer(
        "ec2:DescribeRegions",
        allow("*"),
        deny("*", **{operator: {"aws:MultiFactorAuthPresent": "false"}}),
        state=key,
    )
    assert isinstance(result, Found) is direct
    assert isinstance(result, Impossible) is not direct


def test_a_session_without_mfa_calls_no_iam() -> None:
    assert isinstance(answer("iam:GetUser", allow("iam:*"), state="session"), Impossible)
    found(answer("iam:GetUser", allow("iam:*"), state="console"))


def test_the_boundary_has_to_allow_too() -> None:
    result = answer("s3:GetObject", allow("s3:*", f"{BUCKET}/a*"), boundary=allow("s3:*", f"{BUCKET}/*z"))
    assert found(result).request.resource.startswith(f"{BUCKET}/a")
    none = answer("s3:GetObject", allow("s3:*", f"{BUCKET}/a*"), boundary=allow("s3:*", f"{BUCKET}/b*"))
    assert isinstance(none, Impossible)


def test_an_address_is_found_in_what_a_deny_leaves_of_a_network() -> None:
    result = answer(
        "ec2:DescribeRegions",
        allow("ec2:*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
        deny("ec2:*", IpAddress={"aws:SourceIp": "203.0.113.0/25"}),
    )
    assert found(result).request.folded["aws:sourceip"] == "203.0.113.128"
    none = answer(
        "ec2:DescribeRegions",
        allow("ec2:*", IpAddress={"aws:SourceIp": "203.0.113.0/25"}),
        deny("ec2:*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
    )
    assert isinstance(none, Impossible)


def test_a_call_comes_from_an_address_or_through_an_endpoint() -> None:
    inside = answer("s3:ListAllMyBuckets", allow("s3:*"), deny("s3:*", Null={"aws:SourceVpce": "true"}))
    context = found(inside).request.folded
    assert "aws:sourcevpce" in context
    assert "aws:sourceip" not in context
    both = answer(
        "s3:ListAllMyBuckets",
        allow("s3:*", StringEquals={"aws:SourceVpce": "vpce-1"}, IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
    )
    assert not isinstance(both, Found)


def test_now_and_the_epoch_are_one_moment() -> None:
    early, late = {"aws:EpochTime": "100"}, {"aws:CurrentTime": "2030-01-01T00:00:00Z"}
    apart = answer("ec2:DescribeRegions", allow("ec2:*", DateGreaterThan=late, DateLessThan=early))
    assert isinstance(apart, Impossible)
    after = answer(
        "ec2:DescribeRegions",
        allow("ec2:*", DateGreaterThan=late, DateLessThan={"aws:EpochTime": "1893456002"}),
    )
    assert found(after).request.folded["aws:epochtime"] == "1893456001"


def test_a_long_term_key_has_no_token_that_was_issued() -> None:
    old = deny("*", DateLessThan={"aws:TokenIssueTime": "2030-01-01T00:00:00Z"})
    assert "aws:tokenissuetime" not in found(answer("ec2:DescribeRegions", allow("*"), old)).request.folded
    fresh = found(answer("ec2:DescribeRegions", allow("*"), old, state="console")).request.folded
    assert fresh["aws:tokenissuetime"] == "2030-01-01T00:00:00Z"


def test_the_names_of_tags_are_those_of_the_tags() -> None:
    only_team = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    with_team = answer(
        "ec2:CreateTags", allow("ec2:*", **only_team, StringEquals={"aws:RequestTag/team": "web"})
    )
    assert found(with_team).request.folded["aws:tagkeys"] == ("team",)
    with_owner = answer(
        "ec2:CreateTags", allow("ec2:*", **only_team, StringEquals={"aws:RequestTag/owner": "web"})
    )
    assert not isinstance(with_owner, Found)


def test_each_of_several_values_is_settled() -> None:
    conditions = {
        "ForAllValues:StringLike": {"aws:TagKeys": ["a*", "b*"]},
        "ForAnyValue:StringEquals": {"aws:TagKeys": ["beta"]},
    }
    tags = found(
        answer(
            "ec2:CreateTags",
            allow("ec2:*", **conditions),
            deny("ec2:*", **{"ForAllValues:StringLike": {"aws:TagKeys": "b*"}}),
        )
    ).request.folded["aws:tagkeys"]
    assert isinstance(tags, tuple)
    assert "beta" in tags
    assert any(tag.startswith("a") for tag in tags)


def test_a_key_that_is_always_sent_is_never_left_out() -> None:
    nowhere = allow("ec2:*", StringNotLike={"aws:RequestedRegion": "*"})
    assert isinstance(answer("ec2:DescribeRegions", nowhere), Impossible)
    fresh = allow("ec2:*", Null={"aws:MultiFactorAuthAge": "true"})
    assert isinstance(answer("ec2:DescribeRegions", fresh, state="mfa"), Impossible)


def test_a_key_that_aws_lists_nowhere_is_not_counted_on() -> None:
    result = answer("ec2:DescribeRegions", allow("ec2:*", StringEquals={"foo:bar": "x"}))
    assert isinstance(result, Undetermined)
    assert "`foo:bar`" in result.reason
    assert "statement 0" in result.reason
    found(answer("ec2:DescribeRegions", allow("ec2:*", StringNotEquals={"foo:bar": "x"})))


def test_what_nobody_knows_leaves_it_open() -> None:
    from watchword.iam import UNKNOWN

    by_org = allow("ec2:*", StringEquals={"aws:PrincipalOrgID": "o-1"})
    unknown = answer("ec2:DescribeRegions", by_org, known={"aws:PrincipalOrgID": UNKNOWN})
    assert isinstance(unknown, Undetermined)
    assert isinstance(answer("ec2:DescribeRegions", by_org, known={"aws:PrincipalOrgID": ()}), Impossible)


def test_a_variable_is_the_value_of_this_principal() -> None:
    own = allow("s3:*", f"{BUCKET}/${{aws:username}}/*")
    assert found(answer("s3:GetObject", own)).request.resource.startswith(f"{BUCKET}/alice/")
    absent = allow("s3:*", f"{BUCKET}/${{aws:PrincipalTag/team}}/*")
    assert isinstance(answer("s3:GetObject", absent), Impossible)


def test_lists_are_read_in_both_ways() -> None:
    users = f"arn:aws:iam::{ACCOUNT}:user/*"
    found(answer("iam:ListUsers", allow("iam:*")))
    assert isinstance(answer("iam:ListUsers", allow("iam:*", users)), Undetermined)
    assert isinstance(answer("iam:ListUsers", allow("iam:*", f"{users}x")), Impossible)


def test_a_service_may_do_it_where_a_policy_lets_services() -> None:
    result = answer("ec2:DescribeRegions", allow("*"), deny("*", Bool={"aws:ViaAWSService": "false"}))
    assert isinstance(result, Undetermined)
    assert "aws:ViaAWSService" in result.reason


def test_policies_of_aws_are_read_and_never_changed() -> None:
    aws = "arn:aws:iam::aws:policy/*"
    assert found(answer("iam:GetPolicy", allow("iam:*", aws))).request.resource.startswith(aws[:-1])
    assert isinstance(answer("iam:CreatePolicyVersion", allow("iam:*", aws)), Impossible)


def test_a_role_without_its_trust_policy_is_open() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/admin"
    result = answer("sts:AssumeRole", allow("sts:*"), resource=role)
    assert isinstance(result, Undetermined)
    assert "trust policy" in result.reason


def test_fixed_keys_are_kept() -> None:
    from proof.settle.asking_subjects import subject, universe
    from watchword.proof.settle import solve

    passes = subject(allow("iam:PassRole", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"}))
    for service, outcome in (("ec2.amazonaws.com", Found), ("lambda.amazonaws.com", Impossible)):
        fixed = {"iam:PassedToService": service}
        assert isinstance(solve(passes, "iam:PassRole", universe=universe(), fixed=fixed), outcome)


def test_more_to_try_than_is_tried_is_said() -> None:
    denies = [
        deny("s3:*", StringEquals={"s3:prefix": f"a{at}"}, StringLike={"aws:UserAgent": f"b{at}*"})
        for at in range(12)
    ]
    found(answer("s3:ListBucket", allow("s3:*"), *denies))
