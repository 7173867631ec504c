from __future__ import annotations

import base64

import pytest

from session.people import Somebody, end
from session.sts_peer import Peer, serial
from watchword.session.codes.keyring_seed import plain_seed
from watchword.session.errors import BadSeed

_PLAIN = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}
_ASKED = "type `yes` if that is what you want: "


@pytest.fixture
def variables(person_at_peer: Somebody) -> dict[str, str]:
    """The variables of somebody who has chosen a keyring that is a file."""
    return {**_PLAIN, "XDG_DATA_HOME": str(person_at_peer.home / "data")}


def _remember(person: Somebody, seed: str, variables: dict[str, str], answer: str = "yes") -> str:
    terminal = person.at_terminal("device", "remember-seed", **variables)
    terminal.expect_exact(
        "Then the access key of profile `work` and its second factor are both on this machine"
    )
    terminal.expect_exact(_ASKED)
    terminal.sendline(answer)
    if answer != "yes":
        return end(terminal, 1)
    terminal.expect_exact("the seed (base32, not shown): ")
    terminal.sendline(seed)
    terminal.expect(["kept the seed of", "error: "])
    return str(terminal.before) + str(terminal.after) + str(terminal.read())


def test_a_seed_is_kept_after_a_warning_and_gives_codes_without_any_terminal(
    person_at_peer: Somebody, peer: Peer, variables: dict[str, str]
) -> None:
    seed = peer.devices[serial("testuser")]
    shown = _remember(person_at_peer, f"{seed[:4].lower()} {seed[4:]}", variables)
    assert f"kept the seed of `{serial('testuser')}`" in shown
    assert seed[4:] not in shown
    result = person_at_peer.run("login", "--mfa-from", "keyring", **variables)
    assert result.returncode == 0, result.stderr
    assert len(peer.calls("GetSessionToken")) == 1


def test_without_a_yes_nothing_is_kept(
    person_at_peer: Somebody, peer: Peer, variables: dict[str, str]
) -> None:
    assert "error: nothing was kept" in _remember(person_at_peer, "", variables, answer="y")
    result = person_at_peer.run("login", "--mfa-from", "keyring", **variables)
    assert result.returncode == 4
    assert f"the keyring holds no seed of `{serial('testuser')}`" in result.stderr
    assert "hint: `watchword device remember-seed work` puts it there" in result.stderr
    assert peer.calls("GetSessionToken") == []


def test_a_forgotten_seed_gives_no_codes(
    person_at_peer: Somebody, peer: Peer, variables: dict[str, str]
) -> None:
    _remember(person_at_peer, peer.devices[serial("testuser")], variables)
    gone = person_at_peer.run("device", "forget-seed", **variables)
    assert (gone.returncode, gone.stderr) == (0, f"removed the seed of `{serial('testuser')}`\n")
    assert person_at_peer.run("login", "--mfa-from", "keyring", **variables).returncode == 4
    again = person_at_peer.run("device", "forget-seed", **variables)
    assert "there was no seed of" in again.stderr


def test_what_is_no_seed_is_not_kept_and_not_repeated(
    person_at_peer: Somebody, variables: dict[str, str]
) -> None:
    shown = _remember(person_at_peer, "0189-nonsense", variables)
    assert "that is no seed: it must be base32" in shown
    assert "nonsense" not in shown


@pytest.mark.parametrize("backend", [None, "keyring.backends.fail.Keyring"])
def test_a_keyring_that_protects_nothing_is_refused_before_anything_is_asked(
    person_at_peer: Somebody, peer: Peer, backend: str | None
) -> None:
    chosen = {"PYTHON_KEYRING_BACKEND": backend} if backend else {}
    terminal = person_at_peer.at_terminal("device", "remember-seed", **chosen)
    shown = end(terminal, 1)
    assert "keyring" in shown
    assert "error: " in shown
    assert "seed (base32" not in shown
    assert peer.asked == []


def test_the_seed_is_asked_for_on_a_terminal_only(person_at_peer: Somebody) -> None:
    assert person_at_peer.run("device", "remember-seed", **_PLAIN).returncode == 6


def test_a_seed_has_one_spelling() -> None:
    secret = base64.b32encode(bytes(range(40))).decode()
    assert plain_seed(f" {secret.lower()[:8]} {secret[8:]}=\n") == secret


@pytest.mark.parametrize("text", ["", "123456", "A" * 8, "A" * 25, "ABCDEFGHIJKLMNOPQRSTUVWXYZ1"])
def test_what_is_no_seed_is_an_error(text: str) -> None:
    with pytest.raises(BadSeed):
        plain_seed(text)


@pytest.mark.parametrize("package", ["keyring", "pyotp"])
def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it(
    person_at_peer: Somebody, peer: Peer, variables: dict[str, str], package: str
) -> None:
    _remember(person_at_peer, peer.devices[serial("testuser")], variables)
    folder = person_at_peer.home / "without"
    folder.mkdir()
    (folder / f"{package}.py").write_text("raise ImportError")
    result = person_at_peer.run("login", "--mfa-from", "keyring", **variables, PYTHONPATH=str(folder))
    assert result.returncode == 1
    assert f"error: the package `{package}` is not installed" in result.stderr
    assert "pip install '.[keyring]'" in result.stderr
