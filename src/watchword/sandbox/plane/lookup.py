"""What authorise must know of resources: IAM's from the directory, secrets and keys from their backends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence

from watchword.sandbox.identity.directory import LongTermKey
from watchword.sandbox.plane import organizations, rds_names
from watchword.sandbox.plane.directory import MotoDirectory, PolicyDocument
from watchword.sandbox.plane.ec2_names import ec2_names
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.resource_policies import resource_policy
from watchword.sandbox.plane.service_lookup import ServiceLookup
from watchword.sandbox.plane.tags import object_tags, tags_of
from watchword.sandbox.wire.error import SandboxRefusal

_ARN_PARTS = 6


class MotoLookup(MotoDirectory, ServiceLookup):
    """The directory of one account, and the ARNs of its resources.

    `of_account` gives the lookup of any account of the sandbox. It raises SandboxRefusal where there is none.
    """

    def __init__(
        self,
        *,
        account: str,
        partition: str,
        root_key: LongTermKey | None,
        of_account: Callable[[str], MotoLookup],
    ) -> None:
        super().__init__(account=account, partition=partition, root_key=root_key)
        self.of_account = of_account

    def account_of(self, arn: str) -> str | None:
        """Return whose a resource is, of whichever account; None: nobody's in particular, or not there."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) != _ARN_PARTS:
            return None
        if parts[2] == "s3" and not parts[4]:
            return _owner_of_bucket(parts[5].partition("/")[0])
        account = parts[4]
        return account if account.isascii() and account.isdigit() else None

    def account_of_ciphertext(self, region: str, ciphertext: bytes) -> str | None:
        """Return whose the KMS key is that a ciphertext was made with, or None."""
        from moto.kms.models import kms_backends

        for account in list(kms_backends):
            with contextlib.suppress(SandboxRefusal):
                if self.of_account(account).kms_key_of_ciphertext(region, ciphertext) is not None:
                    return account
        return None

    def ids_of(self, account: str) -> Mapping[str, str] | None:
        """Return the unique IDs of an account's users and roles by ARN; None: it is not in the sandbox."""
        try:
            return self.of_account(account).unique_ids()
        except SandboxRefusal:
            return None

    def tags(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a resource, of whichever account it is; None when they cannot be known."""
        account = self.account_of(arn) or self.account
        if arn.split(":")[2:3] != ["iam"]:
            return tags_of(arn, account, self._partition)
        return super().tags(arn) if account == self.account else self.of_account(account).tags(arn)

    def object_tags(self, bucket: str, key: str, version_id: str | None) -> Mapping[str, str]:
        """Return the tags of an object of S3, of one version if one is named; none when it is not there."""
        owner = _owner_of_bucket(bucket)
        return {} if owner is None else object_tags(owner, self._partition, bucket, key, version_id)

    def membership(self, account: str) -> organizations.Membership | None:
        """Return an account's place in its organization, or None."""
        return organizations.membership(account)

    def organization_arn(self, entity_id: str) -> str | None:
        """Return the ARN of an account, unit, root or policy of this account's organization, by its id."""
        return organizations.arn_of(self.account, entity_id)

    def service_control(self, account: str) -> Sequence[Sequence[PolicyDocument]]:
        """Return the SCPs that bind the principals of an account, level by level."""
        return organizations.service_control(account)

    def resource_control(self, account: str) -> Sequence[Sequence[PolicyDocument]]:
        """Return the RCPs that bind the resources of an account, level by level."""
        return organizations.resource_control(account)

    def ec2_names(self, region: str, kind: str, value: str) -> tuple[str, ...]:
        """Return the IDs in EC2 that another name stands for; none when there is no such thing."""
        return ec2_names(self.account, self._partition, region, kind, value)

    def log_query_groups(self, region: str, query_id: str) -> tuple[str, ...]:
        """Return the names of the log groups that a query of CloudWatch Logs is about."""
        from moto.logs.models import logs_backends

        query: MotoObject = logs_backends[self.account][region].queries.get(query_id)
        return () if query is None else tuple(str(name) for name in query.log_group_names)

    def rds_engine(self, region: str, kind: str, name: str) -> tuple[str, str] | None:
        """Return engine and version of something of RDS, or None."""
        return rds_names.rds_engine(self.account, region, kind, name)

    def rds_arn(self, region: str, kind: str, name: str) -> str | None:
        """Return the ARN of a proxy or a shard group of RDS, or None."""
        return rds_names.rds_arn(self.account, region, kind, name)

    def secret_arn(self, region: str, secret_id: str) -> str | None:
        """Return the ARN of a secret given by name or ARN, or None."""
        from moto.secretsmanager.models import secretsmanager_backends

        secrets = secretsmanager_backends[self.account][region].secrets
        by_name = {secret.name: secret.arn for secret in list(secrets.values())}
        if secret_id in by_name:
            return by_name[secret_id]
        return secret_id if secret_id in by_name.values() else None

    def resource_policy(self, arn: str, *, action: str, caller_account: str) -> PolicyDocument | None:
        """Return the policy of the resource that an action on `arn` is about, as far as it has a say."""
        return resource_policy(arn, action=action, caller_account=caller_account, directory=self)

    def object_is_tagged(self, bucket: str, key: str) -> bool:
        """Tell whether an object of S3 is there and has tags."""
        from moto.s3.models import s3_backends

        backend: MotoObject = s3_backends[_owner_of_bucket(bucket) or self.account][self._partition]
        found = backend.buckets.get(bucket)
        there = None if found is None else found.keys.get(key)
        return there is not None and bool(backend.tagger.list_tags_for_resource(there.arn)["Tags"])

    def key_of_upload(self, bucket: str, upload_id: str) -> str | None:
        """Return the key that a multipart upload was begun for, or None."""
        from moto.s3.models import s3_backends

        found = s3_backends[self.account][self._partition].buckets.get(bucket)
        upload = None if found is None else found.multiparts.get(upload_id)
        return None if upload is None else str(upload.key_name)

    def kms_key_arn(self, region: str, key_id: str) -> str | None:
        """Return the ARN of a KMS key given by id, ARN, alias or alias ARN, or None."""
        from moto.kms.models import kms_backends

        backend: MotoObject = kms_backends[self.account][region]
        prefix = f"arn:{self._partition}:kms:{region}:{self.account}:"
        name = key_id.removeprefix(prefix)
        keys = {key.id: key.arn for key in list(backend.keys.values())}
        if name.startswith("alias/"):
            named = (key for key in list(backend.keys.values()) if name in key.aliases)
            return next((str(key.arn) for key in named), None)
        return keys.get(name.removeprefix("key/"))


def _owner_of_bucket(bucket: str) -> str | None:
    from moto.s3.models import s3_backends

    _, account = s3_backends.bucket_accounts.get(bucket, (None, None))
    return account
