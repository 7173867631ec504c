"""A witness, carried out: its requests are sent to the sandbox, with nothing but what the last ones gave.

The proof says that the policies let each request through; the sandbox decides anew, over HTTP, with boto3,
and keeps a log. What a request is refused for after that (a role that is not there) is no matter of policies.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import OperationModel, Shape, StructureShape

from local_aws import Key, LocalAws
from watchword.iam import CredentialKind, MfaState
from watchword.proof.result import Step, Witness
from watchword.sandbox.identity.sessions import Grant

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, indent=2
)
# Where the operation is not called as the action is, or boto3 not as the prefix.
OPERATIONS = {
    "s3:ListAllMyBuckets": "ListBuckets",
    "lambda:InvokeFunction": "Invoke",
    "s3:ListBucket": "ListObjectsV2",
}
# What AWS answers before it looks at any policy, in an account that has no such thing.
WITHOUT_POLICIES = frozenset({"AWSOrganizationsNotInUseException"})
CONSOLE = {CredentialKind.CONSOLE: MfaState.FALSE, CredentialKind.CONSOLE_MFA: MfaState.TRUE}


NOT_ASKED = "not asked"


class CannotBePlayed(Exception):
    """The sandbox has no such operation, or nothing hands out what the step begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What the sandbox's log says of a step (`outcome`, `mfa`), and the code of the refusal, if any.

    `outcome` is `NOT_ASKED` where the call ended before any policy was looked at, and where the sandbox has
    no such call: only as the last of a chain.
    """

    action: str
    mfa: str
    outcome: str
    refused: str | None = None


@dataclass(slots=True, kw_only=True)
class Attacker:
    """Somebody who holds the credentials of one principal, and all that they lead to.

    `held` are credentials by ARN and kind; it begins with the long-term keys that were found or stolen.
    `serials` are the devices whose codes the attacker can see, by the user they belong to.
    """

    aws: LocalAws
    held: dict[tuple[str, CredentialKind], Key] = field(default_factory=dict)
    serials: dict[str, str] = field(default_factory=dict)

    def play(self, witness: Witness) -> list[Played]:
        """Send the requests of a witness one after the other; stop after one that is refused by policy."""
        played: list[Played] = []
        looked_at: list[Step] = []
        for step, after in zip(witness.steps, (*witness.steps[1:], None), strict=True):
            if step.action == "iam:PassRole":  # no call: AWS looks at it within the one that passes the role
                looked_at.append(step)
                continue
            with_code = after is not None and after.credential == CredentialKind.SESSION_MFA
            passed = looked_at[-1].resource if looked_at else None
            try:
                played.append(self.send(step, with_code=with_code, passed=passed))
            except CannotBePlayed:
                if not played or after is not None:
                    raise
                played.append(Played(action=step.action, mfa="", outcome=NOT_ASKED))
            if played[-1].outcome not in {"allowed", NOT_ASKED}:
                break
            if looked_at:
                self._runs_as(looked_at.pop().resource)
        return played

    def send(self, step: Step, *, with_code: bool = False, passed: str | None = None) -> Played:
        """Send one request, and keep what it gives.

        `with_code` is of a session that is to have MFA; `passed` the ARN of a role that the call passes on.
        """
        key = self._key(step)
        before = len(self.aws.log)
        refused = None
        try:
            self._call(step, key, with_code=with_code, passed=passed)
        except ClientError as error:
            refused = str(error.response["Error"]["Code"])
            if refused == "SandboxUnsupported":
                raise CannotBePlayed(str(error)) from error
        mine = [one for one in list(self.aws.log)[before:] if one.action == step.action]
        if not mine:
            raise CannotBePlayed(f"{step.action} left nothing in the log ({refused})")
        decided = ([one for one in mine if one.outcome != "allowed"] or mine)[-1]
        outcome = NOT_ASKED if refused in WITHOUT_POLICIES else str(decided.outcome)
        return Played(action=step.action, mfa=decided.mfa, outcome=outcome, refused=refused)

    # --- credentials ----------------------------------------------------------------------------------

    def _key(self, step: Step) -> Key:
        kind = CredentialKind(step.credential)
        held = self.held.get((step.actor, kind))
        if held is not None:
            return held
        if kind in CONSOLE:
            return self._signed_in_to_console(step.actor, kind)
        raise CannotBePlayed(f"nobody holds {step.actor} as {kind}")

    def _signed_in_to_console(self, arn: str, kind: CredentialKind) -> Key:
        """Return what stands behind the console: a browser's part, which no API of AWS has."""
        user = self.aws.inner.accounts.user(self.aws.account, _name(arn))
        assert user is not None
        grant = Grant(account=self.aws.account, user_id=user.user_id, arn=arn, kind=kind, mfa=CONSOLE[kind])
        return self._minted(arn, kind, grant)

    def _runs_as(self, role_arn: str) -> None:
        """Hold what a service hands to code that runs with a role: the sandbox itself runs no code."""
        role = self.aws.inner.accounts.role(self.aws.account, _name(role_arn))
        assert role is not None
        kind = CredentialKind.SERVICE_ROLE
        session = f"arn:aws:sts::{self.aws.account}:assumed-role/{role.name}/code"
        self._minted(
            role_arn,
            kind,
            Grant(
                account=self.aws.account,
                user_id=f"{role.role_id}:code",
                arn=session,
                kind=kind,
                mfa=MfaState.FALSE,
                role=role,
                session_name="code",
            ),
        )

    def _minted(self, arn: str, kind: CredentialKind, grant: Grant) -> Key:
        return self._keep(arn, kind, self.aws.inner._sessions.mint(grant, duration_seconds=3600).as_result())

    def _keep(self, arn: str, kind: CredentialKind, credentials: dict[str, Any]) -> Key:
        self.held[arn, kind] = key = Key.of(credentials)
        return key

    # --- requests -------------------------------------------------------------------------------------

    def _call(self, step: Step, key: Key, *, with_code: bool, passed: str | None) -> None:
        prefix, _, action = step.action.partition(":")
        client = self.aws.client(prefix, key)
        match step.action:
            case "sts:GetSessionToken":
                self._session(step, client, with_code=with_code)
            case "sts:AssumeRole":
                self._assume(step, client)
            case "iam:CreateAccessKey":
                made = client.create_access_key(UserName=_name(step.resource))["AccessKey"]
                self._keep(step.resource, CredentialKind.ACCESS_KEY, made)
            case "iam:EnableMFADevice":
                self._enable(step, client)
            case "iam:SetDefaultPolicyVersion":
                versions = self.aws.client("iam").list_policy_versions(PolicyArn=step.resource)["Versions"]
                (other,) = [each["VersionId"] for each in versions if not each["IsDefaultVersion"]]
                client.set_default_policy_version(PolicyArn=step.resource, VersionId=other)
            case name if name in TAKES_AWAY:
                self._take_away(step, client, *TAKES_AWAY[name])
            case _:
                model = client.meta.service_model.operation_model(OPERATIONS.get(step.action, action))
                methods = client.meta.method_to_api_mapping.items()
                method = next(name for name, called in methods if called == model.name)
                getattr(client, method)(**parameters(model, step), **_passing(step.action, passed))

    def _session(self, step: Step, sts: Any, *, with_code: bool) -> None:  # noqa: ANN401 - made by boto3
        if not with_code:
            self._keep(step.actor, CredentialKind.SESSION, sts.get_session_token()["Credentials"])
            return
        serial = self.serials[step.actor]
        code = {"SerialNumber": serial, "TokenCode": self.aws.fresh_code(serial)}
        self._keep(step.actor, CredentialKind.SESSION_MFA, sts.get_session_token(**code)["Credentials"])

    def _assume(self, step: Step, sts: Any) -> None:  # noqa: ANN401
        external = step.context.get("sts:ExternalId")
        extras = {} if external is None else {"ExternalId": external}
        made = sts.assume_role(RoleArn=step.resource, RoleSessionName="attacker", **extras)
        self._keep(step.resource, CredentialKind.ROLE_SESSION, made["Credentials"])

    def _enable(self, step: Step, iam: Any) -> None:  # noqa: ANN401
        """Enable the device that was made last, for whoever the step is about."""
        made = [each for each in self.aws.inner.devices.all() if each.user_id is None]
        if not made:
            self.aws.client("iam").create_virtual_mfa_device(VirtualMFADeviceName="made-before")
            made = [each for each in self.aws.inner.devices.all() if each.user_id is None]
        device = made[-1]
        codes = self.aws.phone(device.serial_number), self.aws.next_code(device.serial_number)
        iam.enable_mfa_device(
            UserName=_name(step.resource),
            SerialNumber=device.serial_number,
            AuthenticationCode1=codes[0],
            AuthenticationCode2=codes[1],
        )
        self.serials[step.resource] = device.serial_number

    def _take_away(self, step: Step, iam: Any, verb: str, kind: str, key: str) -> None:  # noqa: ANN401
        """Take away all policies of the sort: which of them is in the way, the snapshot told the attacker."""
        who = {f"{kind.capitalize()}Name": _name(step.resource)}
        root = self.aws.client("iam")
        listing = f"list_attached_{kind}_policies" if verb == "detach" else f"list_{kind}_policies"
        found = getattr(root, listing)(**who)
        names = [each["PolicyArn"] for each in found.get("AttachedPolicies", ())] or found.get("PolicyNames")
        for name in names or ["none"]:
            getattr(iam, f"{verb}_{kind}_policy")(**who, **{key: name})


