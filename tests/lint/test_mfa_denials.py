"""Denials for lack of MFA: what they leave open, whom they lock out, and whom they must not reach."""

from __future__ import annotations

import pytest

from lint.documents import (
    AGE,
    ENROLLING,
    PRESENT,
    WITH_MFA,
    WITHOUT_MFA,
    allow,
    deny,
    deny_all_but,
    findings,
    named,
    rules_of,
    source,
    text_of,
)
from watchword.iam import PolicyKind
from watchword.lint import AttachedTo, Severity

NO_ROLE = {"StringEquals": {"aws:PrincipalType": "User"}}


def test_a_denial_that_exempts_what_enrolling_takes_is_right() -> None:
    assert findings(deny_all_but(*ENROLLING)) == ()
    assert findings(deny_all_but(*ENROLLING, condition={"Null": {AGE: "true"}})) == ()


# -- exempt services and actions


@pytest.mark.parametrize(
    ("entry", "severity", "says"),
    [
        ("iam:*", Severity.ERROR, "take devices away"),
        ("IAM:*", Severity.ERROR, "`iam:*` is exempt"),
        ("sts:*", Severity.ERROR, "all of `sts` stays open"),
        ("kms:*", Severity.WARNING, "all of `kms` stays open"),
        ("nosuchservice:*", Severity.WARNING, "every action of the service"),
        ("*", Severity.ERROR, "the statement denies nothing"),
    ],
)
def test_an_exempt_service_stays_open(entry: str, severity: Severity, says: str) -> None:
    statement = deny_all_but(*ENROLLING, entry)
    (finding,) = named("mfa-exempt-service", findings(statement))
    assert finding.severity is severity
    assert says in finding.message
    assert source(finding, text_of(statement)) == f'"{entry}"'


@pytest.mark.parametrize("entry", ["iam:Get*", "iam:List*", "ec2:Describe*", "kms:Decrypt"])
def test_an_exempt_wildcard_that_reads_is_right(entry: str) -> None:
    assert rules_of(findings(deny_all_but(*ENROLLING, entry))) == []


@pytest.mark.parametrize(
    ("entry", "severity", "says"),
    [
        ("iam:CreateAccessKey", Severity.ERROR, "this gives, or keeps, access"),
        ("iam:*AccessKey*", Severity.ERROR, "`iam:CreateAccessKey`"),
        ("iam:UpdateLoginProfile", Severity.ERROR, "this gives, or keeps, access"),
        ("iam:Attach*", Severity.ERROR, "`iam:AttachUserPolicy` stay open"),
        ("iam:DeactivateMFADevice", Severity.WARNING, "can take a device away"),
        ("iam:DeleteSSHPublicKey", Severity.WARNING, "enrolling a device does not take this"),
        ("sts:AssumeRole", Severity.WARNING, "every role whose trust policy does not ask for it"),
    ],
)
def test_an_exempt_action_that_enrolling_does_not_take(entry: str, severity: Severity, says: str) -> None:
    (finding,) = named("mfa-exempt-action", findings(deny_all_but(*ENROLLING, entry)))
    assert finding.severity is severity
    assert says in finding.message


@pytest.mark.parametrize(
    "entry", ["iam:DeleteVirtualMFADevice", "iam:ResyncMFADevice", "iam:GetUser", "codecommit:GitPush"]
)
def test_an_exempt_action_for_ones_own_device_or_of_another_service_is_right(entry: str) -> None:
    assert rules_of(findings(deny_all_but(*ENROLLING, entry))) == []


def test_what_a_deny_misses_it_exempts_all_the_same() -> None:
    misses = deny_all_but(*ENROLLING, "iam:*", condition={"Bool": {PRESENT: "false"}})
    assert set(rules_of(findings(misses))) == {"mfa-deny-bool", "mfa-exempt-service"}


def test_a_deny_that_is_not_about_mfa_may_exempt_what_it_likes() -> None:
    region = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    assert rules_of(findings(deny_all_but("iam:*", "sts:*", condition=region))) == []


# -- lists and resources


def test_a_list_of_services_leaves_iam_open() -> None:
    (finding,) = findings(deny(WITHOUT_MFA, ["ec2:*", "s3:*"]))
    assert (finding.rule, finding.severity) == ("mfa-deny-list", Severity.WARNING)
    assert "`iam:CreateAccessKey`" in finding.message


