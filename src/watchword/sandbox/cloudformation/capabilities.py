"""What callers must say that they know before a template makes identities.

Source: CloudFormation API Reference, CreateStack, `Capabilities`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from watchword.sandbox.cloudformation.refusals import lacks_capabilities
from watchword.sandbox.cloudformation.template import Template

_NAMES: Final = {
    "AWS::IAM::AccessKey": (),
    "AWS::IAM::Group": ("GroupName",),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Policy": (),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::IAM::User": ("UserName",),
    "AWS::IAM::UserToGroupAddition": (),
}


def needed(template: Template) -> tuple[list[str], list[str]]:
    """Return the capabilities that a template needs (none or one), and the types that they are needed for."""
    kinds = [
        (str(said["Type"]), said.get("Properties") or {})
        for said in template.resources.values()
        if said["Type"] in _NAMES
    ]
    if not kinds:
        return [], []
    named = any(name in properties for kind, properties in kinds for name in _NAMES[kind])
    capability = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
    return [capability], sorted({kind for kind, _ in kinds})


def check_capabilities(template: Template, given: Iterable[str]) -> None:
    """Raise AwsError (InsufficientCapabilitiesException) when the call lacks what the template needs."""
    wanted, _ = needed(template)
    allowed = {"CAPABILITY_NAMED_IAM", *wanted}
    if wanted and not allowed & set(given):
        raise lacks_capabilities(wanted[0])
