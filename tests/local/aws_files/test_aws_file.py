from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import botocore.configloader
import pytest
from botocore.exceptions import ConfigParseError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from watchword.local.aws_files import AwsFile, UnreadableAwsFile, UnwritableSetting
from watchword.local.aws_files.lines import lines_of

Parsed = dict[str, dict[str, object]]

FULL = """\
# who I am   \r
[default]\r
region=eu-west-1   \r
; old
[profile "my work"]  ; the office
  aws_access_key_id : AKIA = 1 # not a comment
  s3 =
    max_concurrent_requests = 10
# between

    addressing_style = path
  output = json\t
\t
[sso-session x]
sso_region = us-east-1
[services x]
dynamodb =
  endpoint_url = http://localhost:8000"""

NAMES = ["default", "profile a", 'profile "my work"', "b", "sso-session x", "DEFAULT", " c ", "ü"]
KEYS = ["region", "aws_access_key_id", "AWS_Session_Token", "s3", "output", "x y", "\u00e9t\u00e9"]
VALUES = [
    "eu-west-1",
    "a = b : c",
    "json ; no comment",
    "[x]",
    "\u4f60\u597d",
    "",
    "a\u2028b",
    "a\x0bb",
    "%(x)s",
]
BLANKS = ["", "  ", "\t", "    ", "\u00a0", "\x0c"]
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]


def file_of(text: str) -> AwsFile:
    return AwsFile.parsed(text.encode(), Path("f"))


