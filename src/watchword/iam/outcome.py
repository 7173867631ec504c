"""The possible answers, and the layers that give them."""

from __future__ import annotations

import enum


class Outcome(enum.StrEnum):
    """The answer. The values are public: they are used in case files and JSON output."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"
    """Nothing allows it. Whether some Deny whose condition is not known matches too is left open."""
    UNDETERMINED = "undetermined"


class Layer(enum.StrEnum):
    """What a request has to get through, in the order in which AWS looks at it."""

    SERVICE = "service"
    ROOT = "root"
    RESOURCE_CONTROL = "rcp"
    SERVICE_CONTROL = "scp"
    ENDPOINT = "endpoint"
    RESOURCE = "resource"
    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    TRUST = "trust"
    KEY = "key"
    """The policy of a KMS key, which must itself allow."""