TAKES_AWAY = {
    f"iam:{verb.capitalize()}{kind.capitalize()}Policy": (verb, kind, key)
    for verb, key in (("delete", "PolicyName"), ("detach", "PolicyArn"))
    for kind in ("user", "group", "role")
}


# --- parameters -----------------------------------------------------------------------------------------


def parameters(model: OperationModel, step: Step) -> dict[str, Any]:
    """Return parameters for the resource and context of a step; what does not matter is made up."""
    shape = model.input_shape
    if not isinstance(shape, StructureShape):
        return {}
    wanted = list(shape.required_members)
    if model.service_model.service_name == "iam":
        wanted += [name for name in ("UserName", "SetAsDefault") if name in shape.members]
    known = _known(step)
    found = {
        name: known.get(name, _made_up(shape.members[name]))
        for name in dict.fromkeys(wanted)
        if name != "Role"
    }
    about_user = ":user/" in step.resource or ":group/" in step.resource
    if "UserName" not in shape.required_members and not about_user:
        found.pop("UserName", None)
    return found


def _passing(action: str, role: str | None) -> dict[str, Any]:
    """Return what a call that passes a role takes beside what it must have."""
    match action if role else None:
        case "lambda:CreateFunction":
            return {"Role": role, "Runtime": "python3.12", "Handler": "a.b"}
        case "cloudformation:CreateStack":
            return {"RoleARN": role, "TemplateBody": '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'}
        case _:
            return {}


