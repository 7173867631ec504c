"""An account of any size, made up from a seed: people, machines, and policies such as accounts have.

`python tests/accounts/generated.py PRINCIPALS [SEED] > FILE` writes its snapshot. The same numbers give the
same account. Two fifths of the principals are users, the others roles; there are AWS's own managed policies
(as moto ships them), policies of the account with conditions, and a policy of its own for most machines.
Forcing MFA is done rightly in some groups, and in others in the ways in which it goes wrong.
"""

from __future__ import annotations

import functools
import json
import random
import string
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from watchword.account.read import write_snapshot
from watchword.account.snapshot import (
    ROOT_USER,
    AccessKey,
    ControlPolicy,
    Group,
    InlinePolicy,
    Level,
    LoginProfile,
    ManagedPolicy,
    MfaDevice,
    Organization,
    PasswordPolicy,
    PolicyVersion,
    ResourcePolicy,
    Role,
    Snapshot,
    User,
)

ACCOUNT: Final = "123456789012"
_TAKEN: Final = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
_AWS: Final = "arn:aws:iam::aws:policy"
_FOR_PEOPLE: Final = (
    "ReadOnlyAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
    "PowerUserAccess",
    "AmazonS3FullAccess",
    "AmazonEC2FullAccess",
    "AmazonDynamoDBFullAccess",
    "AWSLambda_FullAccess",
    "CloudWatchFullAccess",
    "IAMReadOnlyAccess",
    "Billing",
    "DatabaseAdministrator",
    "NetworkAdministrator",
    "DataScientist",
    "SupportUser",
    "SystemAdministrator",
    "IAMUserChangePassword",
)
_FOR_MACHINES: Final = (
    "AWSLambdaBasicExecutionRole",
    "AmazonSSMManagedInstanceCore",
    "AmazonS3ReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AmazonEKSClusterPolicy",
    "AmazonEC2ContainerServiceforEC2Role",
    "SecretsManagerReadWrite",
    "AmazonSNSReadOnlyAccess",
    "CloudWatchAgentServerPolicy",
    "AmazonECSTaskExecutionRolePolicy",
)
_SERVICES: Final = ("lambda", "ec2", "ecs-tasks", "glue", "codebuild", "sagemaker", "states")
_TEAMS: Final = ("web", "data", "mobile", "billing", "search", "infra", "ml", "growth")
_REGIONS: Final = ("eu-west-1", "eu-central-1", "us-east-1")
_SELF_SERVICE: Final = [
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
]
_WITH_MFA: Final = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

Statement = dict[str, Any]


def generated(principals: int, seed: int = 1) -> Snapshot:
    """Return the snapshot of an account with so many users and roles."""
    return _Made(principals, random.Random(seed)).snapshot()  # noqa: S311 - the same each time


