"""What ECR refuses to store as a repository's policy.

Source: Amazon ECR User Guide, repository-policies; ECR API Reference, SetRepositoryPolicy (`force`); the
texts are observed on AWS.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from watchword.sandbox.authorise.catalogue import actions_like
from watchword.sandbox.plane.policies.document import Document, Malformed, Statement, read, values
from watchword.sandbox.plane.policies.principals import UniqueIds, unknown_principal
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_SETS = "ecr:setrepositorypolicy"


def checked(text: str, *, account: str, unique_ids: UniqueIds, forced: bool) -> Document:
    """Return the document if ECR would store it. `forced`: also one that locks its author out.

    Raises AwsError (InvalidParameterException), SandboxRefusal where it is not known whether ECR would.
    """
    try:
        document = read(text)
    except Malformed as error:
        raise _invalid("Invalid repository policy provided") from error
    for statement in document.statements:
        if "Resource" in statement or "NotResource" in statement:
            raise _invalid("Invalid repository policy provided")
        for action in values(statement, "Action", "NotAction"):
            if not actions_like("ecr", action):
                raise SandboxRefusal(f"what ECR answers to the action `{action}` is not known")
        if not forced and _may_lock_out(statement):
            raise SandboxRefusal(
                "whether ECR takes this policy for one that locks its author out is not known; "
                "with force it is stored"
            )
    if unknown_principal(text, unique_ids, account) is not None:
        raise _invalid("Principal not found")
    return document


def _may_lock_out(statement: Statement) -> bool:
    if statement.get("Effect") != "Deny":
        return False
    patterns = [each.lower() for each in values(statement, "Action")]
    return "NotAction" in statement or any(fnmatchcase(_SETS, pattern) for pattern in patterns)


def _invalid(constraint: str) -> AwsError:
    message = f"Invalid parameter at 'PolicyText' failed to satisfy constraint: '{constraint}'"
    return AwsError("InvalidParameterException", message, status=400)
