"""KMS behind S3, Secrets Manager and Parameter Store: what they call it for, on behalf of their caller.

Source: Amazon S3 User Guide, UsingKMSEncryption and mpuoverview ("Multipart upload API and permissions");
Amazon S3 API Reference, CopyObject, ListParts, CompleteMultipartUpload; AWS Secrets Manager User Guide,
security-encryption.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.encryption.objects import ObjectKeys
from watchword.sandbox.encryption.parameters import ParameterKeys
from watchword.sandbox.encryption.secrets import SecretKeys
from watchword.sandbox.encryption.use import KeyUse
from watchword.sandbox.forward import Forward
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.plane.managed_keys import PREFIX, managed_key
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_DENIED: Final = "AccessDeniedException"
Keys: TypeAlias = ObjectKeys | ParameterKeys | SecretKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """Has the keys that a call needs used for it, before it runs. Any thread may use it."""

    forward: Forward
    directory_of: Callable[[str], MotoLookup]

    def before(self, call: Call, owner: str) -> Call:
        """Make the calls to KMS that an authorised call needs; return it with the key's ARN in it.

        `owner` is the account in which it runs. Raises AwsError as the service that was called refuses what
        KMS refuses, SandboxRefusal where it is not known what it would call.
        """
        match call.operation.service:
            case "s3":
                keys: Keys = ObjectKeys(call=call, owner=owner)
            case "ssm":
                keys = ParameterKeys(call=call, owner=owner)
            case "secretsmanager":
                keys = SecretKeys(call=call, owner=owner, directory=self.directory_of(owner))
            case _:
                return call
        changed = call
        for use in keys.uses():
            arn = self._arn(use, call, owner)
            self._use(use, arn, call, keys)
            if use.stored:
                changed = replace(changed, request=keys.with_key(changed.request, arn))
        return changed

    def _arn(self, use: KeyUse, call: Call, owner: str) -> str:
        """Return the key's ARN. An ID or an alias is one of the caller's account."""
        region = use.region or call.operation.region
        named = use.key
        if named is None or named.startswith(PREFIX):
            found = managed_key(named or use.managed, owner if named is None else call.caller.account, region)
            if found is None:
                raise SandboxRefusal(f"the key {named} is not there")
            return found
        account = named.split(":")[4] if named.startswith("arn:") else call.caller.account
        arn = self.directory_of(account).kms_key_arn(region, named)
        if arn is None:
            raise use.missing(named)
        return arn

    def _use(self, use: KeyUse, arn: str, call: Call, keys: Keys) -> None:
        for operation in use.operations:
            try:
                self.forward.call(
                    call.caller,
                    via=keys.service,
                    service="kms",
                    operation=operation,
                    params=use.params(operation, arn),
                    region=arn.split(":")[3],
                    request_id=call.request_id,
                    runs=False,
                )
            except AwsError as error:
                if error.code != _DENIED:
                    raise  # the sandbox's own refusal
                raise keys.denied(error) from error
        self._usable(use, arn)

    def _usable(self, use: KeyUse, arn: str) -> None:
        metadata = self.directory_of(arn.split(":")[4]).kms_key_metadata(arn)
        state = "Enabled" if metadata is None else str(metadata.get("KeyState", "Enabled"))
        if state != "Enabled":
            raise use.unusable(arn, state)
