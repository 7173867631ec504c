"""Which statement denied, or which nearly allows: from AWS's text and the policies that could be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from device.published import ACCOUNT, seed
from watchword.aws.user_policies import AppliedPolicy, Origin, Unread, UserPolicies
from watchword.device.denial import Why, why_denied
from watchword.device.denial_text import PolicyType, said
from watchword.device.judge import judge_of
from watchword.device.near import Asked
from watchword.iam import CredentialKind

CREATE, ENABLE, LIST = "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"
USER = f"arn:aws:iam::{ACCOUNT}:user/bob"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/bob"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
EXPLICIT = "with an explicit deny in an identity-based policy"
BY_BOUNDARY = "with an explicit deny in a permissions boundary"
NOT_READ = Unread(what="the attached policies", operation="iam:ListAttachedUserPolicies", code="AccessDenied")


def none_allows(action: str) -> str:
    return f"because no identity-based policy allows the {action} action"


def statement(effect: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 JSON
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": statements}, indent=1)


def applied(text: str, name: str = "P", origin: Origin = Origin.USER, **more: Any) -> AppliedPolicy:  # noqa: ANN401
    return AppliedPolicy(name=name, origin=origin, group=more.get("group"), arn=more.get("arn"), text=text)


def why(
    *documents: AppliedPolicy,
    ending: str,
    action: str = CREATE,
    resource: str = DEVICE,
    arn: str = USER,
    kind: CredentialKind = CredentialKind.ACCESS_KEY,
    unread: tuple[Unread, ...] = (),
) -> Why:
    policies = UserPolicies(name="bob", arn=None, tags={}, documents=documents, unread=unread)
    text = f"User: {arn} is not authorized to perform: {action} on resource: {resource} {ending}"
    asked = Asked(action=action, resource=resource, kind=kind)
    return why_denied(judge_of(policies, arn), asked, said(text))


def test_the_statement_that_denies_is_called_by_its_sid_and_its_policy() -> None:
    deny = policy(statement("Allow", "*"), statement("Deny", "iam:*", Sid="Locked", Condition=NO_MFA))
    found = why(applied(deny, "Force", Origin.GROUP, group="people"), ending=EXPLICIT)
    assert found.words == "`Locked` in the policy `Force` of the group `people` denies it without MFA"
    assert (found.mfa_helps, found.denied, found.found) == (True, True, True)


def test_one_without_a_sid_by_its_number_and_line() -> None:
    deny = policy(statement("Allow", "s3:*"), statement("Deny", "iam:*"))
    words = "the second statement (line 9) of the policy `P` denies it"
    assert why(applied(deny), ending=EXPLICIT).words == words
    in_one_line = json.dumps(json.loads(deny))
    words = "the second statement of the policy `P` denies it"
    assert why(applied(in_one_line), ending=EXPLICIT).words == words
    alone = policy(statement("Deny", "iam:*"))
    assert why(applied(alone), ending=EXPLICIT).words == "the statement of the policy `P` denies it"


def test_a_deny_in_what_was_read_is_certain_whatever_was_not() -> None:
    found = why(applied(policy(statement("Deny", "*", Sid="No"))), ending=EXPLICIT, unread=(NOT_READ,))
    assert found.words == "`No` in the policy `P` denies it"


def test_a_deny_that_is_not_in_what_was_read_is_in_the_rest() -> None:
    found = why(applied(policy(statement("Allow", "*"))), ending=EXPLICIT, unread=(NOT_READ,))
    gap = "not read: the attached policies (`iam:ListAttachedUserPolicies`)"
    assert found.words == f"a policy denies `{CREATE}` on `{DEVICE}` ({gap})"
    assert not found.found


def test_and_where_all_was_read_something_unseen_denies() -> None:
    found = why(applied(policy(statement("Allow", "*"))), ending=EXPLICIT)
    assert found.words == "what can be read does not deny it: another policy does, an SCP perhaps"


def test_a_deny_that_hangs_on_what_nobody_knows_may_be_the_one() -> None:
    office = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    deny = policy(statement("Allow", "*"), statement("Deny", "*", Sid="Office", Condition=office))
    denies = "`Office` in the policy `P` denies it"
    words = why(applied(deny), ending=EXPLICIT).words
    assert words == f"{denies}, by what it says of `aws:SourceIp`", (
        "AWS says that one does: this is the only one"
    )
    words = why(applied(deny), ending=EXPLICIT, unread=(NOT_READ,)).words
    assert words == f"{denies}, it may be, by what it says of `aws:SourceIp`"


def test_a_deny_that_holds_with_mfa_too_is_not_said_to_want_it() -> None:
    found = why(applied(policy(statement("Deny", "*", Sid="No"))), ending=EXPLICIT)
    assert found.mfa_helps is False
    assert "MFA" not in found.words


def test_an_old_mfa_is_told_from_a_fresh_one() -> None:
    old = {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}
    deny = policy(statement("Allow", "*"), statement("Deny", "*", Sid="Old", Condition=old))
    assert why(applied(deny), ending=EXPLICIT).mfa_helps is True
    found = why(applied(deny), ending=EXPLICIT, kind=CredentialKind.SESSION_MFA)
    assert found.words == "`Old` in the policy `P` denies it, by what it says of `aws:MultiFactorAuthAge`"
    assert found.mfa_helps is True


def test_in_a_session_with_mfa_nobody_is_told_that_mfa_lacks() -> None:
    deny = policy(statement("Allow", "*"), statement("Deny", "*", Sid="No"))
    found = why(applied(deny), ending=EXPLICIT, kind=CredentialKind.SESSION_MFA)
    assert found.words == "`No` in the policy `P` denies it"
    assert found.mfa_helps is False


def test_a_deny_that_matches_goes_before_one_that_may() -> None:
    office = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    maybe = statement("Deny", "*", Sid="Office", Condition=office)
    deny = policy(statement("Allow", "*"), maybe, statement("Deny", "*", Sid="Certain"))
    assert why(applied(deny), ending=EXPLICIT).words == "`Certain` in the policy `P` denies it"


def test_where_aws_says_that_none_allows_no_deny_is_blamed() -> None:
    office = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    deny = policy(statement("Allow", "s3:*"), statement("Deny", "*", Sid="Office", Condition=office))
    assert why(applied(deny), ending=none_allows(CREATE)).words.startswith(f"a policy must allow `{CREATE}`")


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("arn:aws:iam::*:mfa/${aws:username}", "bob"),
        ("arn:aws:iam::*:mfa/team-${aws:username}-*", "team-bob-"),
        ("arn:aws:iam::*:mfa/phones/*", None),
    ],
)
def test_a_name_that_is_refused_is_told_the_statement_and_a_name_that_is_not(
    pattern: str, fits: str | None
) -> None:
    allow = applied(policy(statement("Allow", "iam:*VirtualMFADevice", pattern, Sid="Own")))
    found = why(allow, ending=none_allows(CREATE), resource=f"arn:aws:iam::{ACCOUNT}:mfa/phone")
    assert found.words == f"`Own` in the policy `P` allows it on `{pattern}` alone"
    assert found.device_name == fits


def test_another_accounts_number_is_told_from_this_one() -> None:
    copied = applied(seed("4-ManageMFA-corrected", repaired=False), "ManageMFA")
    words = why(copied, ending=none_allows(CREATE)).words
    assert words.endswith(f"allows it in the account 111122223333, and this is {ACCOUNT}")


def test_a_path_that_the_resource_leaves_out_is_named() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/team/blue/bob"
    allow = applied(policy(statement("Allow", ENABLE, "arn:aws:iam::*:user/${aws:username}", Sid="Own")))
    words = why(allow, ending=none_allows(ENABLE), action=ENABLE, resource=arn, arn=arn).words
    only = "`Own` in the policy `P` allows it on `arn:aws:iam::*:user/${aws:username}` alone"
    assert words == f"{only}, and the path `/team/blue/` of the user is not in it"


def test_variables_without_the_version_that_has_them_stand_for_themselves() -> None:
    own = "arn:aws:iam::*:mfa/${aws:username}"
    allow = applied(policy(statement("Allow", CREATE, own, Sid="Own"), version="2008-10-17"))
    assert why(allow, ending=none_allows(CREATE)).words.endswith(
        'without `"Version": "2012-10-17"` a variable stands for itself'
    )


def test_an_allow_with_mfa_only_is_said_to_be_one() -> None:
    allow = applied(policy(statement("Allow", "iam:*", Sid="WithMfa", Condition=MFA)))
    found = why(allow, ending=none_allows(CREATE))
    assert found.words == "`WithMfa` in the policy `P` allows it with MFA only"
    assert found.mfa_helps is True


def test_another_condition_is_quoted() -> None:
    at_home = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    allow = applied(policy(statement("Allow", "iam:*", Sid="Home", Condition=at_home)))
    found = why(allow, ending=none_allows(CREATE))
    held = '`IpAddress aws:SourceIp "192.0.2.0/24"` holds'
    assert found.words == f"`Home` in the policy `P` allows it only where {held}"


def test_where_nothing_comes_near_the_permission_that_lacks_is_named() -> None:
    found = why(applied(policy(statement("Allow", "s3:*"))), ending=none_allows(CREATE))
    assert found.words == f"a policy must allow `{CREATE}` on `{DEVICE}`"
    assert found.found


def test_policies_that_cannot_be_read_are_said_to_be_in_half_a_sentence() -> None:
    found = why(ending=none_allows(CREATE), unread=(NOT_READ,))
    gap = "the policies cannot be read: `iam:ListAttachedUserPolicies`"
    assert found.words == f"a policy must allow `{CREATE}` on `{DEVICE}` ({gap})"


def test_a_document_that_is_no_policy_is_said_to_be_none() -> None:
    found = why(applied(seed("4-ManageMFA"), "ManageMFA"), ending=none_allows(CREATE))
    assert "not read: the policy `ManageMFA`, which is no valid policy" in found.words


def test_aws_and_the_policies_disagree_and_aws_is_right() -> None:
    found = why(applied(policy(statement("Allow", "*"))), ending=none_allows(CREATE))
    assert found.words.startswith("what can be read allows it: a policy was changed a moment ago")
    assert not found.found


def test_the_boundary_is_told_from_the_policies() -> None:
    allow = applied(policy(statement("Allow", "*")))
    bound = applied(policy(statement("Allow", "iam:*", Sid="Mfa", Condition=MFA)), "B", Origin.BOUNDARY)
    found = why(allow, bound, ending=f"because no permissions boundary allows the {CREATE} action")
    assert found.words == (
        f"the permissions boundary does not allow `{CREATE}` on `{DEVICE}`:"
        " `Mfa` in the permissions boundary `B` allows it with MFA only"
    )
    denies = applied(policy(statement("Deny", "*", Sid="No")), "B", Origin.BOUNDARY)
    words = why(allow, denies, ending=BY_BOUNDARY).words
    assert words == "`No` in the permissions boundary `B` denies it"


def test_a_deny_of_another_layer_than_aws_names_is_not_blamed() -> None:
    deny = applied(policy(statement("Deny", "*", Sid="No")))
    found = why(deny, ending=BY_BOUNDARY, unread=(Unread(what="the boundary", operation="", code=""),))
    assert "`No`" not in found.words


@pytest.mark.parametrize("kind", [PolicyType.SERVICE_CONTROL, PolicyType.RESOURCE_CONTROL])
def test_what_an_organization_decides_is_not_looked_for_here(kind: PolicyType) -> None:
    deny = applied(policy(statement("Deny", "*", Sid="No")))
    found = why(deny, ending=f"with an explicit deny in a {kind}")
    assert found.words == f"a {kind} of the organization denies it, which only its administrators can see"
    found = why(deny, ending=f"because no {kind} allows the {CREATE} action")
    assert found.words.startswith(f"a {kind} of the organization does not allow it")


def test_a_role_is_judged_by_its_own_policies_and_has_no_session_to_sign_in_to() -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admins/me"
    deny = applied(policy(statement("Deny", "iam:*", Sid="Guard", Condition=NO_MFA)), "Own", Origin.ROLE)
    found = why(deny, ending=EXPLICIT, arn=arn, kind=CredentialKind.ROLE_SESSION, action=LIST, resource=USER)
    assert found.words == "`Guard` in the policy `Own` denies it"
    assert found.mfa_helps is None


def test_a_role_is_not_told_that_mfa_would_do() -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admins/me"
    allow = applied(policy(statement("Allow", "iam:*", Sid="WithMfa", Condition=MFA)), "Own", Origin.ROLE)
    kind = CredentialKind.ROLE_SESSION
    found = why(allow, ending=none_allows(LIST), arn=arn, kind=kind, action=LIST, resource=USER)
    held = '`Bool aws:MultiFactorAuthPresent "true"` holds'
    assert found.words == f"`WithMfa` in the policy `Own` allows it only where {held}"


def test_tags_that_iam_told_are_known_and_others_absent() -> None:
    tagged = {"StringEquals": {"aws:PrincipalTag/Team": "blue"}}
    deny = policy(statement("Allow", "*"), statement("Deny", "*", Sid="Blue", Condition=tagged))
    policies = UserPolicies(name="bob", arn=USER, tags={"Team": "blue"}, documents=(applied(deny),))
    asked = Asked(action=CREATE, resource=DEVICE, kind=CredentialKind.ACCESS_KEY)
    assert (
        why_denied(judge_of(policies, USER), asked, said(EXPLICIT)).words
        == "`Blue` in the policy `P` denies it"
    )
    untagged = UserPolicies(name="bob", arn=USER, tags={}, documents=(applied(deny),))
    assert not why_denied(judge_of(untagged, USER), asked, said(EXPLICIT)).found


def test_aws_text_says_the_resource_that_it_looked_for() -> None:
    text = (
        f"User: {USER} is not authorized to perform: iam:ListVirtualMFADevices on resource: {{}} {EXPLICIT}"
    )
    assert said(text.format(f"arn:aws:iam::{ACCOUNT}:mfa/")).resource == f"arn:aws:iam::{ACCOUNT}:mfa/"
    assert said(text.format("user bob")).resource is None
    assert said("Access denied").policy_type is None


@pytest.mark.parametrize("ending", [EXPLICIT, ""])
def test_a_deny_that_hangs_on_something_unknown_is_the_one_only_if_aws_says_that_one_denied(
    ending: str,
) -> None:
    office = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    deny = policy(statement("Allow", CREATE), statement("Deny", CREATE, Sid="Office", Condition=office))
    found = why(applied(deny), ending=ending)
    assert found.words.startswith("`Office` in the policy `P` denies it")
    assert ("it may be" in found.words) is not bool(ending)


def test_where_aws_does_not_say_a_missing_allow_goes_before_a_deny_that_may_be_the_one() -> None:
    office = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    deny = policy(statement("Allow", LIST), statement("Deny", CREATE, Sid="Office", Condition=office))
    found = why(applied(deny), ending="")
    assert found.words == f"a policy must allow `{CREATE}` on `{DEVICE}`"
    assert not found.denied
