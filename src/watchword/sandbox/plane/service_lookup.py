"""What single services know of their resources, where a call names them by something else."""

from __future__ import annotations

import re
import struct

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
