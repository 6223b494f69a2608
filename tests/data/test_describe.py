"""Descriptions: equal for what does the same, in any process; different for what differs."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from monai.transforms import Compose, Resized, ScaleIntensityRangePercentilesd

from cxrtk import readers
from cxrtk.data import LoadRadiographd
from cxrtk.data.describe import describe

SCRIPT = """
import json
from monai.transforms import Resized
from cxrtk.data.describe import describe
print(json.dumps(describe([Resized(["image"], (8, 8)), {"b", "a", "c", "d"}])))
"""


@pytest.mark.slow
def test_two_processes_agree():
    """Whatever the seed of Python's hashes, and so the order of sets."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Resized(["image"], (8, 8)), Resized(["image"], (8, 9))),
        (Resized(["image"], (8, 8)), Resized(["label"], (8, 8))),
        (Resized(["image"], (8, 8)), Compose([Resized(["image"], (8, 8))])),
        (
            ScaleIntensityRangePercentilesd("image", 1, 99, 0, 1),
            ScaleIntensityRangePercentilesd("image", 2, 99, 0, 1),
        ),
        (np.zeros(3), np.zeros(4)),
        (np.zeros(3), np.zeros(3, np.float32)),
        (torch.zeros(2), torch.ones(2)),
        (torch.float32, torch.float16),
        (len, max),
        ({"a": 1}, {"a": 2}),
        ([1, 2], [2, 1]),
    ],
)
def test_what_differs_is_described_differently(one, other):
    """And the same twice is the same."""
    assert describe(one) != describe(other)
    assert describe(one) == describe(one)
    json.dumps([describe(one), describe(other)])


def test_an_edited_plugin_is_another(plugin_folder):
    """The same class with another line of source."""
    found = []
    for number in (1, 2):
        text = (
            "from cxrtk import masks\n\n@masks.register('mine{0}')\nclass Mine:\n"
            "    def __call__(self, image):\n        return image > 0.{0}\n"
        )
        plugin_folder.write("masks", f"mine{number}", text.format(number))
        from cxrtk import masks

        found.append(describe(masks.create(f"mine{number}"))[1])  # name, source, settings
    assert found[0] != found[1]


def test_a_reader_is_described_without_its_listing(cxrtk_data):
    """Its settings count; how many files there are does not."""
    one = describe(LoadRadiographd("image", readers.create("nih_png", root=str(cxrtk_data / "nih_64px"))))
    text = json.dumps(one)
    assert "nih_64px" in text and "_000.png" not in text and len(text) < 10_000
    assert one != describe(LoadRadiographd("image", readers.create("nih_png", root=str(cxrtk_data / "nih"))))


def test_what_holds_itself_ends():
    """A circle is described once."""
    circle: list = [1]
    circle.append(circle)
    assert describe(circle) == [1, "itself"]
