"""A code of a device, from a source that needs nobody, to be pasted elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring.core
import pyotp
import pytest
from keyrings.alt.file import PlaintextKeyring

from device.account import Person
from device.listing import runs, source_of
from local_aws import LocalAws
from watchword.device.code import ShownCode, show_code
from watchword.device.errors import CodeSpent
from watchword.errors import NoTerminal, UsageError
from watchword.session import CodesRefused, Entrance, SessionStore, Wish, chain_of, parse_code_from
from watchword.session.codes import Occasion
from watchword.session.codes.keyring_seed import KeyringSeed, remember_seed
from watchword.session.device import Device
from watchword.session.errors import NoCode
from watchword.session.used_codes import UsedCodes

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = "arn:aws:iam::123456789012:mfa/phone"
# The beginning of a time step.
BEGIN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """A time that moves when somebody counts down, and what was said meanwhile."""

    is_live = False

    def __init__(self, second: float = 10) -> None:
        self.at = BEGIN + timedelta(seconds=second)
        self.said: list[str] = []
        self.waited: list[int] = []

    def now(self) -> datetime:
        return self.at

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, prompt: object, *, hidden: bool = False) -> str:
        raise NoTerminal("nobody is here")

    def confirm(self, question: str) -> bool:
        raise NoTerminal("nobody is here")

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        self.waited.append(seconds)
        self.at += timedelta(seconds=seconds)

    def step(self) -> int:
        return int((self.at - BEGIN).total_seconds() // 30)


class Program:
    """A source whose code in each time step is written down; it takes `seconds` to answer."""

    tries = 2
    asks = False
    name = "the program"

    def __init__(self, clock: Clock, *codes: str, seconds: float = 0) -> None:
        self._clock, self._codes, self._seconds = clock, codes, seconds
        self.asked = 0

    def code(self, occasion: Occasion) -> str:
        self.asked += 1
        code = self._codes[min(self._clock.step(), len(self._codes) - 1)]
        self._clock.at += timedelta(seconds=self._seconds)
        return code


@pytest.fixture
def way_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entrance:
    """Somebody whose profile names a device, far from any network."""
    (tmp_path / "config").write_text(f"[profile me]\nmfa_serial = {SERIAL}\n")
    (tmp_path / "credentials").write_text(
        "[me]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)

    def nobody() -> Clock:
        raise AssertionError("nobody is to be asked")

    return Entrance(
        chain=chain_of("me", Wish()), store=SessionStore(cache), open_terminal=nobody, now=lambda: BEGIN
    )


def shown(
    way_in: Entrance, clock: Clock, source: Program | KeyringSeed, *, pair: bool = False, wait: bool = True
) -> ShownCode:
    return show_code(replace(way_in, code_source=source, now=clock.now), clock, pair=pair, wait=wait)


def used(way_in: Entrance) -> UsedCodes:
    return UsedCodes(way_in.store.codes_path(way_in.key_with(Device(serial_number=SERIAL))))


def test_the_present_code_comes_without_any_call_to_aws(way_in: Entrance) -> None:
    clock = Clock(10)
    found = shown(way_in, clock, Program(clock, "111111"))
    assert (found.code, found.next_code, found.serial_number) == ("111111", None, SERIAL)
    assert found.seconds_left(clock.now()) == 20
    assert clock.waited == []


def test_a_code_that_was_sent_is_waited_out(way_in: Entrance) -> None:
    clock = Clock(10)
    used(way_in).send("111111", clock.now())
    found = shown(way_in, clock, Program(clock, "111111", "222222"))
    assert found.code == "222222"
    assert clock.waited == [20]
    assert clock.said == ["the present code was sent already, and a code serves once; waiting for the next"]
    assert found.seconds_left(clock.now()) == 30


def test_who_does_not_want_to_wait_is_told_how_long_it_would_take(way_in: Entrance) -> None:
    clock = Clock(10)
    used(way_in).send("111111", clock.now())
    with pytest.raises(CodeSpent) as raised:
        shown(way_in, clock, Program(clock, "111111"), wait=False)
    assert raised.value.hint == "the next code comes in 20 s"
    assert clock.waited == []


def test_what_is_shown_is_not_noted_as_used(way_in: Entrance) -> None:
    clock = Clock()
    assert shown(way_in, clock, Program(clock, "111111")).code == "111111"
    assert shown(way_in, clock, Program(clock, "111111")).code == "111111"
    assert not used(way_in).is_spent("111111", clock.now())


def test_a_source_that_gives_the_same_code_for_ever_is_not_asked_for_ever(way_in: Entrance) -> None:
    clock = Clock()
    used(way_in).send("111111", clock.now())
    program = Program(clock, "111111")
    with pytest.raises(CodesRefused, match="gives the same code again and again"):
        shown(way_in, clock, program)
    assert program.asked == 3


def test_a_code_that_came_while_the_time_step_turned_is_asked_for_again(way_in: Entrance) -> None:
    clock = Clock(25)
    found = shown(way_in, clock, Program(clock, "111111", "222222", seconds=8))
    assert found.code == "222222"
    assert found.seconds_left(clock.now()) == 19


def test_a_source_that_is_slower_than_its_codes_is_an_error(way_in: Entrance) -> None:
    clock = Clock()
    with pytest.raises(NoCode, match="it takes longer than the 30 s"):
        shown(way_in, clock, Program(clock, "111111", seconds=31))


def test_a_pair_is_the_present_code_and_the_one_after_it(way_in: Entrance) -> None:
    clock = Clock(12)
    found = shown(way_in, clock, Program(clock, "111111", "222222"), pair=True)
    assert (found.code, found.next_code) == ("111111", "222222")
    assert clock.waited == [18]
    assert found.seconds_left(clock.now()) == 30


def test_a_pair_begins_with_a_code_that_was_not_sent(way_in: Entrance) -> None:
    clock = Clock(12)
    used(way_in).send("111111", clock.now())
    found = shown(way_in, clock, Program(clock, "111111", "222222", "333333"), pair=True)
    assert (found.code, found.next_code) == ("222222", "333333")


def test_a_source_whose_clock_is_a_little_behind_gives_a_pair_all_the_same(way_in: Entrance) -> None:
    class Behind(Program):
        def code(self, occasion: Occasion) -> str:
            behind = int((clock.at - timedelta(seconds=3) - BEGIN).total_seconds() // 30)
            return ("111111", "222222", "333333")[behind]

    clock = Clock(12)
    found = shown(way_in, clock, Behind(clock), pair=True)
    assert (found.code, found.next_code) == ("111111", "222222")
    assert clock.waited == [18, 5]


def test_a_second_code_that_comes_too_late_makes_no_pair(way_in: Entrance) -> None:
    class OnceSlow(Program):
        def code(self, occasion: Occasion) -> str:
            code = super().code(occasion)
            clock.at += timedelta(seconds=31 if self.asked == 2 else 0)
            return code

    clock = Clock(12)
    with pytest.raises(NoCode, match="the second did not come in time"):
        shown(way_in, clock, OnceSlow(clock, "111111", "222222", "333333"), pair=True)


def test_a_pair_is_not_waited_for_against_the_users_will(way_in: Entrance) -> None:
    clock = Clock(12)
    with pytest.raises(CodeSpent, match="a pair needs the next code too"):
        shown(way_in, clock, Program(clock, "111111"), pair=True, wait=False)


def test_a_seed_in_the_keyring_gives_a_pair_at_once(
    way_in: Entrance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(keyring.core, "_keyring_backend", PlaintextKeyring())
    remember_seed(SERIAL, SEED)
    clock = Clock(12)
    found = shown(way_in, clock, KeyringSeed(), pair=True, wait=False)
    totp = pyotp.TOTP(SEED)
    assert (found.code, found.next_code) == (totp.at(BEGIN), totp.at(BEGIN + timedelta(seconds=30)))
    assert clock.waited == []


@pytest.mark.parametrize("source", [None, "-"])
def test_a_person_is_no_source(way_in: Entrance, source: str | None) -> None:
    wish = Wish(code_from=parse_code_from(source) if source else None)
    with pytest.raises(UsageError, match="a code that somebody types here is known already") as raised:
        show_code(replace(way_in, wish=wish), Clock())
    assert "`--mfa-from ykman`" in str(raised.value.hint)


def test_a_code_is_in_no_repr(way_in: Entrance) -> None:
    clock = Clock()
    found = shown(way_in, clock, Program(clock, "111111", "222222"), pair=True)
    assert "111111" not in repr(found)
    assert "222222" not in repr(found)


# -- as it is typed


def test_the_code_is_all_of_stdout_and_the_time_is_on_stderr(person: Person) -> None:
    with (person.folder / "config").open("a") as config:
        config.write(
            f"mfa_serial = {SERIAL}\nmfa_process = {source_of(person, '123456').partition(':')[2]}\n"
        )
    result = runs(person, "device", "code")
    assert (result.returncode, result.stdout) == (0, "123456\n")
    assert "that is the code of `phone` for " in result.stderr
    assert "123456" not in result.stderr


def test_the_code_as_data(person: Person) -> None:
    with (person.folder / "config").open("a") as config:
        config.write(f"mfa_serial = {SERIAL}\n")
    result = runs(person, "device", "code", "--mfa-from", source_of(person, "123456"), "--output", "json")
    value = json.loads(result.stdout)
    assert value["schema"] == "watchword/device-code/v1"
    assert (value["code"], value["next_code"], value["serial_number"]) == ("123456", None, SERIAL)
    assert value["source"] == "`--mfa-from process`"
    left = datetime.fromisoformat(value["shown_until"]) - datetime.now(UTC)
    assert -2 < value["seconds_left"] - left.total_seconds() < 5


def test_the_code_of_a_sign_in_is_not_shown_again(sandbox: LocalAws, person: Person) -> None:
    sandbox.device(person.name)
    source = source_of(person, sandbox.fresh_code(person.name))
    assert runs(person, "login", "--mfa-from", source).returncode == 0
    result = runs(person, "device", "code", "--mfa-from", source, "--no-wait")
    assert (result.returncode, result.stdout) == (1, "")
    assert "error: the present code was sent already, and a code serves once" in result.stderr
    assert "hint: the next code comes in " in result.stderr


def test_without_a_source_it_is_typed_wrongly(person: Person) -> None:
    result = runs(person, "device", "code")
    assert (result.returncode, result.stdout) == (2, "")


def test_a_code_in_the_arguments_is_refused(person: Person) -> None:
    result = runs(person, "device", "code", "--mfa-from", "123456")
    assert result.returncode == 2
    assert "123456" not in result.stderr
