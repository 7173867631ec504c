"""The pytest plugin: the fixture `watchword_sandbox`, and what its scenario is.

pytest imports this file in every project where watchword is installed, so it imports nothing but pytest. The
sandbox, and moto with it, is loaded by the first test that asks for the fixture.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from watchword.sandbox.local_aws import LocalAws
    from watchword.sandbox.scenario.model import Scenario

_MARKER = "watchword_scenario"
_INI = "watchword_scenario"
_UNLISTED = "watchword_unlisted"
# What a project may well lack that has moto for its own sake is looked for too.
_MODULES = ("moto", "flask", "pyotp", "yaml")
_EXTRA = (
    "the fixture `watchword_sandbox` needs {missing}:"
    " install watchword with its extra, pip install '.[sandbox]' in a clone of it"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings: the scenario that tests begin with, and what becomes of unlisted operations."""
    parser.addini(
        _INI, "Scenario file that the fixture watchword_sandbox begins with, relative to the rootdir."
    )
    parser.addini(
        _UNLISTED,
        "`allow` lets operations through undecided of which nothing says what they need (default: refuse).",
        default="refuse",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marker, so that `--strict-markers` knows it."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(file): begin with this scenario of the Watchword sandbox; a path relative to the test"
        " file, or None for an empty sandbox.",
    )


@pytest.fixture(scope="session")
def _watchword_sandbox_running(request: pytest.FixtureRequest) -> Iterator[LocalAws]:
    """The one sandbox of this process (with pytest-xdist: of each worker)."""
    missing = [name for name in _MODULES if importlib.util.find_spec(name) is None]
    if missing:
        pytest.fail(_EXTRA.format(missing=", ".join(f"`{name}`" for name in missing)), pytrace=False)
    from watchword.sandbox.occupied import occupied
    from watchword.sandbox.running import running

    with contextlib.ExitStack() as open_things:
        with occupied(), _quiet_moto():
            aws = open_things.enter_context(running(unlisted_allowed=_unlisted_allowed(request.config)))
        yield aws


@pytest.fixture
def watchword_sandbox(
    request: pytest.FixtureRequest, _watchword_sandbox_running: LocalAws
) -> Iterator[LocalAws]:
    """A local AWS in which MFA is enforced: `watchword.sandbox.LocalAws`, as it is on its first day.

    The environment of this process points at it for as long as the test runs, without credentials: a client
    that the tested code makes is nobody, until `with aws.acting_as(key)`.
    """
    from watchword.sandbox.occupied import occupied

    aws = _watchword_sandbox_running
    with occupied(), _quiet_moto():
        aws.reset()
        file = _scenario_of(request)
        if file is not None:
            _apply(aws, file)
        with aws.acting_as(None):
            yield aws


def _unlisted_allowed(config: pytest.Config) -> bool:
    wanted = str(config.getini(_UNLISTED))
    if wanted not in ("allow", "refuse"):
        pytest.fail(f"{_UNLISTED} is `{wanted}`: it can be `allow` or `refuse`", pytrace=False)
    return wanted == "allow"


def _scenario_of(request: pytest.FixtureRequest) -> Path | None:
    """Return the file that the nearest marker names, or the setting of the project."""
    marker = request.node.get_closest_marker(_MARKER)
    if marker is None:
        named = str(request.config.getini(_INI))
        return request.config.rootpath / named if named else None
    if len(marker.args) != 1 or marker.kwargs:
        pytest.fail(f'write @pytest.mark.{_MARKER}("file.yaml"): it takes one path', pytrace=False)
    return None if marker.args[0] is None else request.path.parent / marker.args[0]


def _apply(aws: LocalAws, file: Path) -> None:
    from watchword.errors import WatchwordError

    try:
        aws.apply(_read(file))
    except WatchwordError as error:
        pytest.fail(error.diagnostics(), pytrace=False)


@functools.cache
def _read(file: Path) -> Scenario:
    """Return a scenario, read once in a run: many tests begin with the same."""
    from watchword.sandbox.scenario.read import read_scenario

    return read_scenario(file)


@contextlib.contextmanager
def _quiet_moto() -> Iterator[None]:
    """Keep moto's own deprecations from becoming errors in a suite that runs with `-W error`."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"moto(\.|$)")
        yield
