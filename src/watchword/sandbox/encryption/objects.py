"""What S3 uses keys of KMS for: objects that are written, read, copied, and uploaded in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.encryption.use import KeyUse
from watchword.sandbox.plane import encrypted
from watchword.sandbox.plane.encrypted import KMS, Encryption
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.request import WireRequest

_PARTITION: Final = "aws"
_MANAGED: Final = "alias/aws/s3"
_WRITING: Final = {
    "PutObject": ("GenerateDataKey",),
    "CopyObject": ("GenerateDataKey",),
    "CreateMultipartUpload": ("GenerateDataKey", "Decrypt"),
}
_PARTS: Final = frozenset({"UploadPart", "UploadPartCopy", "ListParts"})
_HEADER: Final = "x-amz-server-side-encryption"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectKeys:
    """The keys that one call of S3 needs. `owner` is the account of its bucket."""

    call: Call
    owner: str
    service: str = "s3.amazonaws.com"

    def uses(self) -> Iterator[KeyUse]:
        """Give what KMS is called for. Raises SandboxRefusal where that is not known."""
        name = self.call.operation.name
        if name in ("CopyObject", "UploadPartCopy"):
            yield from self._source()
        if name in _WRITING:
            yield from self._written(_WRITING[name])
        elif name in _PARTS or (name == "CompleteMultipartUpload" and self._with_checksums()):
            yield from self._upload()
        elif name == "GetObject":
            yield from self._read()
        elif self._is_about_checksums(name) and self._of_object(self._bucket()) is not None:
            raise SandboxRefusal(f"what s3:{name} needs of KMS for the checksum of an object is not known")

    def _is_about_checksums(self, name: str) -> bool:
        return name == "GetObjectAttributes" or (
            name == "HeadObject" and bool(self._params.get("ChecksumMode"))
        )

    @property
    def _params(self) -> Mapping[str, Any]:
        return self.call.operation.params

    def _bucket(self) -> MotoObject:
        return encrypted.bucket(self.owner, _PARTITION, str(self._params["Bucket"]))

    def _of_object(self, bucket: MotoObject) -> Encryption | None:
        return encrypted.of_object(bucket, str(self._params["Key"]), self._params.get("VersionId"))

    def _written(self, operations: tuple[str, ...]) -> Iterator[KeyUse]:
        bucket, asked = self._bucket(), self._params.get("ServerSideEncryption")
        if bucket is None or asked not in (None, KMS):
            return
        wanted = encrypted.by_default(bucket) if asked is None else self._asked(bucket)
        if wanted is None:
            return
        if asked is None and wanted.key and not wanted.key.startswith("arn:") and self._is_foreign():
            raise SandboxRefusal(
                "whose key the bucket's default encryption names is not known: its ID is no ARN"
            )
        yield self._use(operations, wanted, bucket, str(self._params["Key"]), stored=True)

    def _asked(self, bucket: MotoObject) -> Encryption:
        """Return what the call asks for. What it does not say of bucket keys, the bucket's default says."""
        given, by_default = self._params.get("BucketKeyEnabled"), _by_bucket_key(bucket)
        by_bucket = by_default if given is None else str(given).lower() == "true"
        if self.call.operation.name == "CreateMultipartUpload" and by_bucket is not by_default:
            raise SandboxRefusal("an upload in parts keeps to what the bucket does with bucket keys")
        return Encryption(key=self._params.get("SSEKMSKeyId"), by_bucket=by_bucket)

    def _is_foreign(self) -> bool:
        return self.call.caller.account != self.owner

    def _upload(self) -> Iterator[KeyUse]:
        bucket = self._bucket()
        found = encrypted.of_upload(bucket, str(self._params["UploadId"]))
        if found is not None:
            encryption = replace(found, by_bucket=_by_bucket_key(bucket))
            yield self._use(("Decrypt",), encryption, bucket, str(self._params["Key"]))

    def _read(self) -> Iterator[KeyUse]:
        bucket, key = self._bucket(), str(self._params["Key"])
        found = self._of_object(bucket)
        if found is not None:
            yield self._use(("Decrypt",), found, bucket, key)

    def _source(self) -> Iterator[KeyUse]:
        source, _, query = str(self._params["CopySource"]).removeprefix("/").partition("?versionId=")
        name, _, key = unquote(source).partition("/")
        bucket = encrypted.bucket_of_anybody(_PARTITION, name)
        found = encrypted.of_object(bucket, key, query or None)
        if found is not None:
            yield self._use(("Decrypt",), found, bucket, key)

    def _use(
        self,
        operations: tuple[str, ...],
        encryption: Encryption,
        bucket: MotoObject,
        key: str,
        *,
        stored: bool = False,
    ) -> KeyUse:
        arn = f"arn:{_PARTITION}:s3:::{bucket.name}"
        return KeyUse(
            operations=operations,
            key=encryption.key,
            managed=_MANAGED,
            context={"aws:s3:arn": arn if encryption.by_bucket else f"{arn}/{key}"},
            missing=_missing,
            unusable=_unusable,
            region=str(bucket.region_name),
            stored=stored,
        )

    def _with_checksums(self) -> bool:
        parts = (self._params.get("MultipartUpload") or {}).get("Parts") or ()
        return any(name.startswith("Checksum") for each in (self._params, *parts) for name in each)

    def with_key(self, request: WireRequest, arn: str) -> WireRequest:
        """Return the request with the key's ARN in it, as S3 keeps and shows it."""
        dropped = {_HEADER, f"{_HEADER}-aws-kms-key-id"}
        kept = tuple(pair for pair in request.headers if pair[0].lower() not in dropped)
        return replace(request, headers=(*kept, (_HEADER, KMS), (f"{_HEADER}-aws-kms-key-id", arn)))

    def denied(self, error: AwsError) -> AwsError:
        """Return S3's refusal of what KMS refused: KMS's text under S3's code (observed on AWS)."""
        return AwsError("AccessDenied", error.message, status=403)


def _by_bucket_key(bucket: MotoObject) -> bool:
    default = encrypted.by_default(bucket)
    return default is not None and default.by_bucket


def _missing(name: str) -> AwsError:
    return AwsError("KMS.NotFoundException", f"Key '{name}' does not exist", status=400)


def _unusable(arn: str, state: str) -> AwsError:
    if state == "Disabled":
        return AwsError("KMS.DisabledException", f"{arn} is disabled.", status=400)
    if state == "PendingDeletion":
        return AwsError("KMS.KMSInvalidStateException", f"{arn} is pending deletion.", status=400)
    return AwsError("KMS.KMSInvalidStateException", f"{arn} is in no state to be used: {state}.", status=400)
