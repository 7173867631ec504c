"""Which actions on which resources an operation needs, for every operation that can be told exactly."""

from __future__ import annotations

import re
from collections.abc import Mapping

from watchword.sandbox.authorise.bindings import Binding, bindings_of
from watchword.sandbox.authorise.catalogue import actions_of
from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.authorise.other_reads import action_of_other
from watchword.sandbox.authorise.question import ActionOnResource
from watchword.sandbox.authorise.resource import expand, present, scalar
from watchword.sandbox.authorise.scope import Scope, Unidentified
from watchword.sandbox.authorise.session_documents import with_document_check
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation

__all__ = ["ActionOnResource", "prefix_of", "required"]

# Source: Amazon S3 API Reference, DeleteObjects ("up to 1,000 keys"); no other call names so many.
MOST_RESOURCES = 1000
_TAGS = re.compile(r"[Tt]ags\b|TagSpecifications\b")
# Services whose actions have another prefix than botocore's name; all others are the signing name.
_PREFIXES = {"elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}


class Unlisted(SandboxRefusal):
    """An operation that is in no table: nothing says what it needs."""

    def __init__(self, operation: Operation, reason: str) -> None:
        super().__init__(
            f"{_unidentifiable(operation, reason)}. `watchword sandbox up --unlisted allow`, in pytest "
            "the setting `watchword_unlisted = allow`, lets such operations through, undecided"
        )


def required(
    operation: Operation, *, caller_user_name: str | None, account: str, partition: str, lookup: Lookup
) -> tuple[ActionOnResource, ...]:
    """Return what must be allowed, all of it, before the operation runs.

    An operation is what its service's table says. Of services without one, those in the list of
    `other_reads` are decided on `*`.
    Raises Unlisted when it is in no table, SandboxRefusal when the action or the resource cannot be told: an
    unknown resource is never `*`.
    """
    table = bindings_of(operation.service)
    bound = table.operations.get(operation.name) if table else None
    if table is not None and operation.name in table.undecided:
        raise Unlisted(operation, table.undecided[operation.name])
    if table is None or bound is None:
        return (_without_table(operation),)
    for uncovered in table.uncovered.get(operation.name, ()):
        given = [path for path in uncovered.parameters if present(path, operation.params)]
        if given:
            raise _unidentified(operation, f"with {given[0]}, {uncovered.reason}")
    scope = Scope(
        operation=operation,
        partition=partition,
        account=account,
        caller_user_name=caller_user_name,
        lookup=lookup,
    )
    applying = [binding for binding in bound if _applies(binding, operation)]
    try:
        questions = tuple(question for binding in applying for question in _ask(binding, scope))
    except Unidentified as error:
        raise _unidentified(operation, str(error)) from None
    if len(questions) > MOST_RESOURCES:
        raise _unidentified(operation, f"it names more than {MOST_RESOURCES} resources")
    if not questions or not any(_is_main(binding) for binding in applying):
        raise _unidentified(operation, "these parameters are not covered")
    return with_document_check(operation, questions, partition=partition, account=account)


def _is_main(binding: Binding) -> bool:
    # iam:PassRole, tags and the like come on top; they never are all that an operation needs.
    return not binding.context and not any(_TAGS.match(path) for path in binding.when)


def _applies(binding: Binding, operation: Operation) -> bool:
    params = operation.params
    return all(present(path, params) for path in binding.when) and not any(
        present(path, params) for path in binding.unless
    )


def _ask(binding: Binding, scope: Scope) -> tuple[ActionOnResource, ...]:
    resources = expand(binding.resource, scope)
    others = [None] * len(resources) if binding.or_resource is None else expand(binding.or_resource, scope)
    return tuple(
        ActionOnResource(
            action=binding.action,
            resource=resource,
            shown=_shown(binding, resource, scope),
            item_by_item=binding.item_by_item,
            context={**binding.context, **_carried(binding, scope)},
            or_resource=other,
        )
        for resource, other in dict(zip(resources, others, strict=True)).items()
    )


def _carried(binding: Binding, scope: Scope) -> Mapping[str, str]:
    found = {key: scalar(path, scope.params) for key, path in binding.keys.items()}
    return {key: value for key, value in found.items() if value is not None}


def _shown(binding: Binding, resource: str, scope: Scope) -> str | None:
    if binding.shown is None:
        return None if resource == "*" else resource
    if not binding.shown:
        return None
    return ", ".join(_plainly(binding.shown, scope))


def _plainly(template: str, scope: Scope) -> tuple[str, ...]:
    # In a name that is only shown, an ARN stays a part of the text.
    return expand(template.replace("|arn}", "}"), scope)


def prefix_of(operation: Operation) -> str:
    """Return what stands before the colon in the actions of the operation's service."""
    table = bindings_of(operation.service)
    return table.prefix if table else prefix_of_service(operation.service, operation.signing_name)


def prefix_of_service(service: str, signing_name: str) -> str:
    """Return what stands before the colon in the actions of a service without a table of its own."""
    return _PREFIXES.get(service, signing_name)


def _without_table(operation: Operation) -> ActionOnResource:
    action = action_of_other(operation.service, operation.name)
    if action is not None:
        return ActionOnResource(action=action, resource="*", shown=None)
    prefix = prefix_of(operation)
    facts = actions_of(prefix).get(operation.name.lower())
    if facts is None:
        raise Unlisted(operation, "no action of that name is known")
    if facts.has_resource_types:
        raise Unlisted(operation, "its resource cannot be told yet")
    if not facts.reads_only:
        raise Unlisted(operation, "it writes, and has not been reviewed yet")
    raise Unlisted(operation, "it is in no table yet")


def _unidentified(operation: Operation, reason: str) -> SandboxRefusal:
    return SandboxRefusal(_unidentifiable(operation, reason))


def _unidentifiable(operation: Operation, reason: str) -> str:
    return f"{operation.service}:{operation.name} cannot be authorised exactly: {reason}"
