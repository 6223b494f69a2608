# ruff: noqa: E501 - tables of one-line programs
"""The contract suites find what is wrong: a faulty plugin fails the test for its fault, a sound one none."""

import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import cxrtk.testing

NETWORK = """
import torch
from torch import nn
from cxrtk import networks

class Net(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        {init}
    def forward(self, x):
        {forward}

@networks.register("{name}")
def build(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    '''A network.'''
    return Net(in_channels, out_channels)
"""
CONV = "self.conv = nn.Conv2d({channels}, 3, padding=1)"
BOTH = CONV.format(channels="in_channels, out_channels")

NETWORKS = [
    (BOTH, "return self.conv(x)", None),
    (CONV.format(channels="in_channels, 1"), "return self.conv(x)", "test_takes_its_channels[1-3]"),
    (BOTH, "return self.conv(x)[..., 1:, :]", "test_keeps_height_and_width[32-32]"),
    (BOTH, "return torch.sigmoid(self.conv(x))", "test_gives_logits_and_learns"),
    (BOTH, "return torch.relu(self.conv(x))", "test_gives_logits_and_learns"),
    (BOTH, "return self.conv(x) / (x.std() > 0)", "test_a_constant_image_gives_finite_logits[0.5]"),
    (
        BOTH + "; self.idle = nn.Linear(2, 2)",
        "return self.conv(x)",
        "test_the_gradient_reaches_every_parameter",
    ),
    (
        BOTH + "; self.lost = [nn.Conv2d(1, 1, 1)]",
        "return self.conv(x) + self.lost[0](x[:, :1])",
        "test_weights_survive_a_file",
    ),
    (
        BOTH + "; nn.init.normal_(self.conv.weight, generator=torch.Generator().manual_seed(torch.seed()))",
        "return self.conv(x)",
        "test_the_seed_decides_the_weights",
    ),
    (BOTH, "return self.conv(x) - x.mean()", "test_evaluates_each_image_on_its_own"),
    (BOTH, "return nn.functional.dropout(self.conv(x))", "test_evaluates_each_image_on_its_own"),
    (BOTH, "return self.conv(x.mul_(0.5))", "test_leaves_its_input_alone"),
]

MASK = """
import torch
from cxrtk import masks

@masks.register("{name}")
class Generator:
    '''A generator.'''
    calls = 0
    def __call__(self, image):
        type(self).calls += 1
        {call}
"""
MASKS = [
    ("return (image < 0.5).float()", None),
    ("return image", "test_gives_zeros_and_ones_of_the_same_size[64-64]"),
    ("return image < 0.5", "test_gives_zeros_and_ones_of_the_same_size[64-64]"),
    ("return (image < 0.5).float()[0]", "test_gives_zeros_and_ones_of_the_same_size[97-131]"),
    (
        "return (image / (image.max() - image.min()) < 0.5).float() / (image.std() > 0)",
        "test_takes_a_constant_image[0.5]",
    ),
    ("return (image < torch.rand(())).float()", "test_gives_the_same_again"),
    ("return (image < 0.1 * (type(self).calls % 7)).float()", "test_gives_the_same_again"),
    (
        "self.m = max(getattr(self, 'm', 0), image.mean()); return (image < 1.2 * self.m).float()",
        "test_an_image_leaves_no_trace",
    ),
    ("return image.lt_(0.5)", "test_leaves_its_input_alone"),
]

METRIC = """
import torch
from monai.metrics import DiceMetric, MeanIoU
from monai.metrics.metric import CumulativeIterationMetric
from cxrtk import metrics

class Mine(CumulativeIterationMetric):
    def _compute_tensor(self, y_pred, y=None, **_):
        {compute}
    def aggregate(self):
        {aggregate}

@metrics.register("{name}")
def build() -> CumulativeIterationMetric:
    '''A metric.'''
    return {build}
"""
SAME = "return (y_pred == y).float().mean(dim=(2, 3))"
MEAN = "return self.get_buffer().mean()"
METRICS = [
    (SAME, MEAN, "Mine()", None),
    ("", "", "DiceMetric(ignore_empty=False)", None),
    ("", "", "DiceMetric()", "test_every_case_counts[both empty]"),
    ("", "", "DiceMetric(reduction='none')", "test_every_case_counts[half]"),
    ("return 1 - (y_pred == y).float().mean(dim=(2, 3))", MEAN, "Mine()", "test_perfect_is_best"),
    ("return (y * y_pred).sum(dim=(2, 3)) / y.sum(dim=(2, 3)).clamp(min=1)", MEAN, "Mine()", "test_a_worse_prediction_counts_worse[everything]"),
    ("return (y_pred == y).float().mean().reshape(1, 1)", MEAN, "Mine()", "test_a_batch_is_its_images"),
    (SAME, "return float(self.get_buffer().mean())", "Mine()", "test_perfect_is_best"),
    ("y_pred.mul_(y); " + SAME, MEAN, "Mine()", "test_leaves_its_inputs_alone"),
]  # fmt: skip

