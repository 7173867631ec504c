"""What Secrets Manager uses keys of KMS for: values of secrets that are stored and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.encryption.use import KeyUse
from watchword.sandbox.plane import encrypted
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.request import WireRequest

_MANAGED: Final = "alias/aws/secretsmanager"
_STORING: Final = ("GenerateDataKey", "Decrypt")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKeys:
    """The keys that one call of Secrets Manager needs.

    `directory` is that of `owner`, the secret's account.
    """

    call: Call
    owner: str
    directory: MotoLookup
    service: str = "secretsmanager.amazonaws.com"

    def uses(self) -> Iterator[KeyUse]:
        """Give what KMS is called for. Raises SandboxRefusal where that is not known."""
        match self.call.operation.name:
            case "CreateSecret" if self._has_value():
                yield self._use(_STORING, self._params.get("KmsKeyId"), context={})
            case "UpdateSecret" if self._params.get("KmsKeyId"):
                raise SandboxRefusal(
                    "secretsmanager:UpdateSecret with KmsKeyId is refused: which versions are encrypted anew "
                    "hangs on permissions on the key"
                )
            case "PutSecretValue" | "UpdateSecret" if self._has_value():
                yield from self._of_version(_STORING, self._params.get("ClientRequestToken"))
            case "GetSecretValue":
                yield from self._read()
            case _:
                pass

    @property
    def _params(self) -> Mapping[str, Any]:
        return self.call.operation.params

    def _has_value(self) -> bool:
        return any(self._params.get(name) for name in ("SecretString", "SecretBinary"))

    def _secret(self) -> encrypted.Secret | None:
        region = self.call.operation.region
        arn = self.directory.secret_arn(region, str(self._params["SecretId"]))
        return None if arn is None else encrypted.secret(self.owner, region, arn)

    def _read(self) -> Iterator[KeyUse]:
        secret = self._secret()
        if secret is None:
            return
        version = self._params.get("VersionId") or secret.version_in(
            self._params.get("VersionStage") or "AWSCURRENT"
        )
        if version in secret.versions:
            yield from self._of_version(("Decrypt",), version)

    def _of_version(self, operations: tuple[str, ...], version: str | None) -> Iterator[KeyUse]:
        secret = self._secret()
        if secret is not None:
            context = {"SecretARN": secret.arn, **({"SecretVersionId": version} if version else {})}
            yield self._use(operations, secret.key, context=context)

    def _use(self, operations: tuple[str, ...], key: str | None, *, context: Mapping[str, str]) -> KeyUse:
        return KeyUse(
            operations=operations,
            key=key,
            managed=_MANAGED,
            context=context,
            missing=_missing,
            unusable=_unusable,
        )

    def with_key(self, request: WireRequest, _arn: str) -> WireRequest:
        """Return the request as it is: a secret shows its key as it was named."""
        return request

    def denied(self, _error: AwsError) -> AwsError:
        """Return Secrets Manager's refusal of what KMS refused (observed on AWS)."""
        return AwsError("AccessDeniedException", "Access to KMS is not allowed", status=400)


def _missing(name: str) -> AwsError:
    return SandboxRefusal(f"there is no key `{name}`, and how Secrets Manager says so is not known")


def _unusable(_arn: str, _state: str) -> AwsError:
    # The text is the API Reference's.
    return AwsError(
        "DecryptionFailure",
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        status=400,
    )
