"""The pytest plugin, installed from a wheel into an environment of its own, in projects that are not ours."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What pytest itself is made of: all that a project has that uses nothing of ours.
PYTEST_ALONE = ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments")

SETTINGS = """\
[pytest]
addopts = --strict-markers --strict-config -p no:cacheprovider
filterwarnings = error
watchword_scenario = everywhere.yaml
watchword_unlisted = allow
"""
SCENARIO = """\
schema: watchword/sandbox-scenario/v1
users:
  {name}: {{devices: [{{virtual: {name}}}]}}
"""
SUITE = """\
import os
import sys

import boto3
import pytest

assert "moto" not in sys.modules  # the plugin is here, and has loaded nothing


@pytest.mark.parametrize("turn", range(4))
def test_each_test_begins_with_what_the_setting_says_and_nothing_else(watchword_sandbox, turn):
    aws = watchword_sandbox
    users = [user["UserName"] for user in aws.client("iam").list_users()["Users"]]
    assert users == ["everybody"]
    aws.user("only-now")
    aws.move_clock(3600)
    assert aws.sign_in(aws.key("everybody")).session_token


@pytest.mark.watchword_scenario("below/mine.yaml")
def test_a_marker_goes_before_the_setting(watchword_sandbox):
    assert watchword_sandbox.key("alice")


def test_what_is_in_no_table_runs_where_the_project_says_so(watchword_sandbox):
    watchword_sandbox.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)


@pytest.mark.watchword_scenario(None)
def test_a_marker_can_ask_for_an_empty_one(watchword_sandbox):
    assert watchword_sandbox.client("iam").list_users()["Users"] == []


def test_code_with_clients_of_its_own_reaches_the_sandbox_as_whom_it_is_told(watchword_sandbox, monkeypatch):
    with pytest.raises(Exception, match="Unable to locate credentials"):
        boto3.client("sts").get_caller_identity()
    with watchword_sandbox.acting_as(watchword_sandbox.key("everybody")):
        assert boto3.client("sts").get_caller_identity()["Arn"].endswith(":user/everybody")


def test_without_the_fixture_the_environment_is_as_it_was():
    assert os.environ["AWS_PROFILE"] == "work"
    assert "AWS_ENDPOINT_URL" not in os.environ


def test_with_it_no_profile_of_the_developer_is_in_use(watchword_sandbox):
    assert "AWS_PROFILE" not in os.environ
    assert os.environ["AWS_ENDPOINT_URL"] == watchword_sandbox.endpoint_url


@pytest.mark.watchword_scenario("wrong.yaml")
def test_a_wrong_scenario(watchword_sandbox):
    pass


@pytest.mark.watchword_scenario()
def test_a_marker_without_a_file(watchword_sandbox):
    pass
"""
PLAIN = """\
def test_nothing_of_ours():
    import sys

    assert not {"moto", "boto3", "yaml", "click"} & set(sys.modules)


def test_wants_the_sandbox(watchword_sandbox):
    pass
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a wheel of this tree, and nothing else, into an environment; return its Python."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv/bin/python"
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index",
         "--disable-pip-version-check", "--quiet", str(wheel)],
        check=True, timeout=120,
    )  # fmt: skip
    return python


def _site_packages(python: Path) -> Path:
    (found,) = python.parents[1].glob("lib/python*/site-packages")
    return found


def _run(python: Path, project: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PY", "COV"))}
    run = subprocess.run(
        [str(python), "-m", "pytest", *arguments],
        cwd=project,
        env=environment | {"AWS_PROFILE": "work", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return run.stdout


def test_a_suite_of_others_uses_the_sandbox_in_several_processes(installed: Path, tmp_path: Path) -> None:
    # Everything that the extra brings is there: in the packages of this very environment.
    (_site_packages(installed) / "others.pth").write_text("\n".join(site.getsitepackages()))
    (tmp_path / "tests/below").mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "everywhere.yaml").write_text(SCENARIO.format(name="everybody"))
    (tmp_path / "tests/below/mine.yaml").write_text(SCENARIO.format(name="alice"))
    (tmp_path / "tests/wrong.yaml").write_text(SCENARIO.format(name="alice").replace("virtual", "virtul"))
    (tmp_path / "tests/test_theirs.py").write_text(SUITE)
    shown = _run(installed, tmp_path, "-n", "2", "--dist", "load")
    assert "10 passed, 2 errors" in shown, shown
    assert "wrong.yaml:3:22: `virtul` is not known here" in shown
    assert 'write @pytest.mark.watchword_scenario("file.yaml"): it takes one path' in shown
    assert "Traceback" not in shown


def test_a_project_without_the_extra_notices_nothing(installed: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for packages in map(Path, site.getsitepackages()):
        for name in PYTEST_ALONE:
            if (packages / name).exists():
                (bare / name).symlink_to(packages / name)
    link = bare / "watchword"
    link.symlink_to(_site_packages(installed) / "watchword")
    (metadata,) = _site_packages(installed).glob("watchword-*.dist-info")
    (bare / metadata.name).symlink_to(metadata)
    (tmp_path / "test_plain.py").write_text(PLAIN)
    python = tmp_path / "venv/bin/python"
    venv.create(tmp_path / "venv", with_pip=False)
    (_site_packages(python) / "bare.pth").write_text(str(bare))
    shown = _run(python, tmp_path, "-q", "test_plain.py")
    assert "1 passed, 1 error" in shown, shown
    assert "needs `moto`, `flask`, `pyotp`, `yaml`: install watchword with its extra" in shown
    (tmp_path / "moto").mkdir()  # for a project's own sake, and without its server
    shown = _run(python, tmp_path, "-q", "test_plain.py", "-k", "wants")
    assert "needs `flask`, `pyotp`, `yaml`: install watchword with its extra" in shown, shown