class _Made:
    def __init__(self, principals: int, chance: random.Random) -> None:
        self.chance = chance
        self.users = principals * 2 // 5
        self.roles = principals - self.users
        self.managed: dict[str, ManagedPolicy] = {}

    def snapshot(self) -> Snapshot:
        groups = self._groups()
        users = tuple(self._user(number, groups) for number in range(self.users))
        roles = tuple(self._role(number) for number in range(self.roles))
        keys, profiles, devices = self._credentials(users)
        return Snapshot(
            watchword="0",
            account_id=ACCOUNT,
            alias="generated",
            taken_at=_TAKEN,
            taken_by=f"arn:aws:iam::{ACCOUNT}:user/auditor",
            source="read",
            users=tuple(sorted(users, key=lambda user: user.name)),
            groups=groups,
            roles=tuple(sorted(roles, key=lambda role: role.name)),
            policies=tuple(sorted(self.managed.values(), key=lambda policy: policy.arn)),
            login_profiles=profiles,
            access_keys=keys,
            mfa_devices=devices,
            unassigned_devices=(),
            credential_report=_report(users, keys, profiles, devices),
            account_summary={"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "Users": len(users)},
            password_policy=PasswordPolicy(custom=True, minimum_length=14),
            organization=_organization(),
            resource_policies=self._resource_policies(),
        )

    # -- people

    def _groups(self) -> tuple[Group, ...]:
        """Groups that force MFA, rightly and wrongly; one a team; and the administrators."""
        forcing = [
            self._group(name, inline=[(name, [_ALLOW_SELF, statement])])
            for name, statement in _FORCING.items()
        ]
        teams = [self._team(f"{team}-{number}") for number in range(self._copies()) for team in _TEAMS]
        admins = self._group("administrators", attached=[self._aws("AdministratorAccess")])
        return tuple(sorted((*forcing, *teams, admins), key=lambda group: group.name))

    def _copies(self) -> int:
        return 1 + self.users // 1000

    def _team(self, name: str) -> Group:
        own = self._own_policy(f"{name}-people", _for_team(name))
        given = self.chance.sample(_FOR_PEOPLE, 2)
        return self._group(name, attached=[own, *(self._aws(each) for each in given)])

    def _group(
        self,
        name: str,
        *,
        attached: Sequence[str] = (),
        inline: Sequence[tuple[str, list[Statement]]] = (),
    ) -> Group:
        return Group(
            arn=f"arn:aws:iam::{ACCOUNT}:group/{name}",
            id=self._id("AGPA"),
            name=name,
            created=_TAKEN - timedelta(days=900),
            inline=tuple(InlinePolicy(name=each, document=_document(what)) for each, what in inline),
            attached=tuple(sorted(attached)),
        )

    def _user(self, number: int, groups: Sequence[Group]) -> User:
        chance = self.chance
        name = f"{chance.choice(_TEAMS)}-user-{number:05}"
        teams = [group.name for group in groups if group.name[-1].isdigit()]
        member = set(chance.sample(teams, chance.choice((1, 1, 1, 2))))
        if chance.random() < 0.95:
            member.add(chance.choices(tuple(_FORCING), weights=(80, 8, 6, 6))[0])
        if chance.random() < 0.02:
            member.add("administrators")
        own = [("own", [_allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::home/{name}/*")])]
        return User(
            arn=f"arn:aws:iam::{ACCOUNT}:user/people/{name}",
            id=self._id("AIDA"),
            name=name,
            path="/people/",
            created=_TAKEN - timedelta(days=chance.randrange(1, 2000)),
            groups=tuple(sorted(member)),
            inline=tuple(
                InlinePolicy(name=each, document=_document(what))
                for each, what in own
                if chance.random() < 0.1
            ),
            attached=(self._aws(chance.choice(_FOR_PEOPLE)),) if chance.random() < 0.15 else (),
            boundary=self._boundary() if chance.random() < 0.05 else None,
            tags={"team": name.partition("-")[0]} if chance.random() < 0.6 else {},
        )

    def _credentials(
        self, users: Sequence[User]
    ) -> tuple[tuple[AccessKey, ...], tuple[LoginProfile, ...], tuple[MfaDevice, ...]]:
        chance = self.chance
        keys, profiles = [], []
        devices = [MfaDevice(user=ROOT_USER, serial=f"arn:aws:iam::{ACCOUNT}:mfa/root", kind="virtual")]
        for user in sorted(users, key=lambda each: each.name):
            for _ in range(chance.choice((0, 1, 1, 2))):
                is_active = chance.random() < 0.9
                keys.append(
                    AccessKey(
                        user=user.name,
                        id=self._id("AKIA"),
                        status="Active" if is_active else "Inactive",
                        created=_TAKEN,
                    )
                )
            if chance.random() < 0.6:
                profiles.append(LoginProfile(user=user.name, created=_TAKEN))
            if chance.random() < 0.7:
                devices.append(self._device(user.name))
        return tuple(keys), tuple(profiles), tuple(devices)

    def _device(self, user: str) -> MfaDevice:
        match self.chance.choices(("virtual", "fido", "hardware"), weights=(8, 1, 1))[0]:
            case "virtual":
                serial = f"arn:aws:iam::{ACCOUNT}:mfa/{user}"
                return MfaDevice(user=user, serial=serial, enabled=_TAKEN, kind="virtual")
            case "fido":
                serial = f"arn:aws:iam::{ACCOUNT}:u2f/user/{user}/key"
                return MfaDevice(user=user, serial=serial, enabled=_TAKEN, kind="fido")
            case _:
                serial = "GAHT" + "".join(self.chance.choices(string.digits, k=8))
                return MfaDevice(user=user, serial=serial, enabled=_TAKEN, kind="hardware")

    # -- machines

    def _role(self, number: int) -> Role:
        chance = self.chance
        what = chance.choices(
            ("service", "people", "partner", "pipeline", "sso"), weights=(70, 12, 3, 10, 5)
        )[0]
        name = f"{chance.choice(_TEAMS)}-{what}-{number:05}"
        attached = {self._aws(chance.choice(_FOR_MACHINES if what == "service" else _FOR_PEOPLE))}
        if chance.random() < 0.02:
            attached.add(self._aws("AdministratorAccess"))
        own = _for_machine(name, chance)
        if chance.random() < 0.3:
            attached.add(self._own_policy(name, own))
        service = chance.choice(_SERVICES)
        profile = f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}"
        return Role(
            arn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
            id=self._id("AROA"),
            name=name,
            trust=_document([_trust(what, service, chance)]),
            created=_TAKEN - timedelta(days=chance.randrange(1, 2000)),
            inline=(InlinePolicy(name="own", document=_document(own)),) if chance.random() < 0.6 else (),
            attached=tuple(sorted(attached)),
            boundary=self._boundary() if chance.random() < 0.05 else None,
            tags={"team": name.partition("-")[0]} if chance.random() < 0.4 else {},
            max_session_seconds=3600,
            instance_profiles=(profile,) if service == "ec2" and what == "service" else (),
        )

    # -- policies

    def _aws(self, name: str) -> str:
        """Return the ARN of one of AWS's policies, which the account then has."""
        entry = _aws_policies()[name]
        path = entry["Path"]
        arn = f"{_AWS}{path}{name}"
        version = entry["DefaultVersionId"]
        document = json.dumps(entry["Document"], indent=4)
        self.managed.setdefault(arn, _managed(arn, name, path, version, document, self._id("ANPA")))
        return arn

    def _own_policy(self, name: str, statements: list[Statement]) -> str:
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        document = _document(statements)
        self.managed.setdefault(arn, _managed(arn, name, "/", "v1", document, self._id("ANPA")))
        return arn

    def _boundary(self) -> str:
        regional = {"StringEquals": {"aws:RequestedRegion": list(_REGIONS)}}
        return self._own_policy(
            "boundary",
            [
                _allow(["s3:*", "dynamodb:*", "sqs:*", "logs:*", "ec2:*", "lambda:*"], "*", regional),
                {"Sid": "NoIam", "Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"},
            ],
        )

    def _resource_policies(self) -> tuple[ResourcePolicy, ...]:
        return tuple(self._bucket(number) for number in range(20 * self._copies()))

    def _bucket(self, number: int) -> ResourcePolicy:
        arn = f"arn:aws:s3:::{_TEAMS[number % len(_TEAMS)]}-shared-{number}"
        plain = {
            "Sid": "Tls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        share = {
            "Sid": "Partner",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
            "Action": "s3:GetObject",
            "Resource": f"{arn}/*",
        }
        statements = [plain, share] if number % 5 == 0 else [plain]
        return ResourcePolicy(
            arn=arn, account_id=ACCOUNT, service="s3", region="eu-west-1", document=_document(statements)
        )

    def _id(self, prefix: str) -> str:
        return prefix + "".join(self.chance.choices(string.ascii_uppercase + "234567", k=17))


# -- statements


def _document(statements: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _allow(
    actions: str | list[str], resource: str | list[str], condition: Statement | None = None
) -> Statement:
    found: Statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return found if condition is None else {**found, "Condition": condition}


def _deny(name: str, exempt: list[str], condition: Statement) -> Statement:
    return {"Sid": name, "Effect": "Deny", "NotAction": exempt, "Resource": "*", "Condition": condition}


_ALLOW_SELF: Final = _allow(
    _SELF_SERVICE[:-1],
    ["arn:aws:iam::*:user/people/${aws:username}", "arn:aws:iam::*:mfa/*"],
)
_FORCING: Final = {
    "force-mfa": _deny(
        "WithoutMfa", _SELF_SERVICE, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    ),
    "force-mfa-bool": _deny("WithoutMfa", _SELF_SERVICE, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
    "force-mfa-null": _deny("WithoutMfa", _SELF_SERVICE, {"Null": {"aws:MultiFactorAuthPresent": "true"}}),
    "force-mfa-all-of-iam": _deny(
        "WithoutMfa",
        ["iam:*", "sts:GetSessionToken"],
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    ),
}
"""The right way, and those that let keys, sessions and the changing of policies through."""


def _for_team(name: str) -> list[Statement]:
    tagged = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    office = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/25"]}}
    prefix = {"StringLike": {"s3:prefix": [f"{name}/*", "shared/*"]}}
    roles = f"arn:aws:iam::{ACCOUNT}:role/{name.partition('-')[0]}-"
    return [
        _allow("s3:ListBucket", "arn:aws:s3:::team-data", prefix),
        _allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::team-data/{name}/*"),
        _allow(["ec2:StartInstances", "ec2:StopInstances", "ec2:RebootInstances"], "*", tagged),
        _allow(["dynamodb:Query", "dynamodb:GetItem"], f"arn:aws:dynamodb:*:*:table/{name}-*", office),
        _allow("sts:AssumeRole", f"{roles}people-*"),
        _allow(
            "iam:PassRole",
            f"{roles}service-*",
            {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}},
        ),
        _allow(["lambda:CreateFunction", "lambda:InvokeFunction"], f"arn:aws:lambda:*:*:function:{name}-*"),
    ]


def _for_machine(name: str, chance: random.Random) -> list[Statement]:
    region = chance.choice(_REGIONS)
    team = name.partition("-")[0]
    key = f"arn:aws:kms:{region}:{ACCOUNT}:key/{chance.getrandbits(64):016x}"
    statements = [
        _allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{name}/*"),
        _allow("s3:ListBucket", f"arn:aws:s3:::{name}"),
        _allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
            [f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}", f"arn:aws:dynamodb:{region}:*:table/x-*"],
        ),
        _allow(
            ["kms:Decrypt", "kms:GenerateDataKey"],
            key,
            {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
        ),
        _allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{team}/*"),
        _allow(["sqs:SendMessage", "sqs:ReceiveMessage"], f"arn:aws:sqs:{region}:{ACCOUNT}:{name}-*"),
        _allow("sns:Publish", f"arn:aws:sns:{region}:{ACCOUNT}:{team}-*"),
        _allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/aws/{name}:*",
        ),
        _allow("ec2:Describe*", "*", {"StringEquals": {"aws:RequestedRegion": region}}),
        _allow("events:PutEvents", "*"),
        _allow(
            "ec2:CreateTags",
            f"arn:aws:ec2:{region}:{ACCOUNT}:instance/*",
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}},
        ),
        {
            "Sid": "PlainHttp",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    return chance.sample(statements, chance.randrange(2, 7))


def _trust(what: str, service: str, chance: random.Random) -> Statement:
    found: Statement = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    match what:
        case "service":
            return {**found, "Principal": {"Service": f"{service}.amazonaws.com"}}
        case "people":
            everybody = {**found, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
            return everybody if chance.random() < 0.2 else {**everybody, "Condition": _WITH_MFA}
        case "partner":
            agreed = {"StringEquals": {"sts:ExternalId": f"agreed-{chance.getrandbits(32):08x}"}}
            return {**found, "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Condition": agreed}
        case "pipeline":
            provider = "token.actions.githubusercontent.com"
            return {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"},
                "Condition": {
                    "StringEquals": {f"{provider}:aud": "sts.amazonaws.com"},
                    "StringLike": {f"{provider}:sub": f"repo:example/{chance.choice(_TEAMS)}:*"},
                },
            }
        case _:
            return {
                "Effect": "Allow",
                "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"},
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }


# -- the rest


@functools.cache
def _aws_policies() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return json.loads(aws_managed_policies_data)  # type: ignore[no-any-return]


def _managed(arn: str, name: str, path: str, version: str, document: str, unique_id: str) -> ManagedPolicy:
    return ManagedPolicy(
        arn=arn,
        id=unique_id,
        name=name,
        path=path,
        default_version=version,
        versions=(PolicyVersion(id=version, document=document),),
    )


def _organization() -> Organization:
    full = _control("FullAWSAccess", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    guard = _control(
        "Guardrails",
        [
            {
                "Sid": "Trails",
                "Effect": "Deny",
                "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "guardduty:Delete*"],
                "Resource": "*",
            },
            {
                "Sid": "Regions",
                "Effect": "Deny",
                "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*", "route53:*", "cloudfront:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(_REGIONS)}},
            },
        ],
    )
    return Organization(
        id="o-example1234",
        management_account="111122223333",
        policy_types=("SERVICE_CONTROL_POLICY",),
        path=(
            Level(id="r-ab12", name="Root", kind="root", scps=(full,)),
            Level(id="ou-ab12-workloads", name="Workloads", kind="ou", scps=(full, guard)),
            Level(id=ACCOUNT, name="generated", kind="account", scps=(full,)),
        ),
    )


def _control(name: str, statements: list[Statement]) -> ControlPolicy:
    ident = f"p-{name.lower()}"
    arn = f"arn:aws:organizations::111122223333:policy/o-example1234/service_control_policy/{ident}"
    return ControlPolicy(id=ident, arn=arn, name=name, document=_document(statements))


def _report(
    users: Sequence[User],
    keys: Sequence[AccessKey],
    profiles: Sequence[LoginProfile],
    devices: Sequence[MfaDevice],
) -> tuple[dict[str, str], ...]:
    active = {key.user for key in keys if key.status == "Active"}
    console, with_device = {each.user for each in profiles}, {each.user for each in devices}
    root = f"arn:aws:iam::{ACCOUNT}:root"
    rows = [(ROOT_USER, root, "not_supported", ROOT_USER in with_device, False)]
    for user in sorted(users, key=lambda each: each.name):
        has_password = str(user.name in console).lower()
        rows.append((user.name, user.arn, has_password, user.name in with_device, user.name in active))
    return tuple(
        {
            "user": name,
            "arn": arn,
            "password_enabled": password,
            "mfa_active": str(mfa).lower(),
            "access_key_1_active": str(key).lower(),
            "access_key_2_active": "false",
        }
        for name, arn, password, mfa, key in rows
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(write_snapshot(generated(*map(int, sys.argv[1:]))))
