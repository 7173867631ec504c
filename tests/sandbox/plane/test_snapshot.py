"""Snapshots of moto: what goes in comes out, shared where it was shared; nothing else can be named in one."""

from __future__ import annotations

import os
import pickle
import pickletools
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from watchword.sandbox.plane.snapshot import rebuild
from watchword.sandbox.plane.snapshot.errors import BrokenSnapshot, CannotKeep
from watchword.sandbox.plane.snapshot.reading import _Reading, _Unpickler, read
from watchword.sandbox.plane.snapshot.writing import _Writer


def written(value: object) -> bytes:
    import io

    stream = io.BytesIO()
    _Writer(stream).dump(value)
    return stream.getvalue()


def there_and_back(value: object) -> Any:  # noqa: ANN401 - of the kind that was written
    import io

    return _Unpickler(io.BytesIO(written(value)), _Reading(lambda _: b"")).load()


class Runs:
    def __init__(self, callee: Any, *arguments: object) -> None:  # noqa: ANN401
        self.reduced = callee, arguments

    def __reduce__(self) -> Any:  # noqa: ANN401
        return self.reduced


def read_value(value: object) -> None:
    read(
        {1: pickle.dumps([(("moto.iam.models", "IAMBackend", "123456789012", "aws"), value)])}, lambda _: b""
    )


@pytest.mark.parametrize(
    "planted",
    [
        Runs(os.mkdir, "trap"),
        Runs(eval, "1"),
        Runs(getattr, "text", "upper"),
        Runs(open, "trap", "w"),
        Runs(__import__, "os"),
        Runs(print, "trap"),
    ],
    ids=["os.mkdir", "eval", "getattr", "open", "__import__", "print"],
)
def test_a_snapshot_that_names_anything_else_is_refused_before_it_runs(
    planted: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BrokenSnapshot, match="it names"):
        read_value(planted)
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("moto.server", "main"),  # a function of moto's
        ("moto.core.utils", "os.system"),  # through a module that moto has imported
        ("moto.iam.models", "json.loads"),
        ("moto.iam.models", "random"),
        ("subprocess", "Popen"),
        ("builtins", "exec"),
    ],
)
def test_only_classes_of_moto_and_plain_values_can_be_named(module: str, name: str) -> None:
    import io

    with pytest.raises((BrokenSnapshot, AttributeError, ImportError)):
        _Unpickler(io.BytesIO(), _Reading(lambda _: b"")).find_class(module, name)


@pytest.mark.parametrize(
    "planted",
    [
        Runs(rebuild.local_function, "os", "system", 1),
        Runs(rebuild.local_function, "moto.core.utils", "os.system", 1),
        Runs(rebuild.bound_method, "text", "upper"),
        Runs(rebuild.constant, "os", "environ"),
        Runs(rebuild.backend, "os", "system", "1", "aws"),
        Runs(rebuild.backend, "moto.iam.models", "User", "1", "aws"),
    ],
    ids=lambda planted: f"{planted.reduced[0].__name__}-{planted.reduced[1][0]}",
)
def test_our_own_words_reach_nothing_but_moto(planted: Runs) -> None:
    with pytest.raises(BrokenSnapshot):
        read_value({"x": planted})


def test_a_stranger_is_refused_when_it_is_written_not_when_it_is_read() -> None:
    with pytest.raises(CannotKeep, match="test_snapshot"):
        written(Runs(os.getpid))
    with pytest.raises(CannotKeep):
        written([lambda: 1])
    with pytest.raises(CannotKeep):
        written(os.getpid)


def test_what_pickle_cannot_write_comes_back() -> None:
    from moto.core.constants import MISSING
    from moto.kms.utils import RSAPrivateKey

    value = there_and_back(
        {
            "missing": MISSING,
            "key": RSAPrivateKey(2048),
            "default": defaultdict(list, {"a": [1]}),
            "set": {1, 2},
        }
    )
    assert value["missing"] is MISSING
    assert value["key"].sign(b"text", "RSASSA_PKCS1_V1_5_SHA_256")
    assert value["default"]["b"] == []
    assert value["set"] == {1, 2}


def test_a_dictionary_of_motos_own_kind_holds_what_it_held() -> None:
    from moto.s3.utils import _VersionedKeyStore
    from moto.ssm.models import ParameterDict

    versions = _VersionedKeyStore()
    versions["a"], versions["a"] = 1, 2
    back = there_and_back({"s3": versions, "ssm": ParameterDict("123456789012", "us-east-1")})
    assert back["s3"].getlist("a") == [1, 2]
    assert back["ssm"].region_name == "us-east-1"
    assert back["ssm"].default_factory is list


def test_the_same_twice_is_the_same_bytes() -> None:
    value = {"users": [{"name": f"user-{number}"} for number in range(10)]}
    assert written(value) == written(value)
    assert not [op for op, _, _ in pickletools.genops(written(value)) if op.name == "GLOBAL"]
