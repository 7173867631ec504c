"""Stacks created, updated and deleted, with what happens when it fails.

Source: AWS CloudFormation User Guide, stack-failure-options and cfn-console-view-stack-events (statuses);
CreateStack, UpdateStack and DeleteStack in the API Reference (`OnFailure`, `DisableRollback`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from watchword.sandbox.cloudformation.deployment import Deployment, Failed
from watchword.sandbox.cloudformation.parameters import hidden, shown
from watchword.sandbox.cloudformation.plan import outputs_of
from watchword.sandbox.cloudformation.prepared import Prepared
from watchword.sandbox.cloudformation.stack import Resource, Stack
from watchword.sandbox.cloudformation.stacks import GONE, Stacks
from watchword.sandbox.wire.error import AwsError


class Rollout:
    """Brings `deployment`'s stack where it is to go. What it makes, it makes within the call."""

    def __init__(self, *, deployment: Deployment, stacks: Stacks, now: Callable[[], datetime]) -> None:
        self._deployment = deployment
        self._stack: Stack = deployment.stack
        self._stacks = stacks
        self._now = now

    # --- creation -------------------------------------------------------------------------------------

    def create(self, wanted: Prepared, on_failure: str) -> None:
        """Make a stack that is CREATE_IN_PROGRESS. `on_failure`: ROLLBACK, DELETE or DO_NOTHING."""
        _note(self._stack, wanted)
        self._deployment.hidden = hidden(wanted.template, wanted.parameters)
        try:
            self._deployment.apply(wanted.plan)
            self._tell_outputs(wanted)
        except Failed as failed:
            self._creation_failed(failed, on_failure)
            return
        self._tell("CREATE_COMPLETE")

    def _creation_failed(self, failed: Failed, on_failure: str) -> None:
        match on_failure:
            case "DO_NOTHING":
                self._tell("CREATE_FAILED", failed.reason)
            case "DELETE":
                self._tell("DELETE_IN_PROGRESS", f"{failed.reason}Delete requested by user.")
                self._after_deletion(self._deployment.delete(self._last_first()))
            case _:
                self._tell("ROLLBACK_IN_PROGRESS", f"{failed.reason}Rollback requested by user.")
                undeleted = self._deployment.delete(self._last_first())
                if undeleted:
                    self._tell("ROLLBACK_FAILED", _undeleted(undeleted))
                else:
                    self._tell("ROLLBACK_COMPLETE", keeps_reason=True)

    # --- update ---------------------------------------------------------------------------------------

    def update(self, wanted: Prepared, *, rolls_back: bool) -> None:
        """Change a stack that is UPDATE_IN_PROGRESS."""
        self._deployment.hidden = hidden(wanted.template, wanted.parameters)
        try:
            self._deployment.apply(wanted.plan)
            removed = self._removed(wanted)
            self._tell_outputs(wanted)
        except Failed as failed:
            self._update_failed(failed, rolls_back=rolls_back)
            return
        _note(self._stack, wanted)
        self._tell("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._deployment.delete([*self._deployment.leftovers(rolled_back=False), *removed])
        for resource in removed:  # what cannot be deleted is no part of the stack any more
            self._stack.resources.pop(resource.logical_id, None)
        self._tell("UPDATE_COMPLETE")

    def _update_failed(self, failed: Failed, *, rolls_back: bool) -> None:
        if not rolls_back:
            self._tell("UPDATE_FAILED", failed.reason)
            return
        self._tell("UPDATE_ROLLBACK_IN_PROGRESS", failed.reason)
        unreverted = self._deployment.undo()
        if unreverted:
            reason = f"The following resource(s) failed to update: [{', '.join(unreverted)}]. "
            self._tell("UPDATE_ROLLBACK_FAILED", reason)
            return
        self._tell("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", keeps_reason=True)
        created = [self._stack.resources[name] for name in self._deployment.created()]
        self._deployment.delete([*self._deployment.leftovers(rolled_back=True), *created])
        for resource in created:
            self._stack.resources.pop(resource.logical_id, None)
        self._tell("UPDATE_ROLLBACK_COMPLETE", keeps_reason=True)

    def _removed(self, wanted: Prepared) -> list[Resource]:
        kept = {planned.logical_id for planned in wanted.plan.resources}
        return [each for each in self._last_first() if each.logical_id not in kept]

    # --- deletion -------------------------------------------------------------------------------------

    def delete(self, retained: frozenset[str]) -> None:
        """Delete a stack that is DELETE_IN_PROGRESS, but for the resources `retained`."""
        for export in self._stack.exports:
            users = self._stacks.importers(self._stack.account, self._stack.region, export)
            if users:
                told = f"Export {export} cannot be deleted as it is in use by {' and '.join(users)}"
                self._tell("DELETE_FAILED", told)
                return
        resources = [each for each in self._last_first() if each.logical_id not in retained]
        for name in retained & set(self._stack.resources):
            self._stack.tell_of(self._stack.resources.pop(name), "DELETE_SKIPPED", now=self._now())
        self._after_deletion(self._deployment.delete(resources))

    def _after_deletion(self, undeleted: list[str]) -> None:
        if undeleted:
            self._tell("DELETE_FAILED", _undeleted(undeleted))
            return
        self._stack.deleted_at = self._now()
        self._stack.exports, self._stack.imports = {}, set()
        self._tell(GONE)

    # --- details ----------------------------------------------------------------------------------------

    def _last_first(self) -> list[Resource]:
        return list(reversed(self._stack.resources.values()))

    def _tell_outputs(self, wanted: Prepared) -> None:
        try:
            told = outputs_of(wanted.plan)
        except AwsError as error:
            raise Failed(created=[], updated=[], otherwise=error.message) from error
        exports = {export: value for _, _, value, export in told if export is not None}
        self._check_exports(exports)
        self._stack.outputs = [_output(*each) for each in told]
        self._stack.exports = exports

    def _check_exports(self, exports: dict[str, str]) -> None:
        stack = self._stack
        for owner, name, _ in self._stacks.exports(stack.account, stack.region):
            if owner is not stack and name in exports:
                told = f"Export with name {name} is already exported by stack {owner.name}."
                raise Failed(created=[], updated=[], otherwise=told)
        for name, value in stack.exports.items():
            users = self._stacks.importers(stack.account, stack.region, name)
            if users and exports.get(name) != value:
                verb = "updated" if name in exports else "deleted"
                told = f"Export {name} cannot be {verb} as it is in use by {' and '.join(users)}"
                raise Failed(created=[], updated=[], otherwise=told)

    def _tell(self, status: str, reason: str | None = None, *, keeps_reason: bool = False) -> None:
        before = self._stack.reason
        self._stack.tell(status, reason, now=self._now())
        if keeps_reason:
            self._stack.reason = before


def _note(stack: Stack, wanted: Prepared) -> None:
    stack.template, stack.description = wanted.template.text, wanted.template.description
    stack.parameters = wanted.parameters.given
    stack.shown_parameters = shown(wanted.template, wanted.parameters)
    stack.tags, stack.imports = wanted.tags, wanted.imports


def _output(key: str, description: str | None, value: str, export: str | None) -> dict[str, str]:
    told = {"OutputKey": key, "OutputValue": value, "Description": description, "ExportName": export}
    return {name: text for name, text in told.items() if text is not None}


def _undeleted(names: list[str]) -> str:
    return f"The following resource(s) failed to delete: [{', '.join(names)}]. "
