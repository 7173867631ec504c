"""A witness, carried out: its requests are sent to the sandbox, with nothing but what the last ones gave.

The proof says that the policies let each request through; the sandbox decides anew, over HTTP, with boto3,
and keeps a log. What a request is refused for after that (a role that is not there) is no matter of policies.
"""

from __future__ import annotations

import json
from collections.abc import Callable
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
    "s3:ListBucket": "ListObjectsV2",
}
CONSOLE = {CredentialKind.CONSOLE: MfaState.FALSE, CredentialKind.CONSOLE_MFA: MfaState.TRUE}


class CannotBePlayed(Exception):
    """The sandbox has no such operation, or nothing hands out what the step begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What the sandbox's log says of a step (`outcome`, `mfa`), and the code of the refusal, if any."""

    action: str
    mfa: str
    outcome: str
    refused: str | None = None


@dataclass(slots=True, kw_only=True)
class Attacker:
    """Somebody who holds the credentials of one principal, and all that they lead to.

    `held` are credentials by ARN and kind; it begins with the long-term keys that were found or stolen.
    """

    aws: LocalAws
    held: dict[tuple[str, CredentialKind], Key] = field(default_factory=dict)

    def play(self, witness: Witness) -> list[Played]:
        """Send the requests of a witness one after the other; stop after one that is refused by policy."""
        played: list[Played] = []
        for step in witness.steps:
            played.append(self.send(step))
            if played[-1].outcome != "allowed":
                break
        return played

    def send(self, step: Step) -> Played:
        """Send one request, and keep what it gives."""
        key = self._key(step)
        before = len(self.aws.log)
        refused = None
        try:
            self._call(step, key)
        except ClientError as error:
            refused = str(error.response["Error"]["Code"])
            if refused == "SandboxUnsupported":
                raise CannotBePlayed(str(error)) from error
        mine = [one for one in list(self.aws.log)[before:] if one.action == step.action]
        if not mine:
            raise CannotBePlayed(f"{step.action} left nothing in the log ({refused})")
        return Played(action=step.action, mfa=mine[-1].mfa, outcome=str(mine[-1].outcome), refused=refused)

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
        made = self.aws.inner._sessions.mint(grant, duration_seconds=3600)
        return self._keep(arn, kind, made.as_result())

    def _keep(self, arn: str, kind: CredentialKind, credentials: dict[str, Any]) -> Key:
        self.held[arn, kind] = key = Key.of(credentials)
        return key

    # --- requests -------------------------------------------------------------------------------------

    def _call(self, step: Step, key: Key) -> None:
        prefix, _, action = step.action.partition(":")
        special: dict[str, Callable[[Step, Any], None]] = {
            "sts:GetSessionToken": self._session,
            "sts:AssumeRole": self._assume,
            "iam:CreateAccessKey": self._access_key,
            "iam:EnableMFADevice": self._enable_device,
        }
        client = self.aws.client(prefix, key)
        if step.action in special:
            special[step.action](step, client)
            return
        model = client.meta.service_model.operation_model(OPERATIONS.get(step.action, action))
        method = next(name for name, op in client.meta.method_to_api_mapping.items() if op == model.name)
        getattr(client, method)(**parameters(model, step))

    def _session(self, step: Step, sts: Any) -> None:  # noqa: ANN401 - boto3 makes its clients' classes while it runs
        self._keep(step.actor, CredentialKind.SESSION, sts.get_session_token()["Credentials"])

    def _assume(self, step: Step, sts: Any) -> None:  # noqa: ANN401
        made = sts.assume_role(RoleArn=step.resource, RoleSessionName="attacker", **_assume_extras(step))
        self._keep(step.resource, CredentialKind.ROLE_SESSION, made["Credentials"])

    def _access_key(self, step: Step, iam: Any) -> None:  # noqa: ANN401
        made = iam.create_access_key(UserName=_name(step.resource))
        self._keep(step.resource, CredentialKind.ACCESS_KEY, made["AccessKey"])

    def _enable_device(self, step: Step, iam: Any) -> None:  # noqa: ANN401
        raise CannotBePlayed("two codes are needed")


def _assume_extras(step: Step) -> dict[str, Any]:
    external = step.context.get("sts:ExternalId")
    return {} if external is None else {"ExternalId": external}


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
    found = {name: known.get(name, _made_up(shape.members[name])) for name in dict.fromkeys(wanted)}
    if "UserName" in found and ":user/" not in step.resource and ":group/" not in step.resource:
        del found["UserName"]
    return found


def _known(step: Step) -> dict[str, Any]:
    name = _name(step.resource)
    trust = {"Effect": "Allow", "Principal": {"AWS": step.actor}, "Action": "sts:AssumeRole"}
    return {
        "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        "Bucket": step.resource.rpartition(":")[2].partition("/")[0].replace("*", "b"),
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
