import threading
from pathlib import Path

import pytest

from watchword.sandbox.folder import Folder, SandboxIsUp


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "sandbox")
    folder.make()
    return folder


def test_asking_whether_a_sandbox_is_up_never_keeps_one_from_starting(folder: Folder) -> None:
    with folder.hold():
        pass
    asked_enough = threading.Event()

    def ask() -> None:
        while not asked_enough.is_set():
            folder.is_held()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(3000):
            with folder.hold():
                assert folder.is_held()
    finally:
        asked_enough.set()
        for asker in askers:
            asker.join()


def test_a_folder_in_use_cannot_be_held_twice(folder: Folder) -> None:
    with folder.hold():
        with pytest.raises(SandboxIsUp), folder.hold():
            pass
        assert folder.is_held()
    assert not folder.is_held()
    with folder.hold():
        pass
