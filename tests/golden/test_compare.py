"""A difference is told by section; how strict a comparison is depends on where the outputs were made."""

from dataclasses import replace

import pytest

from tests.golden.compare import Strictness, differences, strictness
from tests.golden.environment import Environment
from tests.golden.transcript import Section, read, write

STRICT, LOOSE = Strictness(numbers=True, bytes=True), Strictness(numbers=False, bytes=False)
HERE = Environment({"torch": "1"}, {"name": "a"}, {"zlib": "1"})
SECTIONS = [
    Section("1: cxrtk segment", "exit code 0"),
    Section("1: stdout", ""),
    Section("file a.csv", "image,area\r\na.png,1024\n"),
    Section("file a.png", "PNG L 8 x 8", "0123", "4567"),
    Section("file a.dcm", "dump\n", "89ab"),
    Section("file a_cam.png", "PNG RGBA 8 x 8", "", "cdef"),
]


def test_a_transcript_is_read_as_it_was_written():
    """Nothing is lost but how a carriage return and a missing newline look."""
    text = write(SECTIONS)
    assert write(read(text)) != "" and read(text)[2].text == "image,area␍\na.png,1024\n"
    assert [(each.name, each.inside, each.bytes) for each in read(text)] == [
        (each.name, each.inside, each.bytes) for each in SECTIONS
    ]


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        (0, {"text": "exit code 3"}, "1: cxrtk segment: differs:"),
        (1, {"text": "more\n"}, "+more"),
        (2, {"text": "image,area\na.png,1024\n"}, "file a.csv: differs:"),
        (2, {"text": "image,area\r\na.png,1025\n"}, "-a.png,1024\n+a.png,1025"),
        (2, {"text": "image,area\r\na.png,1024"}, "+a.png,1024␄"),
        (3, {"inside": "0124"}, "file a.png: holds something else: 0123 became 0124"),
        (
            3,
            {"bytes": "4568"},
            "file a.png: has other bytes around the same content: 4567 became 4568 (PNG L 8 x 8)",
        ),
        (5, {"bytes": "cdee"}, "file a_cam.png: has other bytes"),
        (4, {"name": "file b.dcm"}, "file a.dcm: is missing."),
    ],
)
def test_any_change_is_told(place, change, said):
    """By the name of its section, with a short difference."""
    after = [replace(each, **change) if number == place else each for number, each in enumerate(SECTIONS)]
    found = "\n".join(differences(read(write(SECTIONS)), read(write(after)), STRICT))
    assert said in found
    assert not list(differences(read(write(SECTIONS)), read(write(SECTIONS)), STRICT))


def test_the_order_is_part_of_it():
    """Of commands and files."""
    assert list(differences(SECTIONS, SECTIONS[::-1], STRICT)) == ["The sections are in another order."]


@pytest.mark.parametrize(
    ("golden", "found", "alike"),
    [
        ("area 1024, 0.913", "area 1030, 0.92", True),
        ("area 1024", "area 1100", False),
        ("0.913", "0.813", False),
        ("exit code 0", "exit code 2", False),
        ("a 0.5", "b 0.5", False),
    ],
)
def test_another_processor_may_move_digits(golden, found, alike):
    """But neither counts nor words."""
    told = list(differences([Section("file a.csv", golden)], [Section("file a.csv", found)], LOOSE))
    assert (not told) == alike


def test_how_strict():
    """Bytes where all is the same; content of exact cases on any processor; else texts alone."""
    libraries, processor, packers = (
        replace(HERE, **{name: {"other": "2"}}) for name in ("libraries", "processor", "packers")
    )
    every = {place: strictness(HERE, there, exact=exact) for place, there, exact in [
        ("here", HERE, False), ("packers", packers, False), ("exact", processor, True),
        ("processor", processor, False), ("libraries", libraries, True),
    ]}  # fmt: skip
    assert every == {
        "here": STRICT, "packers": Strictness(numbers=True, bytes=False),
        "exact": Strictness(numbers=True, bytes=False), "processor": LOOSE, "libraries": LOOSE,
    }  # fmt: skip
