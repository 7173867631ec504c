"""A fix that a proof proposes, applied in the sandbox: the call that its command makes, with its document."""

from __future__ import annotations

import shlex

from local_aws import LocalAws
from watchword.proof.result import Fix


def apply_fix(aws: LocalAws, fix: Fix) -> None:
    """Do as root what `fix.command` does; starting `aws` for each would take a second."""
    program, service, command, *options = shlex.split(fix.command)
    assert (program, service) == ("aws", "iam")
    given: dict[str, object] = {}
    while options:
        name = options.pop(0)
        has_value = options and not options[0].startswith("--")
        given[_camel(name)] = options.pop(0) if has_value else True
    assert given["PolicyDocument"] == f"file://{fix.file}"
    call = getattr(aws.client(service), command.replace("-", "_"))
    call(**given | {"PolicyDocument": fix.document})


def _camel(option: str) -> str:
    return "".join(word.capitalize() for word in option.strip("-").split("-"))
