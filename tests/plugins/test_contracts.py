"""The contract suites, run on every plugin that is found, ours and dropped-in ones alike."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from cxrtk import masks, metrics, networks, phantom, readers, writers
from cxrtk.testing import (
    MaskGeneratorContract,
    MetricContract,
    NetworkContract,
    ReaderContract,
    WriterContract,
)

CLASSIFIERS = ["chexnet"]


class ClassifierContract(NetworkContract):
    """A network with logits of the image, not of its pixels."""

    per_image = True


@pytest.fixture(autouse=True)
def one_thread():
    """Small tensors: threads cost more than they give."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def nih_folder(folder: Path, _: Callable[[], Path]) -> dict[str, Any]:
    """The NIH layout, of phantoms."""
    phantom.write_nih(folder, count=4, size=64)
    return {"root": str(folder)}


def pairs_folder(folder: Path, _: Callable[[], Path]) -> dict[str, Any]:
    """Three images with masks."""
    noise = np.random.default_rng(0).integers(0, 256, (3, 48, 40), dtype=np.uint8)
    for sub in ("images", "masks"):
        (folder / sub).mkdir()
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
        Image.fromarray(np.where(pixels > 99, 255, 0).astype(np.uint8)).save(
            folder / "masks" / f"{number}.png"
        )
    return {"root": str(folder)}


def real_dicom(_: Path, data: Callable[[], Path]) -> dict[str, Any]:
    """Five real CR and DX files."""
    return {"root": str(data() / "dicom")}


def made_up(folder: Path, _: Callable[[], Path]) -> dict[str, Any]:
    """Nothing: the reader makes its images itself."""
    return {"root": str(folder), "count": 4, "size": 64}


def two_sources(folder: Path, data: Callable[[], Path]) -> dict[str, Any]:
    """Two folders of pairs."""
    for name in ("a", "b"):
        (folder / name).mkdir()
        pairs_folder(folder / name, data)
    return {"root": str(folder), "sources": {name: {"name": "image_mask_folder"} for name in ("a", "b")}}


# A new reader needs a line here: what it is built with.
ROOTS: dict[str, Callable[[Path, Callable[[], Path]], dict[str, Any]]] = {
    "dicom": real_dicom,
    "files": lambda folder, data: {"root": f"{pairs_folder(folder, data)['root']}/images"},
    "image_mask_folder": pairs_folder,
    "nih_png": nih_folder,
    "phantom": made_up,
    "several": two_sources,
}

# Readers of sets with tables or sizes of their own: their tests build a tree, and run the contract on it.
BY_THEMSELVES = (
    "chexmask", "chexpert", "jsrt", "mimic_cxr_jpg", "montgomery", "nnunet", "padchest", "rsna_pneumonia",
    "shenzhen", "siim_acr", "vindr_cxr",
)  # fmt: skip


# What a metric's contract is told where its best is not 1, or where it cannot see every fault.
ERROR = {"best": 0.0, "higher_is_better": False}
METRICS: dict[str, dict[str, Any]] = {
    "area_error": {**ERROR, "blind_to": ("shifted",)},
    "assd": ERROR,
    "ece": ERROR,
    "hd95": ERROR,
    "precision": {"blind_to": ("half",)},
    "sensitivity": {"blind_to": ("everything",)},
    "specificity": {"blind_to": ("half", "nothing found")},
}


def classes_of(
    contract: type, names: list[str], told: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, type]:
    """One test class a plugin: the contract with the name, and what else it is told, filled in."""
    classes = [
        type(f"Test_{contract.__name__}_{name}", (contract,), {"plugin": name, **(told or {}).get(name, {})})
        for name in names
    ]
    return {each.__name__: each for each in classes}


class RootedReaderContract(ReaderContract):
    """The reader's contract, with a root for each reader."""

    @pytest.fixture
    def kwargs(self, tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
        """What this reader is built with."""
        assert self.plugin in ROOTS, f"tell tests/plugins/test_contracts.py what {self.plugin} is built with"
        folder = tmp_path / "root"
        folder.mkdir()
        return ROOTS[self.plugin](folder, lambda: request.getfixturevalue("cxrtk_data"))


globals().update(
    classes_of(
        RootedReaderContract,
        [name for name in readers.names() if name not in BY_THEMSELVES],
        {"phantom": {"from_files": False}},  # phantoms are drawn when they are read
    )
)
globals().update(classes_of(MaskGeneratorContract, masks.names()))
globals().update(classes_of(NetworkContract, [name for name in networks.names() if name not in CLASSIFIERS]))
globals().update(classes_of(ClassifierContract, CLASSIFIERS))
globals().update(classes_of(MetricContract, metrics.names(), METRICS))
# The table of all radiographs has no file of one, SEG and SR need a DICOM file: their own tests run it.
globals().update(
    classes_of(
        WriterContract, [name for name in writers.names() if name not in ("csv", "dicom_seg", "dicom_sr")]
    )
)