def test_a_list_beside_an_allow_of_iam_leaves_that_open() -> None:
    (finding,) = findings(
        allow(None, ["iam:CreateAccessKey"], Sid="Keys"), deny(WITHOUT_MFA, "ec2:StopInstances")
    )
    assert finding.rule == "mfa-deny-list"
    assert "`Keys` allows `iam:CreateAccessKey` without MFA" in finding.message


@pytest.mark.parametrize(
    "statements",
    [
        [deny(WITHOUT_MFA, ["ec2:StopInstances", "ec2:TerminateInstances"])],
        [allow(None, "ec2:*"), deny(WITHOUT_MFA, ["ec2:StopInstances"])],
        [allow(WITH_MFA, "iam:*"), deny(WITHOUT_MFA, ["ec2:StopInstances"])],
        [deny(WITHOUT_MFA, ["ec2:*"]), deny_all_but(*ENROLLING)],
    ],
    ids=["a short list", "beside an Allow of the service", "beside an Allow with MFA", "beside a total Deny"],
)
def test_a_list_that_leaves_no_way_round_is_right(statements: list[dict[str, object]]) -> None:
    assert "mfa-deny-list" not in rules_of(findings(*statements))


def test_a_denial_of_all_but_on_some_resources_leaves_the_others_open() -> None:
    scoped = deny_all_but(*ENROLLING, Resource=["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"])
    (finding,) = named("mfa-deny-resource", findings(scoped))
    assert source(finding, text_of(scoped)) == '"arn:aws:s3:::bucket"'
    spared = deny_all_but(*ENROLLING)
    del spared["Resource"]
    assert named("mfa-deny-resource", findings({**spared, "NotResource": "arn:aws:s3:::public/*"}))


def test_a_denial_of_some_actions_on_some_resources_is_right() -> None:
    assert rules_of(findings(deny(WITHOUT_MFA, "s3:DeleteObject", Resource="arn:aws:s3:::bucket/*"))) == []


# -- enrolling, and the first password


@pytest.mark.parametrize(
    ("exempt", "refused"),
    [
        (["iam:ListMFADevices"], "`iam:CreateVirtualMFADevice` and `iam:EnableMFADevice` are denied"),
        (["iam:CreateVirtualMFADevice"], "`iam:EnableMFADevice` is denied"),
        (["iam:EnableMFADevice", "iam:ListMFADevices"], "`iam:CreateVirtualMFADevice` is denied"),
    ],
)
def test_a_denial_of_enrolling_locks_new_users_out(exempt: list[str], refused: str) -> None:
    (finding,) = named("mfa-enrolment", findings(deny_all_but(*exempt)))
    assert finding.severity is Severity.ERROR
    assert refused in finding.message


@pytest.mark.parametrize("action", ["*", "iam:*", "iam:*MFADevice"])
def test_a_list_that_covers_enrolling_locks_new_users_out(action: str) -> None:
    assert "mfa-enrolment" in rules_of(findings(deny(WITHOUT_MFA, action)))


def test_a_denial_of_listing_devices_is_a_note() -> None:
    exempt = ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
    (finding,) = findings(deny_all_but(*exempt))
    assert (finding.rule, finding.severity) == ("mfa-enrolment", Severity.NOTE)


@pytest.mark.parametrize(
    "exempt",
    [["iam:*"], ["iam:*MFADevice", "iam:ListMFADevices"], ["IAM:createvirtualmfadevice", "iam:ENABLE*"]],
)
def test_enrolling_may_be_exempt_by_a_wildcard(exempt: list[str]) -> None:
    found = named("mfa-enrolment", findings(deny_all_but(*exempt)))
    assert [each for each in found if each.severity is Severity.ERROR] == []


def test_denials_that_cannot_keep_users_from_enrolling_are_right() -> None:
    on_a_bucket = deny_all_but("iam:ChangePassword", Resource="arn:aws:s3:::bucket/*")
    assert "mfa-enrolment" not in rules_of(findings(on_a_bucket))
    to_a_role = findings(deny_all_but("iam:ChangePassword"), attached_to=AttachedTo.ROLE)
    assert "mfa-enrolment" not in rules_of(to_a_role)


