"""From a scenario file to a `Scenario`: everything that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from watchword.account.written import Path as PathTo
from watchword.account.written import Written, read_yaml
from watchword.iam.policy import PolicyKind
from watchword.sandbox.scenario.documents import read_document
from watchword.sandbox.scenario.errors import ScenarioInvalid, ScenarioProblem
from watchword.sandbox.scenario.model import (
    DeviceKind,
    Document,
    Holder,
    PlannedAccount,
    PlannedDevice,
    PlannedRole,
    PlannedUser,
    Scenario,
    Unit,
)
from watchword.sandbox.scenario.references import reference_problems
from watchword.sandbox.scenario.shape import shape_problems

_LONGEST_FILE_BYTES: Final = 4_194_304


def read_scenario(file: str | Path) -> Scenario:
    """Return the scenario in a file (`watchword/sandbox-scenario/v1`, YAML).

    Raises ScenarioInvalid with every problem of it, and of the policies in other files that it names;
    an empty file and one that cannot be read have one problem.
    """
    path = Path(file)
    written = _read_file(path)
    problems = list(written.problems)
    if not problems:
        misshapen = shape_problems(written)
        scenario = _Building(written, path.parent, problems).scenario()
        problems += [*misshapen, *reference_problems(scenario, written)]
        if not problems:
            return scenario
    raise ScenarioInvalid(str(file), tuple(sorted(set(problems))))


def _read_file(path: Path) -> Written:
    written = Written(file=str(path))
    try:
        with path.open("rb") as stream:
            content = stream.read(_LONGEST_FILE_BYTES + 1)
        if len(content) > _LONGEST_FILE_BYTES:
            message = f"larger than {_LONGEST_FILE_BYTES} bytes"
        else:
            return read_yaml(content.decode(), file=str(path))
    except OSError as error:
        message = f"cannot be read: {(error.strerror or str(error)).lower()}"
    except UnicodeDecodeError:
        message = "not UTF-8"
    written.problems.append(ScenarioProblem(file=str(path), line=1, column=1, message=message))
    return written


class _Building:
    """Makes values of a file whose shape is right. What is wrong with its policies goes to `problems`."""

    def __init__(self, written: Written, folder: Path, problems: list[ScenarioProblem]) -> None:
        self._written = written
        self._folder = folder
        self._problems = problems

    def scenario(self) -> Scenario:
        value: dict[str, Any] = self._written.value
        organization = value.get("organization", {})
        return Scenario(
            file=self._written.file,
            home=self._account(value, ()),
            accounts=tuple(
                self._account(each, ("accounts", name), name=name)
                for name, each in value.get("accounts", {}).items()
            ),
            units=tuple(
                Unit(
                    name=name,
                    where=self._where(("organization", "units", name)),
                    parent=unit.get("parent"),
                    service_control_policies=tuple(unit.get("scps", ())),
                )
                for name, unit in organization.get("units", {}).items()
            ),
            root_service_control_policies=tuple(organization.get("scps", ())),
            service_control_policies=self._documents(
                value, (), "service_control_policies", PolicyKind.SERVICE_CONTROL
            ),
            has_organization=_has_organization(value),
        )

    def _account(self, value: Mapping[str, Any], path: PathTo, *, name: str | None = None) -> PlannedAccount:
        return PlannedAccount(
            name=name,
            id=None if name is None else value["id"],
            where=self._where(path),
            unit=value.get("unit"),
            service_control_policies=tuple(value.get("scps", ())),
            policies=self._documents(value, path, "policies"),
            groups=tuple(
                Holder(**self._held(each, each_name, (*path, "groups", each_name)))
                for each_name, each in value.get("groups", {}).items()
            ),
            users=tuple(
                self._user(each, each_name, (*path, "users", each_name))
                for each_name, each in value.get("users", {}).items()
            ),
            roles=tuple(
                self._role(each, each_name, (*path, "roles", each_name))
                for each_name, each in value.get("roles", {}).items()
            ),
            root_devices=self._devices(value.get("root", {}), (*path, "root")),
        )

    def _user(self, value: Mapping[str, Any], name: str, path: PathTo) -> PlannedUser:
        return PlannedUser(
            **self._held(value, name, path),
            groups=tuple(value.get("groups", ())),
            boundary=value.get("boundary"),
            tags=value.get("tags", {}),
            password=value.get("password"),
            password_reset_required=value.get("password_reset_required", False),
            access_keys=value.get("access_keys", 1),
            devices=self._devices(value, path),
        )

    def _role(self, value: Mapping[str, Any], name: str, path: PathTo) -> PlannedRole:
        return PlannedRole(
            **self._held(value, name, path),
            trust=self._document((*path, "trust"), PolicyKind.TRUST),
            boundary=value.get("boundary"),
            tags=value.get("tags", {}),
            max_session_seconds=value.get("max_session_seconds"),
        )

    def _held(self, value: Mapping[str, Any], name: str, path: PathTo) -> dict[str, Any]:
        return {
            "name": name,
            "where": self._where(path),
            "path": value.get("path", "/"),
            "policies": tuple(value.get("policies", ())),
            "inline": self._documents(value, path, "inline"),
        }

    def _devices(self, value: Mapping[str, Any], path: PathTo) -> tuple[PlannedDevice, ...]:
        return tuple(
            PlannedDevice(
                kind=DeviceKind(kind), name=name, where=self._where((*path, "devices", index, kind))
            )
            for index, device in enumerate(value.get("devices", ()))
            for kind, name in device.items()
        )

    def _documents(
        self, value: Mapping[str, Any], path: PathTo, key: str, kind: PolicyKind = PolicyKind.IDENTITY
    ) -> dict[str, Document]:
        return {name: self._document((*path, key, name), kind) for name in value.get(key, {})}

    def _document(self, path: PathTo, kind: PolicyKind) -> Document:
        return read_document(self._written, path, kind=kind, folder=self._folder, problems=self._problems)

    def _where(self, path: PathTo) -> str:
        line, column = self._written.keys.get(path) or self._written.places.get(path, (1, 1))
        return f"{self._written.file}:{line}:{column}"


def _has_organization(value: Mapping[str, Any]) -> bool:
    accounts = value.get("accounts", {}).values()
    return (
        "organization" in value
        or "service_control_policies" in value
        or any("unit" in account or "scps" in account for account in accounts)
    )
