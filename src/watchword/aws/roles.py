"""The calls about roles: assume one, read one, list them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from watchword.aws.answers import RoleSession, credentials_of
from watchword.aws.call import server_time
from watchword.aws.caller import ONCE, TWICE, Signed
from watchword.aws.hop import Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role of an account: an entry of ListRoles, or the answer of GetRole.

    `max_session_seconds` is None when AWS did not say. `trust_policy` is the text of the document.
    """

    name: str
    arn: str
    path: str
    description: str
    max_session_seconds: int | None
    trust_policy: str

    @property
    def is_service_linked(self) -> bool:
        """Return whether it is a service's own, under a path that is kept for those."""
        return self.path.startswith("/aws-service-role/")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOfDevice:
    """A code, and the device that showed it."""

    serial_number: str
    token_code: str = field(repr=False)


def assume_role(
    signed: Signed,
    hop: Hop,
    *,
    role_session_name: str,
    duration_seconds: int,
    code: CodeOfDevice | None = None,
) -> RoleSession:
    """Assume the role of `hop`, by its ARN. With a code it is sent once, whatever happens.

    Raises `Refusal`, `Unreachable`,
    `UnusableSettings`. Source: AssumeRole, AWS STS API Reference.
    """
    params: dict[str, Any] = {
        "RoleArn": hop.role_arn,
        "RoleSessionName": role_session_name,
        "DurationSeconds": duration_seconds,
    }
    if hop.external_id is not None:
        params["ExternalId"] = hop.external_id
    if hop.source_identity is not None:
        params["SourceIdentity"] = hop.source_identity
    if hop.tags:
        params["Tags"] = [{"Key": key, "Value": value} for key, value in hop.tags.items()]
    if hop.transitive_tag_keys:
        params["TransitiveTagKeys"] = list(hop.transitive_tag_keys)
    if code is not None:
        params |= {"SerialNumber": code.serial_number, "TokenCode": code.token_code}
    answer = signed.call("sts", "AssumeRole", _attempts=TWICE if code is None else ONCE, **params)
    return RoleSession(
        credentials=credentials_of(answer["Credentials"]),
        arn=answer["AssumedRoleUser"]["Arn"],
        source_identity=answer.get("SourceIdentity"),
        server_time=server_time(answer),
    )


def get_role(signed: Signed, name: str) -> Role:
    """Return the role of this name in the caller's account, whatever its path.

    Raises `Refusal` (`NoSuchEntity`, `AccessDenied`), `Unreachable`. Source: GetRole, IAM API Reference.
    """
    return _role(signed.call("iam", "GetRole", RoleName=name)["Role"])


def list_roles(signed: Signed) -> Iterator[Role]:
    """Yield the roles of the caller's account, page by page, in AWS's order (by path and name).

    Raises as `get_role`. Source: ListRoles, IAM API Reference.
    """
    params: dict[str, Any] = {}
    while True:
        answer = signed.call("iam", "ListRoles", **params)
        yield from (_role(entry) for entry in answer["Roles"])
        if not answer.get("IsTruncated"):
            return
        params["Marker"] = answer["Marker"]


def _role(entry: Mapping[str, Any]) -> Role:
    policy = entry.get("AssumeRolePolicyDocument", {})
    return Role(
        name=entry["RoleName"],
        arn=entry["Arn"],
        path=entry["Path"],
        description=entry.get("Description", ""),
        max_session_seconds=entry.get("MaxSessionDuration"),
        # The SDK decodes the document; as text it is read by the engine.
        trust_policy=unquote(policy) if isinstance(policy, str) else json.dumps(policy),
    )
