"""With which key things are encrypted: objects, uploads, a bucket's default, secrets, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.wire.error import SandboxRefusal

KMS = "aws:kms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """A key of KMS, as it was named: an ID, an ARN, an alias; None for the one that AWS manages.

    `by_bucket`: a key of the bucket's own stands between, so that KMS sees the bucket instead of the object.
    """

    key: str | None
    by_bucket: bool


def bucket(account: str, partition: str, name: str) -> MotoObject:
    """Return moto's bucket, or None."""
    from moto.s3.models import s3_backends

    return s3_backends[account][partition].buckets.get(name)


def bucket_of_anybody(partition: str, name: str) -> MotoObject:
    """Return moto's bucket of that name, of whichever account, or None."""
    from moto.s3.models import s3_backends

    _, account = s3_backends.bucket_accounts.get(name, (None, None))
    return None if account is None else bucket(account, partition, name)


def by_default(held: MotoObject) -> Encryption | None:
    """Return how a bucket encrypts what says nothing; None: not by KMS."""
    rule: Any = None if held is None or not held.encryption else held.encryption.get("Rule")
    rules = rule if isinstance(rule, list) else [rule] if rule else []
    for each in rules:
        asked = each.get("ApplyServerSideEncryptionByDefault") or {}
        if asked.get("SSEAlgorithm") not in (None, KMS, "AES256"):
            raise SandboxRefusal(f"what {asked['SSEAlgorithm']} needs of KMS is not authorised")
        if asked.get("SSEAlgorithm") == KMS:
            by_bucket = str(each.get("BucketKeyEnabled", "")).lower() == "true"
            return Encryption(key=asked.get("KMSMasterKeyID") or None, by_bucket=by_bucket)
    return None


def of_object(held: MotoObject, key: str, version_id: str | None) -> Encryption | None:
    """Return how an object is encrypted, or one version of it; None: not by KMS, or not there."""
    versions = [] if held is None else held.keys.getlist(key, default=[])
    if version_id is not None:
        versions = [each for each in versions if str(each.version_id) == version_id]
    found: MotoObject = versions[-1] if versions else None
    if getattr(found, "encryption", None) != KMS:  # a delete marker has none
        return None
    return Encryption(key=found.kms_key_id, by_bucket=_flag(found.bucket_key_enabled))


def of_upload(held: MotoObject, upload_id: str) -> Encryption | None:
    """Return how a multipart upload will be encrypted; None: not by KMS, or not there."""
    upload = None if held is None else held.multiparts.get(upload_id)
    if upload is None:
        return None
    if upload.sse_encryption != KMS:
        return None
    return Encryption(key=upload.kms_key_id, by_bucket=False)


def _flag(value: object) -> bool:
    return str(value).lower() == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret: its key as it was named, None for the one that AWS manages; its versions' stages by ID."""

    arn: str
    key: str | None
    versions: dict[str, tuple[str, ...]]

    def version_in(self, stage: str) -> str | None:
        """Return the ID of the version in a stage, or None."""
        return next((each for each, stages in self.versions.items() if stage in stages), None)


def secret(account: str, region: str, arn: str) -> Secret | None:
    """Return a secret by its ARN, or None."""
    from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

    held: list[Any] = list(secretsmanager_backends[account][region].secrets.values())
    found = next((each for each in held if each.arn == arn), None)
    if found is None:
        return None
    own = found.kms_key_id not in (None, "", SecretsManagerBackend.DEFAULT_KMS_KEY_ALIAS)
    versions = {key: tuple(each["version_stages"]) for key, each in (found.versions or {}).items()}
    return Secret(arn=arn, key=found.kms_key_id if own else None, versions=versions)


# --- parameters -----------------------------------------------------------------------------------

SECURE = "SecureString"


def parameter_type(account: str, region: str, name: str) -> str | None:
    """Return the type of a parameter, or None when it is not there."""
    kept = _parameters(account, region)
    versions = kept.get(kept.normalize_name(name))
    return str(versions[-1].parameter_type) if versions else None


def parameters_below(account: str, region: str, path: str, *, recursive: bool) -> list[str]:
    """Return the names of the parameters below a path, of whatever type."""
    kept = _parameters(account, region)
    return [str(name) for name in kept.get_keys_beginning_with(path.rstrip("/") + "/", recursive)]


def _parameters(account: str, region: str) -> MotoObject:
    from moto.ssm.models import ssm_backends

    return ssm_backends[account][region]._parameters  # noqa: SLF001 - moto has no other way
