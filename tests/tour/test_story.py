import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

WATCHWORD = str(Path(sys.executable).with_name("watchword"))


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    home = tmp_path_factory.mktemp("home")
    return subprocess.run(
        [WATCHWORD, "tour", "--output", "json"],
        capture_output=True,
        text=True,
        timeout=500,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"},
        check=False,
    )


def test_every_step_of_the_story_goes_as_it_should(performance: subprocess.CompletedProcess[str]) -> None:
    story = json.loads(performance.stdout)
    assert story["schema"] == "watchword/tour/v1"
    wrong = [step for step in story["steps"] if not step["as_expected"]]
    assert wrong == []
    assert story["as_expected"]
    assert performance.returncode == 0


def test_the_second_act_ends_with_a_proof(performance: subprocess.CompletedProcess[str]) -> None:
    story = json.loads(performance.stdout)
    proofs = [step for step in story["steps"] if step["command"].startswith("watchword prove")]
    assert [step["exit_code"] for step in proofs] == [3, 0]
    assert proofs[0]["output"].startswith("✗ Not proved")
    assert proofs[1]["output"].startswith("✓ Proved")
    attached = [step["exit_code"] for step in story["steps"] if "attach-user-policy" in step["command"]]
    assert attached[-2] == 0  # as the first proof says, and after the fix it is refused
    assert attached[-1] != 0


def test_the_story_shows_no_secret_and_no_code(performance: subprocess.CompletedProcess[str]) -> None:
    story = json.loads(performance.stdout)
    key = next(step for step in story["steps"] if "create-access-key" in step["command"])
    assert '"SecretAccessKey": "•••"' in key["output"]
    phone = next(step for step in story["steps"] if step["command"].startswith("watchword sandbox phone"))
    assert "•••" in phone["output"]


def test_nothing_is_left_running_and_nothing_at_home(performance: subprocess.CompletedProcess[str]) -> None:
    story = json.loads(performance.stdout)
    up = next(step for step in story["steps"] if step["command"] == "watchword sandbox up")
    port = up["output"].split("http://127.0.0.1:")[1].split()[0].strip("/")
    listening = subprocess.run(
        [sys.executable, "-c", f"import socket; socket.create_connection(('127.0.0.1', {int(port)}), 1)"],
        capture_output=True,
        check=False,
    )
    assert listening.returncode != 0
