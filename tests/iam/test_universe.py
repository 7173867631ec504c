"""The action universe: names, what is known of them, and their bits."""

from __future__ import annotations

import pytest

from watchword.iam._packed import Service, Shape, from_bytes, packed, to_bytes
from watchword.iam.universe import AccessLevel, ResourceType, Universe

SHAPES = (
    Shape(0, ((0, True),), (0, 1)),
    Shape(1, (), ()),
    Shape(2, ((0, False), (1, False)), (2,)),
    Shape(-1, (), ()),
)
THING = Service(
    ("GetThing", "ListThings", "PutThing", "PutThing2"),
    (0, 1, 2, 3),
    SHAPES,
    (
        ("thing", "arn:${Partition}:thing:${Region}:${Account}:thing/${Id}"),
        ("any", "arn:${Partition}:thing:::*"),
    ),
    ("thing:colour", "aws:resourcetag/*", "aws:tagkeys"),
)
OTHER = Service(("Ask",), (0,), (Shape(0, (), ()),), (), ())


@pytest.fixture
def universe() -> Universe:
    return Universe.of("1.2", {"thing": THING, "other": OTHER})


def test_names_are_found_in_any_case_and_come_back_as_aws_writes_them(universe: Universe) -> None:
    assert universe.canonical("THING:getthing") == "thing:GetThing"
    assert universe.knows("thing:ListThings")
    assert universe.knows_service("Thing")


@pytest.mark.parametrize(
    "action", ["thing:Get", "thing:", "nothing:GetThing", "thing", "", "thing:GetThing2"]
)
def test_what_is_not_there_is_not_known(action: str, universe: Universe) -> None:
    assert not universe.knows(action)
    assert universe.canonical(action) is None
    assert universe.access_level(action) is None
    assert universe.resource_types(action) == ()
    assert universe.condition_keys(action) == frozenset()


def test_services_and_actions_come_in_order(universe: Universe) -> None:
    assert universe.services() == ("other", "thing")
    assert universe.actions("Thing") == (
        "thing:GetThing",
        "thing:ListThings",
        "thing:PutThing",
        "thing:PutThing2",
    )
    assert universe.actions("nothing") == ()


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("thing:*", ["GetThing", "ListThings", "PutThing", "PutThing2"]),
        ("Thing:put*", ["PutThing", "PutThing2"]),
        ("thing:PutThing", ["PutThing"]),
        ("thing:*things", ["ListThings"]),
        ("thing:?utThing?", ["PutThing2"]),
        ("thing:*Thing", ["GetThing", "PutThing"]),
        ("thing:Z*", []),
        ("nothing:*", []),
        ("*:Get*", []),
    ],
)
def test_a_pattern_is_expanded(pattern: str, names: list[str], universe: Universe) -> None:
    assert universe.matching(pattern) == tuple(f"thing:{name}" for name in names)


@pytest.mark.parametrize("pattern", ["*", "*:*"])
def test_a_star_is_everything(pattern: str, universe: Universe) -> None:
    assert universe.matching(pattern) == (*universe.actions("other"), *universe.actions("thing"))


def test_an_action_knows_its_level_resources_and_keys(universe: Universe) -> None:
    assert universe.access_level("thing:listthings") is AccessLevel.LIST
    assert universe.access_level("thing:PutThing2") is None
    assert universe.resource_types("thing:PutThing") == (
        ResourceType(
            name="thing", template="arn:${Partition}:thing:${Region}:${Account}:thing/${Id}", required=False
        ),
        ResourceType(name="any", template="arn:${Partition}:thing:::*", required=False),
    )
    assert universe.resource_types("thing:GetThing")[0].arns == ("arn:*:thing:*:*:thing/*",)
    assert universe.condition_keys("thing:GetThing") == {"thing:colour", "aws:resourcetag/*"}