def test_a_denial_of_the_first_password_is_a_note() -> None:
    exempt = [each for each in ENROLLING if each != "iam:ChangePassword"]
    (finding,) = findings(deny_all_but(*exempt))
    assert (finding.rule, finding.severity) == ("mfa-first-password", Severity.NOTE)


# -- names of devices

OWN = "arn:aws:iam::*:mfa/${aws:username}"
CREATE = "iam:CreateVirtualMFADevice"


@pytest.mark.parametrize("action", [CREATE, "iam:*VirtualMFADevice", "iam:*", "*"])
@pytest.mark.parametrize("resource", [OWN, "arn:aws:iam::864213570975:mfa/${AWS:UserName}"])
def test_a_device_of_the_users_own_name_only(action: str, resource: str) -> None:
    statement = allow(None, action, Resource=["arn:aws:iam::*:user/${aws:username}", resource])
    (finding,) = named("mfa-device-name", findings(statement))
    assert source(finding, text_of(statement)) == f'"{resource}"'


@pytest.mark.parametrize(
    "statements",
    [
        [allow(None, CREATE, Resource="arn:aws:iam::*:mfa/*")],
        [allow(None, CREATE, Resource=[OWN, "arn:aws:iam::*:mfa/*"])],
        [allow(None, "iam:*VirtualMFADevice", Resource=OWN), allow(None, CREATE)],
        [allow(None, "iam:DeleteVirtualMFADevice", Resource=OWN)],
        [allow(None, "iam:EnableMFADevice", Resource="arn:aws:iam::*:user/${aws:username}")],
        [deny(None, CREATE, Resource=OWN)],
    ],
    ids=["any name", "both", "another statement", "deleting", "enabling", "a Deny"],
)
def test_devices_of_other_names_are_taken(statements: list[dict[str, object]]) -> None:
    assert "mfa-device-name" not in rules_of(findings(*statements))


# -- roles


@pytest.mark.parametrize(
    ("kind", "attached_to", "severity"),
    [
        (None, AttachedTo.ROLE, Severity.ERROR),
        (PolicyKind.SERVICE_CONTROL, None, Severity.ERROR),
        (None, None, Severity.NOTE),
    ],
)
def test_a_denial_that_reaches_roles(
    kind: PolicyKind | None, attached_to: AttachedTo | None, severity: Severity
) -> None:
    found = findings(deny_all_but(*ENROLLING), kind=kind, attached_to=attached_to)
    (finding,) = named("mfa-deny-role", found)
    assert finding.severity is severity


def test_an_rcp_reaches_roles() -> None:
    statement = deny(WITHOUT_MFA, "s3:*", Principal="*")
    found = findings(statement, kind=PolicyKind.RESOURCE_CONTROL, attached_to=None)
    assert [each.severity for each in named("mfa-deny-role", found)] == [Severity.ERROR]


@pytest.mark.parametrize("attached_to", [AttachedTo.USER, AttachedTo.GROUP])
def test_a_denial_attached_to_users_is_right(attached_to: AttachedTo) -> None:
    assert findings(deny_all_but(*ENROLLING), attached_to=attached_to) == ()


@pytest.mark.parametrize(
    "spares",
    [
        NO_ROLE,
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}},
        {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
        {"StringNotEquals": {"aws:PrincipalType": "AssumedRole"}},
        {"Null": {"aws:username": "false"}},
        {"StringLike": {"aws:username": "*"}},
    ],
    ids=str,
)
def test_a_condition_that_no_role_meets_spares_roles(spares: dict[str, object]) -> None:
    statement = deny_all_but(*ENROLLING, condition={**WITHOUT_MFA, **spares})
    found = findings(statement, kind=PolicyKind.SERVICE_CONTROL, attached_to=None)
    assert "mfa-deny-role" not in rules_of(found)


@pytest.mark.parametrize(
    "spares",
    [
        {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"StringLike": {"aws:userid": "AIDA*"}},
        {"BoolIfExists": {PRESENT: "false", "aws:ViaAWSService": "false"}},
    ],
    ids=str,
)
def test_another_condition_does_not(spares: dict[str, object]) -> None:
    statement = deny_all_but(*ENROLLING, condition={**WITHOUT_MFA, **spares})
    found = findings(statement, kind=PolicyKind.SERVICE_CONTROL, attached_to=None)
    assert "mfa-deny-role" in rules_of(found)