@st.composite
def lines(draw: st.DrawFn) -> str:
    blank = draw(st.sampled_from(BLANKS))
    kind = draw(
        st.sampled_from(["section", "setting", "setting", "setting", "nested", "comment", "blank", "junk"])
    )
    match kind:
        case "section":
            text = f"[{draw(st.sampled_from(NAMES))}]{draw(st.sampled_from(['', '  ', ' # home', '; x]']))}"
        case "setting":
            between = draw(st.sampled_from([" = ", "=", ":", " :\t", "= ", " ="]))
            text = f"{draw(st.sampled_from(KEYS))}{between}{draw(st.sampled_from(VALUES))}"
        case "nested":
            text = f"    {draw(st.sampled_from(KEYS))} = {draw(st.sampled_from(VALUES))}"
        case "comment":
            text = draw(st.sampled_from(["# x = y", "; [z]", "#", "# \u00fc\u0085"]))
        case "blank":
            text = ""
        case _:
            text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=6))
    return blank + text + draw(st.sampled_from(["", "", " ", "\t "])) + draw(st.sampled_from(ENDS))


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Return a file: mostly one that botocore reads."""
    found = draw(st.lists(lines(), max_size=14))
    if draw(st.booleans()):
        found.insert(0, f"[{draw(st.sampled_from(NAMES))}]\n")
    text = "".join(found)
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    return text.encode()


def by_botocore(folder: Path, content: bytes, *, nested: bool) -> Parsed | None:
    path = folder / "read-by-botocore"
    path.write_bytes(content)
    try:
        return dict(botocore.configloader.raw_config_parse(str(path), parse_subsections=nested))
    except ConfigParseError:
        return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(content=contents())
@settings(max_examples=100, deadline=None)
def test_it_reads_what_botocore_reads_and_refuses_what_botocore_refuses(folder: Path, content: bytes) -> None:
    expected = by_botocore(folder, content, nested=False)
    if expected is not None and by_botocore(folder, content, nested=True) is None:
        expected = None
    if expected is None:
        with pytest.raises(UnreadableAwsFile) as caught:
            AwsFile.parsed(content, Path("f"))
        lines_there = content.count(b"\n") + content.count(b"\r") + 1
        assert 1 <= (caught.value.line or 0) <= lines_there
    else:
        file = AwsFile.parsed(content, Path("f"))
        assert as_dict(file) == expected
        assert "".join(line.text for line in lines_of(file.text)).encode() == content


@given(
    content=contents(),
    section=st.sampled_from([name for name in NAMES if name != "DEFAULT"]),
    values=st.dictionaries(
        st.sampled_from([key for key in KEYS if key]), st.sampled_from(VALUES), max_size=3
    ),
)
@settings(max_examples=100, deadline=None)
def test_set_changes_what_botocore_reads_by_exactly_that(
    folder: Path, content: bytes, section: str, values: dict[str, str]
) -> None:
    file = open_to_sections(folder, content)
    wanted = {name.lower(): value for name, value in values.items()}
    inherited = file.add_section("nobody").section("nobody")
    expected = as_dict(file)
    expected[section] = {**inherited, **expected.get(section, {}), **wanted}
    changed = file.set(section, values)
    assert by_botocore(folder, changed.text.encode(), nested=False) == expected
    others_are_the_same(file, changed, section, wanted)


@given(content=contents(), at=st.integers(0, 20), names=st.lists(st.sampled_from(KEYS), max_size=3))
@settings(max_examples=100, deadline=None)
def test_unset_changes_what_botocore_reads_by_exactly_that(
    folder: Path, content: bytes, at: int, names: list[str]
) -> None:
    file = open_to_sections(folder, content)
    assume(file.sections())
    section = file.sections()[at % len(file.sections())]
    gone = {name.lower() for name in names}
    assume(not gone & set(file.add_section("nobody").section("nobody")))
    expected = as_dict(file)
    expected[section] = {name: value for name, value in expected[section].items() if name not in gone}
    changed = file.unset(section, names)
    assert by_botocore(folder, changed.text.encode(), nested=False) == expected
    others_are_the_same(file, changed, section, dict.fromkeys(gone, ""))


@given(content=contents(), values=st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_section_that_is_added_stands_at_the_end_and_can_go_again(
    folder: Path, content: bytes, values: dict[str, str]
) -> None:
    file = open_to_sections(folder, content)
    added = file.add_section("new", values)
    assert added.text.startswith(file.text)
    assert as_dict(added) == as_dict(file) | {"new": dict(added.section("new"))}
    assert {name.lower(): value for name, value in values.items()}.items() <= added.section("new").items()
    assert as_dict(added.remove_section("new")) == as_dict(file)
    assert by_botocore(folder, added.text.encode(), nested=False) == as_dict(added)


def open_to_sections(folder: Path, content: bytes) -> AwsFile:
    """Return a file that botocore reads, and would read with another section too."""
    try:
        file = AwsFile.parsed(content, Path("f"))
    except UnreadableAwsFile:
        assume(False)
        raise
    if by_botocore(folder, content + b"\n[nobody]\n", nested=True) is None:
        with pytest.raises(UnwritableSetting):
            file.add_section("nobody")
        assume(False)
    return file


def as_dict(file: AwsFile) -> Parsed:
    return {section: dict(file.section(section)) for section in file.sections()}


def others_are_the_same(before: AwsFile, after: AwsFile, section: str, names: Mapping[str, str]) -> None:
    """Look at each line that it is not about: same bytes and order; the last one may have got an end."""
    kept, left = (
        [line.text for line in lines_of(file.text) if not (line.section == section and line.name in names)]
        for file in (before, after)
    )
    if section not in before.sections():
        added = left[len(kept) :]
        assert added[-1].startswith(f"[{section}]")
        assert len(added) == 1 or not added[0].strip()
        left = left[: len(kept)]
    assert left[:-1] == kept[:-1]
    assert left == kept or left[-1] in {f"{kept[-1]}{end}" for end in ENDS}


def test_a_value_is_changed_in_its_place_and_nothing_else_is() -> None:
    changed = file_of(FULL).set('profile "my work"', {"aws_access_key_id": "AKIA2", "region": "us-east-1"})
    expected = FULL.replace("AKIA = 1 # not a comment", "AKIA2")
    expected = expected.replace("  output = json\t\n", "  output = json\t\n  region = us-east-1\n")
    assert changed.text == expected


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (lambda file: file.set("default", {"region": "x"}), "region=eu-west-1   \r", "region=x   \r"),
        (lambda file: file.set("default", {"output": "x"}), "   \r\n;", "   \r\noutput = x\r\n;"),
        (lambda file: file.unset('profile "my work"', ["S3"]), None, None),
        (lambda file: file.unset("default", ["region"]), "region=eu-west-1   \r\n", ""),
        (lambda file: file.unset("nobody", ["region"]), "", ""),
        (lambda file: file.set("new", {"a": "b"}), "localhost:8000", "localhost:8000\n\n[new]\na = b\n"),
    ],
)
def test_changes_of_a_real_file(
    change: Callable[[AwsFile], AwsFile], old: str | None, new: str | None
) -> None:
    after = change(file_of(FULL)).text
    if old is None or new is None:
        wanted = re.sub(r"  s3 =\n    max_.*\n(# between\n\n)    addr.*\n", r"\1", FULL)
        assert after == wanted != FULL
    else:
        assert after == FULL.replace(old, new, 1)


def test_no_section_is_added_that_would_inherit_what_botocore_refuses(tmp_path: Path) -> None:
    content = b"[DEFAULT]\nregion =\n  no equals sign\n"
    assert by_botocore(tmp_path, content, nested=True) == {}
    with pytest.raises(UnwritableSetting):
        AwsFile.parsed(content, Path("f")).add_section("a")


def test_a_first_setting_is_not_taken_for_part_of_it_by_a_section_that_is_indented() -> None:
    changed = file_of("[a]\n   [b]\n   x = 1\n").set("a", {"y": "2"})
    assert changed.text == "[a]\n   y = 2\n   [b]\n   x = 1\n"


def test_line_ends_of_what_is_added_are_those_of_the_line_before() -> None:
    assert file_of("[a]\r\nx = 1").set("a", {"y": "2"}).text == "[a]\r\nx = 1\r\ny = 2\r\n"
    assert file_of("").set("a", {"y": "2"}).text == "[a]\ny = 2\n"
    assert file_of("# only").add_section("a").text == "# only\n\n[a]\n"


@pytest.mark.parametrize(
    "value", ["hid\nden", "hid\rden", " hidden", "hidden ", "\ud800", "\n[b]\nhidden = 1"]
)
def test_a_value_that_would_be_read_as_something_else_is_not_written(value: str) -> None:
    file = file_of("[a]\nx = 1\n")
    for name in "xy":
        with pytest.raises(UnwritableSetting) as caught:
            file.set("a", {name: value})
        assert "hid" not in caught.value.diagnostics()


@pytest.mark.parametrize("name", ["#x", "[x]", "a=b", "a:b", " a", ""])
def test_a_name_that_would_be_read_as_something_else_is_not_written(name: str) -> None:
    with pytest.raises(UnwritableSetting):
        file_of("[a]\nx = 1\n").set("a", {name: "1"})


def test_what_all_sections_inherit_cannot_be_taken_from_one() -> None:
    file = file_of("[DEFAULT]\nregion = x\n[a]\n")
    assert file.get("a", "region") == "x"
    with pytest.raises(UnwritableSetting):
        file.unset("a", ["region"])
    assert file.set("a", {"region": "y"}).get("a", "region") == "y"


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (b"secret\n[a]\n", 1, "before the first"),
        (b"\xef\xbb\xbf[a]\nsecret = 1\n", 1, "byte order mark"),
        (b"[a]\nx = 1\nsecret\n", 3, "neither"),
        (b"[a]\r\n= secret\r\n", 2, "neither"),
        (b"[a]\n[secret]\n[secret]\n", 3, "section of that name"),
        (b"[a]\nsecret = 1\nSecret = 2\n", 3, "setting of that name"),
        (b"[a]\ns3 =\n  x = 1\n  secret\n", 4, "within a setting"),
        (b"[a]\rx = secret\r\nx = \xe4\n", 3, "not UTF-8"),
    ],
)
def test_what_botocore_cannot_read_is_refused_with_its_line_and_without_what_stands_there(
    tmp_path: Path, content: bytes, line: int, why: str
) -> None:
    assert by_botocore(tmp_path, content, nested=True) is None
    with pytest.raises(UnreadableAwsFile, match=why) as caught:
        AwsFile.parsed(content, Path("/some/file"))
    assert caught.value.line == line
    assert f"`/some/file:{line}`" in caught.value.message
    assert "secret" not in caught.value.diagnostics().lower()
    causes = itertools.takewhile(bool, [caught.value.__cause__, None])
    assert not list(causes)


def test_nothing_of_the_text_is_in_the_repr() -> None:
    assert "hidden" not in repr(file_of("[a]\nx = hidden\n"))
