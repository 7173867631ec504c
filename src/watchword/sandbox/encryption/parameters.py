"""What Parameter Store uses the key for that AWS manages: secure strings, stored and read in the clear.

Source: AWS Systems Manager User Guide, secure-string-parameter-kms-encryption (kms:Encrypt for standard
parameters, kms:GenerateDataKey for advanced ones, kms:Decrypt to read, the encryption context) and
ps-restrict-decryption.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.encryption.use import KeyUse
from watchword.sandbox.plane import encrypted
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.request import WireRequest

_MANAGED: Final = "alias/aws/ssm"
_BY_TIER: Final = {"Standard": "Encrypt", "Advanced": "GenerateDataKey"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterKeys:
    """The keys that one call of Parameter Store needs. `owner` is the account of its parameters."""

    call: Call
    owner: str
    service: str = "ssm.amazonaws.com"

    def uses(self) -> Iterator[KeyUse]:
        """Give what KMS is called for. Raises SandboxRefusal where that is not known."""
        match self.call.operation.name:
            case "PutParameter":
                yield from self._stored(str(self._params["Name"]))
            case "GetParameter" | "GetParameterHistory" if self._params.get("WithDecryption"):
                yield from self._read([str(self._params["Name"])])
            case "GetParameters" if self._params.get("WithDecryption"):
                yield from self._read([str(name) for name in self._params["Names"]])
            case "GetParametersByPath" if self._params.get("WithDecryption"):
                yield from self._read(self._below(str(self._params["Path"])))
            case _:
                pass

    @property
    def _params(self) -> Mapping[str, Any]:
        return self.call.operation.params

    def _stored(self, name: str) -> Iterator[KeyUse]:
        kind = self._params.get("Type") or encrypted.parameter_type(self.owner, self._region, name)
        if kind != encrypted.SECURE:
            return
        tier = self._params.get("Tier") or "Standard"
        if tier not in _BY_TIER:
            raise SandboxRefusal(f"what a secure string of the tier {tier} needs of KMS hangs on its size")
        yield self._use(_BY_TIER[tier], name)

    def _read(self, names: list[str]) -> Iterator[KeyUse]:
        for name in names:
            if encrypted.parameter_type(self.owner, self._region, name) == encrypted.SECURE:
                yield self._use("Decrypt", name)

    def _below(self, path: str) -> list[str]:
        recursive = bool(self._params.get("Recursive"))
        return encrypted.parameters_below(self.owner, self._region, path, recursive=recursive)

    @property
    def _region(self) -> str:
        return self.call.operation.region

    def _use(self, operation: str, name: str) -> KeyUse:
        plain = name.rpartition(":parameter")[2].removeprefix("/")
        arn = f"arn:aws:ssm:{self._region}:{self.owner}:parameter/{plain}"
        return KeyUse(
            operations=(operation,),
            key=None,
            managed=_MANAGED,
            context={"PARAMETER_ARN": arn},
            missing=_never,
            unusable=_never,
        )

    def with_key(self, request: WireRequest, _arn: str) -> WireRequest:
        """Return the request as it is."""
        return request

    def denied(self, error: AwsError) -> AwsError:
        """Return Systems Manager's refusal of what KMS refused, in KMS's words."""
        return AwsError("AccessDeniedException", error.message, status=400)


def _never(*_: str) -> AwsError:
    return SandboxRefusal("the key that AWS manages for Parameter Store is always there")
