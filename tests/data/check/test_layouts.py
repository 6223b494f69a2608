"""Masks that lie in a folder, in the layouts that people use."""

from pathlib import Path

import pytest

from cxrtk.data.check.layouts import layouts


def made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text('{"images": [], "annotations": []}' if name.endswith("coco.json") else "{}")
    return root


@pytest.mark.parametrize(
    ("names", "what", "cure"),
    [
        (["images/a.png", "masks/a.webp"], r"masks in masks/ \(a.webp\)", "--reader image_mask_folder"),
        (["imgs/a.png", "segs/a.png"], r"masks in segs/ \(a.png\)", "reader#masks=segs"),
        (["images/a.png", "leftMask/a.png"], r"leftMask/", "one folder per side, comma-separated"),
        (["images/a.png", "Lungs/right/a.png"], r"masks in Lungs/ \(right/a.png\)", "reader#masks=Lungs"),
        (["dataset.json", "imagesTr/a_0000.png", "labelsTr/a.png"], "nnU-Net", "--reader nnunet"),
        (
            ["a.png", "a_mask.png"],
            r"next to their images \(a_mask\)",
            r"reader#images=\{stem\}.*\{stem\}_mask",
        ),
        (
            ["images/a.png", "images/a_seg.tif"],
            r"\(images/a_seg\)",
            r"images=images/\{stem\}.*images/\{stem\}_seg",
        ),
        (["images/a.png", "images/a.xml"], r"annotations \(images/a.xml\)", "convert other files"),
        (["images/a.png", "images/a.json"], r"annotations \(images/a.json\)", "COCO, LabelMe and Darwin"),
        (["images/a.png", "all_coco.json"], r"annotations \(all_coco.json\)", "image_mask_folder"),
    ],
)
def test_what_people_have(tmp_path: Path, names: list[str], what: str, cure: str) -> None:
    """Each is named with a file of it, and with the flags to read it."""
    import re

    found = layouts(made(tmp_path, *names))
    assert any(re.search(what, each.what) and re.search(cure, each.cure) for each in found), found


@pytest.mark.parametrize(
    "names",
    [
        ["images/a.png", "images/b.png", "table.csv"],
        ["a.dcm", "b.dcm", "dataset.json"],
        ["images/a.png", "masks/about.json", "labels/readme.txt"],
        ["images/a.png", "labels.csv", "mask_list.txt", "other.json"],
        ["images/a_mask.png", "images/b.png"],
    ],
)
def test_what_is_no_mask(tmp_path: Path, names: list[str]) -> None:
    """Tables, text, empty folders, and names that only look alike."""
    assert layouts(made(tmp_path, *names)) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It holds nothing."""
    assert layouts(tmp_path / "nowhere") == []
