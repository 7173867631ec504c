"""What single services know of their resources, where a call names them by something else."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping

from watchword.sandbox.plane.moto_object import MotoObject


class ServiceLookup:
    """Resources of KMS, Athena and IAM in one account, as moto has them."""

    account: str

    def kms_key_of_ciphertext(self, region: str, ciphertext: bytes) -> str | None:
        """Return the ARN of the key that a ciphertext was made with, or None. Its id comes first."""
        from moto.kms.models import kms_backends
        from moto.kms.utils import CIPHERTEXT_HEADER_FORMAT, HEADER_LEN

        if len(ciphertext) < HEADER_LEN:
            return None
        head, *_ = struct.unpack(CIPHERTEXT_HEADER_FORMAT, ciphertext[:HEADER_LEN])
        key = kms_backends[self.account][region].keys.get(head.decode("ascii", "replace"))
        return None if key is None else str(key.arn)

    def kms_key_metadata(self, arn: str) -> Mapping[str, object] | None:
        """Return what DescribeKey says of a key, and its `Aliases`; None when there is no such key."""
        from moto.kms.models import kms_backends

        if arn == "*":
            return None
        _, _, service, region, account, rest = arn.split(":", 5)
        if service != "kms" or not rest.startswith("key/"):
            return None
        key: MotoObject = kms_backends[account][region].keys.get(rest.removeprefix("key/"))
        return None if key is None else {**key.to_dict()["KeyMetadata"], "Aliases": tuple(key.aliases)}

    def dynamodb_partition_key(self, arn: str) -> str | None:
        """Return the partition key of a table or local index; None: it is not there, or a global one."""
        from moto.dynamodb.models import dynamodb_backends

        _, _, _, region, account, rest = arn.split(":", 5)
        name, _, index = rest.removeprefix("table/").partition("/index/")
        table: MotoObject = dynamodb_backends[account][region].tables.get(name)
        local = () if table is None else [each.name for each in table.indexes]
        return None if table is None or (index and index not in local) else str(table.hash_key_attr)

    def athena_work_group(self, region: str, kind: str, identifier: str) -> str | None:
        """Return the workgroup of a named query or of an execution, or None when there is no such thing."""
        from moto.athena.models import athena_backends

        backend: MotoObject = athena_backends[self.account][region]
        found = (backend.named_queries if kind == "named query" else backend.executions).get(identifier)
        if found is None:
            return None
        # moto keeps the workgroup's object with one of them, and its name with the other.
        group = found.workgroup
        return str(getattr(group, "name", group))

    def service_linked_role_name(self, service: str, suffix: str | None) -> str | None:
        """Return the name of a service's linked role, as it would be made, or None when it cannot be told."""
        from moto.iam.models import SERVICE_NAME_CONVERSION

        labels = service.split(".")
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com", service):
            return None
        name, first = labels[-3], labels[0]
        made = SERVICE_NAME_CONVERSION.get(name, name)
        if name != first:
            made += "_" + "".join(word.capitalize() for word in first.split("-"))
        return f"AWSServiceRoleFor{made}" + (f"_{suffix}" if suffix else "")