@pytest.mark.parametrize(
    ("principal", "reached"),
    [
        ("*", True),
        ({"AWS": "arn:aws:iam::864213570975:root"}, True),
        ({"AWS": "arn:aws:iam::864213570975:role/app"}, True),
        ({"AWS": "arn:aws:iam::864213570975:user/alice"}, False),
    ],
)
def test_a_resource_policys_denial_reaches_the_roles_it_names(principal: object, reached: bool) -> None:
    statement = deny({"Null": {AGE: "true"}}, "s3:*", Principal=principal, Resource="arn:aws:s3:::b/*")
    found = named("mfa-deny-role", findings(statement, kind=PolicyKind.RESOURCE, attached_to=None))
    assert [each.severity for each in found] == [Severity.NOTE] * reached


def test_a_roles_own_sessions_asked_for_mfa_have_none() -> None:
    (finding,) = findings(allow(WITH_MFA), attached_to=AttachedTo.ROLE)
    assert (finding.rule, finding.severity) == ("mfa-allow-role", Severity.WARNING)
    assert findings(allow(WITH_MFA), attached_to=None) == ()


# -- trust policies

ROOT = {"AWS": "arn:aws:iam::864213570975:root"}


def trust(principal: object, condition: object = None, effect: str = "Allow") -> dict[str, object]:
    statement: dict[str, object] = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return statement if condition is None else {**statement, "Condition": condition}


@pytest.mark.parametrize(
    "principal", [ROOT, {"AWS": "864213570975"}, {"AWS": ["arn:aws:iam::864213570975:user/alice"]}], ids=str
)
def test_a_role_that_users_may_assume_without_mfa_is_a_note(principal: object) -> None:
    found = findings(trust(principal), attached_to=None)
    assert rules_of(found) == ["mfa-trust-optional"]
    assert found[0].severity is Severity.NOTE


@pytest.mark.parametrize(
    "statements",
    [
        [trust(ROOT, WITH_MFA)],
        [trust(ROOT), trust("*", WITHOUT_MFA, "Deny")],
        [trust(ROOT, {"StringEquals": {"sts:ExternalId": "x"}})],
        [trust(ROOT, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::864213570975:role/ci-*"}})],
        [trust({"Service": "ec2.amazonaws.com"})],
        [trust({"AWS": "arn:aws:iam::864213570975:role/app"})],
        [trust(ROOT, effect="Deny")],
    ],
    ids=["with MFA", "a Deny", "a third party", "roles of a name", "a service", "a role", "only a Deny"],
)
def test_a_role_that_asks_for_mfa_or_is_for_programs_is_right(statements: list[dict[str, object]]) -> None:
    assert rules_of(findings(*statements, attached_to=None)) == []


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ({"BoolIfExists": {PRESENT: "true"}}, "mfa-allow-if-exists"),
        ({"ForAllValues:Bool": {PRESENT: "true"}}, "mfa-set-operator"),
        ({"NumericLessThanIfExists": {AGE: "3600"}}, "mfa-allow-if-exists"),
    ],
)
def test_a_trust_policy_that_asks_in_vain_is_an_error(condition: object, rule: str) -> None:
    found = findings(trust(ROOT, condition), attached_to=None)
    assert rules_of(found) == [rule]
    assert [each.severity for each in named(rule, found)] == [Severity.ERROR]


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": "ec2.amazonaws.com"},
        {"Federated": "arn:aws:iam::864213570975:saml-provider/idp"},
    ],
)
def test_services_and_identity_providers_asked_for_mfa_are_kept_out(principal: object) -> None:
    (finding,) = named("mfa-trust-never", findings(trust(principal, WITH_MFA), attached_to=None))
    assert finding.severity is Severity.WARNING


def test_a_deny_of_everybody_is_no_denial_for_lack_of_mfa() -> None:
    everybody = {"BoolIfExists": {PRESENT: ["true", "false"]}}
    assert rules_of(findings(deny_all_but("iam:*", condition=everybody))) == ["mfa-value"]