@pytest.mark.parametrize(
    ("key", "listed"),
    [
        ("thing:Colour", True),
        ("aws:ResourceTag/Team", True),
        ("aws:ResourceTag", False),
        ("aws:TagKeys", False),
    ],
)
def test_a_key_with_a_part_that_varies_is_listed(key: str, listed: bool, universe: Universe) -> None:
    assert universe.has_key("thing:GetThing", key) is listed


def test_every_action_has_a_bit_of_its_own_and_so_have_those_not_known_yet(universe: Universe) -> None:
    names = [
        "other:Ask",
        "other:?",
        "thing:GetThing",
        "thing:ListThings",
        "thing:PutThing",
        "thing:PutThing2",
    ]
    bits = [universe.bit(name) for name in [*names, "thing:New", "new:New"]]
    assert bits == list(range(universe.size))
    assert universe.span("thing") == (2, 5)


def test_a_mask_is_turned_back_into_names(universe: Universe) -> None:
    mask = sum(1 << universe.bit(name) for name in ("thing:PutThing", "other:Ask", "thing:New", "new:New"))
    assert universe.expand(mask) == ("other:Ask", "thing:PutThing")
    assert universe.unknown(mask) == ("thing", "*")
    assert universe.unknown(1 << universe.bit("other:New")) == ("other",)


def test_what_was_packed_comes_back() -> None:
    value = from_bytes(to_bytes(packed("1.2", {"thing": THING})), version="1.2")
    assert value is not None
    assert Universe.unpacked(value).canonical("thing:getthing") == "thing:GetThing"
    assert value.services["thing"].read() == THING


@pytest.mark.parametrize("cut", [0, 8, 16, 40, -1])
def test_bytes_that_are_not_whole_are_nothing(cut: int) -> None:
    data = to_bytes(packed("1.2", {"thing": THING}))
    assert from_bytes(data[:cut], version="1.2") is None


def test_bytes_of_another_version_are_nothing() -> None:
    assert from_bytes(to_bytes(packed("1.2", {})), version="1.3") is None


def test_it_is_of_the_moment_that_was_packed(universe: Universe) -> None:
    assert universe.version == "1.2"
    assert Universe.unpacked(packed("1.3", {})).version == "1.3"


@pytest.mark.parametrize(
    ("pattern", "mask"),
    [
        ("other:Ask", 0b1),
        ("OTHER:ask", 0b1),
        ("thing:GetThing", 0b100),
        ("thing:*", 0b111100),
        ("Thing:PUT*", 0b110000),
        ("thing:?utThing", 0b10000),
        ("nothing:*", 0),
        ("thing:Nothing", 0),
        ("*", 0b111101),
        ("*:*", 0b111101),
        ("*:Get*", 0),
    ],
)
def test_an_entry_is_the_bits_of_the_known_actions_it_covers(
    pattern: str, mask: int, universe: Universe
) -> None:
    assert universe.mask(pattern) == mask


def test_only_the_last_bit_is_that_of_services_not_known_yet(universe: Universe) -> None:
    assert universe.size == 8
    assert universe.unknown(1 << 6) == ("thing",)
    assert universe.unknown(1 << 7) == ("*",)
    assert universe.unknown(0b111101) == ()
    assert universe.expand(1 << 7 | 1 << 6 | 1 << 1) == ()


def test_a_name_ends_at_its_first_colon(universe: Universe) -> None:
    assert not universe.knows("thing:GetThing:x")
    assert not universe.knows("x:thing:GetThing")
    assert universe.bit("thing:GetThing:x") == universe.bit("thing:New")
    assert universe.bit("x:thing:GetThing") == universe.bit("new:New")


def test_a_service_is_read_once_and_knows_which_actions_list_and_which_share_their_resources(
    universe: Universe,
) -> None:
    names = universe.names("thing")
    assert names is not None
    assert universe.names("thing") is names
    assert universe.names("nothing") is None
    assert names.lists == 0b10
    found = {tuple(each.name for each in types): mask for types, mask in names.by_types.items()}
    assert found == {("thing",): 0b0001, (): 0b1010, ("thing", "any"): 0b0100}
