"""What CloudFormation answers when it refuses.

Source: the texts are as published from AWS by others, unless a line says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from watchword.sandbox.wire.error import AwsError


def validation_error(message: str) -> AwsError:
    """Return CloudFormation's usual refusal."""
    return AwsError("ValidationError", message, status=400)


def format_error(message: str) -> AwsError:
    """The template is not what a template looks like."""
    return validation_error(f"Template format error: {message}")


def template_error(message: str) -> AwsError:
    """A function of the template is not used as it must be."""
    return validation_error(f"Template error: {message}")


def rule_failed(name: str, description: str) -> AwsError:
    """An assertion of the template's rules does not hold. The wording is ours: AWS documents none."""
    return validation_error(f"Assertion of the rule {name} failed: {description}")


def no_stack_with_id(name: str) -> AwsError:
    """A stack that is asked about is not there."""
    return validation_error(f"Stack with id {name} does not exist")


def no_stack(name: str) -> AwsError:
    """A stack that is to be changed is not there."""
    return validation_error(f"Stack [{name}] does not exist")


def stack_exists(name: str) -> AwsError:
    """There is a stack of this name."""
    return AwsError("AlreadyExistsException", f"Stack [{name}] already exists", status=400)


def not_in_this_state(stack_id: str, status: str, wanted: str) -> AwsError:
    """The stack is in a state in which it cannot be `wanted` (`updated`)."""
    return validation_error(f"Stack:{stack_id} is in {status} state and can not be {wanted}.")


def no_updates() -> AwsError:
    """The template and the parameters are as they were."""
    return validation_error("No updates are to be performed.")


def lacks_capabilities(wanted: str) -> AwsError:
    """The template makes resources of IAM, and the caller has not said to know."""
    return AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{wanted}]", status=400)


def circular(names: Iterable[str]) -> AwsError:
    """Resources need each other."""
    return validation_error(f"Circular dependency between resources: [{', '.join(names)}]")


def role_not_assumed(role_arn: str) -> AwsError:
    """The service role is not there, or does not trust CloudFormation."""
    return validation_error(f"Role {role_arn} is invalid or cannot be assumed")


def no_change_set(name: str) -> AwsError:
    """There is no such change set."""
    return AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", status=404)


def protected(name: str) -> AwsError:
    """The stack is protected from deletion."""
    return validation_error(f"Stack [{name}] cannot be deleted while TerminationProtection is enabled")


def change_set_exists(name: str) -> AwsError:
    """The stack has a change set of this name. Assumed after the text for stacks."""
    return AwsError("AlreadyExistsException", f"ChangeSet [{name}] already exists", status=400)


def cannot_execute(change_set_id: str, status: str, execution_status: str) -> AwsError:
    """The change set is not one that can be executed now."""
    return AwsError(
        "InvalidChangeSetStatus",
        f"ChangeSet [{change_set_id}] cannot be executed in its current status of [{status}]"
        if status != "CREATE_COMPLETE"
        else f"ChangeSet [{change_set_id}] cannot be executed in its current execution status of "
        f"[{execution_status}]",
        status=400,
    )
