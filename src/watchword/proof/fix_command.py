"""How a fix is applied: the file that its document is put into, and the command that stores it."""

from __future__ import annotations

import re
import shlex
from typing import Final, assert_never

from watchword.proof.documents import Document, Place

_NO_NAME: Final = re.compile(r"[^A-Za-z0-9+=,@_.-]|^[.-]")
_LONGEST: Final = 200  # AWS's names together have up to 193


def file_of(document: Document) -> str:
    """Return a name for the file of a document: whose it is, and what it is called.

    It is one part of a path, whatever a snapshot says: signs that AWS has in no name become `_`.
    """
    return f"{_NO_NAME.sub('_', _named(document))[:_LONGEST]}.json"


def _named(document: Document) -> str:
    owner = document.owner.rpartition("/")[2]
    match document.place:
        case Place.MANAGED:
            return (document.arn or document.name).rpartition("/")[2]
        case Place.INLINE:
            return f"{owner}-{document.inline}"
        case Place.TRUST:
            return f"{owner}-trust"
        case _:
            assert_never(document.place)


def command_of(document: Document) -> str:
    """Return the call that stores the document, as one types it where the file is.

    Source: AWS CLI Command Reference, `aws iam create-policy-version`, `put-group-policy` and its like,
    `update-assume-role-policy`.
    """
    kind, _, path = document.owner.split(":", 5)[5].partition("/")
    call: tuple[str, ...]
    whose = (f"--{kind}-name", path.rpartition("/")[2])
    match document.place:
        case Place.MANAGED:
            call = ("create-policy-version", "--policy-arn", document.arn or "", "--set-as-default")
        case Place.INLINE:
            call = (f"put-{kind}-policy", *whose, "--policy-name", document.inline)
        case Place.TRUST:
            call = ("update-assume-role-policy", *whose)
        case _:
            assert_never(document.place)
    return shlex.join(("aws", "iam", *call, "--policy-document", f"file://{file_of(document)}"))