def _known(step: Step) -> dict[str, Any]:
    name = _name(step.resource)
    trust = {"Effect": "Allow", "Principal": {"AWS": step.actor}, "Action": "sts:AssumeRole"}
    return {
        "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        "Bucket": step.resource.rpartition(":")[2].partition("/")[0].replace("*", "b"),
        "Code": {"ZipFile": _zip()},
        "FunctionName": step.resource.rpartition(":")[2],
        "GroupName": name,
        "Key": step.resource.partition("/")[2] or "k",
        "PolicyArn": _policy(step),
        "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        if step.action == "iam:UpdateAssumeRolePolicy"
        else EVERYTHING,
        "PolicyName": "Mine",
        "RoleName": name,
        "SerialNumber": step.resource,
        "SetAsDefault": True,
        "UserName": name if ":user/" in step.resource else _name(step.actor),
        "VirtualMFADeviceName": name,
    }


def _zip() -> bytes:
    with io.BytesIO() as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.py", "")
        archive.close()
        return file.getvalue()


def _policy(step: Step) -> str:
    if ":policy/" in step.resource:
        return step.resource
    named = step.context.get("iam:PolicyARN", ADMINISTRATOR)
    return named if isinstance(named, str) else named[0]


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _made_up(shape: Shape) -> Any:  # noqa: ANN401 - whatever the model wants
    match shape.type_name:
        case "string":
            least = shape.metadata.get("min", 1)
            return shape.metadata["enum"][0] if "enum" in shape.metadata else "x" * max(least, 1)
        case "integer" | "long":
            return shape.metadata.get("min", 1)
        case "boolean":
            return True
        case "blob":
            return b"x"
        case "list":
            return [_made_up(shape.member)]  # type: ignore[attr-defined]
        case "structure":
            return {name: _made_up(shape.members[name]) for name in shape.required_members}  # type: ignore[attr-defined]
        case _:
            return {}