READER = """
import random
from pathlib import Path
import numpy as np
from cxrtk import CxrReadError, DataError, Label, Radiograph, Reader, pixels, readers

@readers.register("{name}")
class Mine(Reader):
    '''A reader.'''
    {label}
    def __init__(self, root):
        self.paths = sorted(Path(root).glob("*.png"))
        {init}
    def items(self):
        {items}
    def read(self, path):
        {read}
"""
CHECK = "if not self.paths: raise DataError(f'{root}: no image')"
ITEMS = "return [{'image': str(p), 'patient': p.stem} for p in self.paths]"
READ = "return pixels.read_png(path)"
READERS = [
    ("", CHECK, ITEMS, READ, None),
    ("", "pass", ITEMS, READ, "test_an_empty_root_is_named"),
    ("", CHECK, "random.shuffle(self.paths); " + ITEMS, READ, "test_items_are_stable"),
    ("", CHECK, "return [{'image': p, 'patient': p.stem} for p in self.paths]", READ, "test_items_share_their_keys"),
    ("", CHECK, "return [{'image': str(p), 'patient': 1} for p in self.paths]", READ, "test_items_share_their_keys"),
    ("", CHECK, "return [{'image': str(p), 'patient': 'x', p.stem: 1} for p in self.paths]", READ, "test_items_share_their_keys"),
    ("", CHECK, "return [{'image': str(self.paths[0]), 'patient': 'x'} for p in self.paths]", READ, "test_items_share_their_keys"),
    ("", CHECK + "\n        self.rows = [{'image': str(p), 'patient': p.stem} for p in self.paths]", "return self.rows", READ, "test_items_can_be_changed_by_the_caller"),
    ("", CHECK, ITEMS, "return pixels.read_png(path).pixels", "test_reads_radiographs"),
    ("", CHECK, ITEMS, "return pixels.read_png(path + '')", "test_reads_radiographs"),
    ("", CHECK, ITEMS, "return Radiograph(np.random.rand(8, 8).astype(np.float32))", "test_reads_radiographs"),
    ("", CHECK, ITEMS, "open(path); " + READ, "test_a_missing_file_is_named"),
    ("", CHECK, ITEMS, "from PIL import Image; return Radiograph(np.asarray(Image.open(path), np.float32) / 255)", "test_a_damaged_file_is_named[text]"),
    ("", CHECK + "\n        self.key = lambda: 1", ITEMS, READ, "test_can_be_sent_to_a_worker"),
    ("def read_label(self, item): return Label(np.zeros((1, 9, 9), np.uint8), ('lungs',), 'human')", CHECK, ITEMS, READ, "test_labels_fit_their_images"),
    ("def has_label(self, item): return True", CHECK, ITEMS, READ, "test_labels_fit_their_images"),
]  # fmt: skip


# In front of each class of the readers' tests: what a reader is built with.
IMAGES = """
    @pytest.fixture
    def kwargs(self, tmp_path):
        for number in range(3):
            grey = np.full((16, 24), 60 * number, np.uint8)
            Image.fromarray(grey).save(tmp_path / f"{number}.png")
        return {"root": str(tmp_path)}
"""


KINDS = {
    "networks": ("NetworkContract", NETWORK, ("init", "forward"), NETWORKS),
    "masks": ("MaskGeneratorContract", MASK, ("call",), MASKS),
    "metrics": ("MetricContract", METRIC, ("compute", "aggregate", "build"), METRICS),
    "readers": ("ReaderContract", READER, ("label", "init", "items", "read"), READERS),
}


@pytest.fixture(scope="module")
def failures(tmp_path_factory) -> dict[str, list[set[str]]]:
    """Kind -> for each of its plugins the names of the contract's tests that it fails, all in one process."""
    folder = tmp_path_factory.mktemp("candidates")
    for kind, (contract, text, names, rows) in KINDS.items():
        assert contract in cxrtk.testing.__all__
        test = f"import numpy as np, pytest\nfrom PIL import Image\nfrom cxrtk.testing import {contract}\n"
        (folder / "plugins" / kind).mkdir(parents=True)
        for number, row in enumerate(rows):
            name = f"candidate_{number}"
            plugin = fill(text, row, names).replace("{name}", name)
            (folder / "plugins" / kind / f"{name}.py").write_text(plugin)
            test += f"class Test{number}({contract}):\n    plugin = '{name}'\n"
            test += IMAGES if kind == "readers" else ""
        (folder / f"test_{kind}.py").write_text(test)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=report.xml", "."],
        cwd=folder, capture_output=True, text=True, timeout=240,
        env={**os.environ, "CXRTK_PLUGINS": str(folder / "plugins"), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout
    cases = list(ElementTree.parse(folder / "report.xml").iter("testcase"))
    failed = [(case.get("classname"), case.get("name")) for case in cases if case.find("failure") is not None]
    found = {}
    for kind, (_, _, _, rows) in KINDS.items():
        own = [case for case in cases if f"test_{kind}." in (case.get("classname") or "")]
        assert len(own) > 8 * len(rows)
        found[kind] = [
            {name for owner, name in failed if (owner or "").endswith(f"test_{kind}.Test{number}")}
            for number in range(len(rows))
        ]
    return found


def missed(rows: list[tuple], failed: list[set[str]]) -> list[tuple]:
    """The rows whose fault was not found by the test named last in them, or that failed without a fault."""
    return [
        (row, tests)
        for row, tests in zip(rows, failed, strict=True)
        if (row[-1] not in tests if row[-1] else tests)
    ]


def fill(text: str, row: tuple, names: tuple[str, ...]) -> str:
    """A plugin's text with the parts of a row in it."""
    for name, part in zip(names, row, strict=False):
        text = text.replace(f"{{{name}}}", part or "pass")
    return text


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_is_found(failures, kind):
    """Each faulty plugin fails the test that is there for its fault; the sound ones fail none."""
    *_, rows = KINDS[kind]
    assert missed(rows, failures[kind]) == []
