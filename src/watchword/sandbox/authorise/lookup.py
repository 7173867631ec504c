"""What must be known of the account to name a resource. Whoever keeps the resources implements `Lookup`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Membership(Protocol):
    """An account's place in an organization. `path` is `o-ID/r-ID/ou-ID/`: from the root to its parent."""

    @property
    def organization_id(self) -> str: ...
    @property
    def path(self) -> str: ...


class Lookup(Protocol):
    """Resources as they are now. Any thread may ask; None means that there is no such thing."""

    def path_of(self, kind: str, name: str) -> str | None:
        """Return the path (`/`, `/team/`) of a user, group, role, instance-profile or server-certificate."""

    def key_owner(self, access_key_id: str) -> str | None:
        """Return the name of the user who has this long-term key."""

    def secret_arn(self, region: str, secret_id: str) -> str | None:
        """Return the ARN of a secret given by name, partial ARN or ARN."""

    def kms_key_arn(self, region: str, key_id: str) -> str | None:
        """Return the ARN of a KMS key given by id, ARN, alias or alias ARN."""

    def kms_key_of_ciphertext(self, region: str, ciphertext: bytes) -> str | None:
        """Return the ARN of the KMS key that a ciphertext was made with."""

    def kms_key_metadata(self, arn: str) -> Mapping[str, object] | None:
        """Return what DescribeKey says of a key, and its `Aliases`."""

    def dynamodb_partition_key(self, arn: str) -> str | None:
        """Return the partition key of a table or local index; None: it is not there, or a global one."""

    def athena_work_group(self, region: str, kind: str, identifier: str) -> str | None:
        """Return the workgroup of a `named query` or a `query execution` of Athena."""

    def service_linked_role_name(self, service: str, suffix: str | None) -> str | None:
        """Return the name that the linked role of a service (`es.amazonaws.com`) has or would get."""

    def ec2_names(self, region: str, kind: str, value: str) -> tuple[str, ...]:
        """Return the IDs in EC2 that another name stands for (`kind`: address, launch_template…); or none."""

    def log_query_groups(self, region: str, query_id: str) -> tuple[str, ...]:
        """Return the names of the log groups that a query of CloudWatch Logs is about."""

    def rds_engine(self, region: str, kind: str, name: str) -> tuple[str, str] | None:
        """Return engine and version of something of RDS (`db`, `snapshot`…), or of a new `new-db`."""

    def rds_arn(self, region: str, kind: str, name: str) -> str | None:
        """Return the ARN of a `proxy` or a `shard-group` of RDS."""

    def object_is_tagged(self, bucket: str, key: str) -> bool:
        """Tell whether an object of S3 is there and has tags."""

    def object_tags(self, bucket: str, key: str, version_id: str | None) -> Mapping[str, str]:
        """Return the tags of an object of S3, of one version if one is named; none when it is not there."""

    def tags(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a resource; None when the tags of resources of its kind cannot be known."""

    def account_of(self, arn: str) -> str | None:
        """Return the account of a resource, whichever it is: a bucket's ARN does not hold it.

        None: it is nobody's in particular, or it is not there.
        """

    def account_of_ciphertext(self, region: str, ciphertext: bytes) -> str | None:
        """Return whose the KMS key is that a ciphertext was made with, or None."""

    def membership(self, account: str) -> Membership | None:
        """Return an account's place in its organization; None when it is in none."""

    def organization_arn(self, entity_id: str) -> str | None:
        """Return the ARN of an account, unit, root or policy of the account's own organization, by its id."""

    def boundary(self, arn: str) -> str | None:
        """Return the ARN of the permissions boundary of the user or role `arn`."""
