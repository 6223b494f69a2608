"""Folders and patterns of a researcher's own."""

from pathlib import Path

import drawn
import pytest

from cxrtk import ConfigError, DataError
from cxrtk.data.labels.patterns import MaskPattern, find_images, mask_patterns, without_masks


def touch(root: Path, *names: str) -> Path:
    for name in names:
        drawn.write(root / name, "x")
    return root


def found(root: Path, pattern: str) -> dict[str, str]:
    return {
        stem: Path(path).relative_to(root).as_posix() for stem, path in find_images(root, pattern).items()
    }


@pytest.mark.parametrize(
    ("pattern", "files", "wanted"),
    [
        ("imgs", ["imgs/a.png", "imgs/b.dcm", "imgs/t.csv"], {"a": "imgs/a.png", "b": "imgs/b.dcm"}),
        ("imgs/{stem}_cxr.png", ["imgs/a_cxr.png", "imgs/a_x.png"], {"a": "imgs/a_cxr.png"}),
        (
            "imgs/{stem}_cxr",
            ["imgs/a_cxr.nii.gz", "imgs/b_cxr.JPG"],
            {"a": "imgs/a_cxr.nii.gz", "b": "imgs/b_cxr.JPG"},
        ),
        (
            "{stem}/image.png",
            ["p1/image.png", "p2/image.png", "p2/mask.png"],
            {"p1": "p1/image.png", "p2": "p2/image.png"},
        ),
        ("{stem}/{stem}.png", ["p1/p1.png", "p2/p1.png"], {"p1": "p1/p1.png"}),
        ("{stem}", ["a.png", "d/b.png", "t.csv"], {"a": "a.png"}),
        ("[x]/{stem}.png", ["[x]/a.png", "x/b.png"], {"a": "[x]/a.png"}),
    ],
)
def test_images(tmp_path: Path, pattern: str, files: list[str], wanted: dict[str, str]) -> None:
    """A folder, or a path in which {stem} stands for the name."""
    assert found(touch(tmp_path, *files), pattern) == wanted


def test_two_images_of_one_stem(tmp_path: Path) -> None:
    """Both are named."""
    touch(tmp_path, "a/x_1.png", "a/x_1.dcm")
    with pytest.raises(DataError, match=r"x_1\.png: has the stem of .*x_1\.dcm"):
        find_images(tmp_path, "a/x_{stem}")


@pytest.mark.parametrize("pattern", ["../imgs", "/imgs/{stem}", "imgs/{name}.png", "", 3])
def test_wrong_patterns(tmp_path: Path, pattern) -> None:
    """They lead out of the folder, or hold other braces."""
    with pytest.raises(ConfigError, match="images"):
        find_images(tmp_path, pattern)
    with pytest.raises(ConfigError, match="masks"):
        MaskPattern(tmp_path, pattern)


@pytest.mark.parametrize(
    ("pattern", "name", "is_found"),
    [
        ("segs", "segs/a.tif", True),
        ("segs/{stem}_mask", "segs/a_mask.gif", True),
        ("segs/{stem}_mask.png", "segs/a_mask.png", True),
        ("segs/{stem}_mask.png", "segs/a_mask.gif", False),
        ("{stem}/mask.png", "a/mask.png", True),
        ("segs", "segs/b.png", False),
        ("segs", "segs/a.csv", False),
    ],
)
def test_masks(tmp_path: Path, pattern: str, name: str, is_found: bool) -> None:
    """The mask of a stem, with any suffix of a mask where the pattern has none."""
    path = MaskPattern(touch(tmp_path, name), pattern).find("a")
    assert path == (str(tmp_path / name) if is_found else None)


def test_two_masks_of_one_stem(tmp_path: Path) -> None:
    """Without a suffix in the pattern both fit."""
    with pytest.raises(DataError, match=r"a\.gif and a\.png both fit segs/\{stem\}"):
        MaskPattern(touch(tmp_path, "segs/a.gif", "segs/a.png"), "segs").find("a")


@pytest.mark.parametrize(
    ("masks", "classes"),
    [
        ("segs", [None]),
        ("segs/{stem}_left_mask.png,segs/{stem}_right_mask.png", ["left_lung", "right_lung"]),
        (["left lung", "right lung/{stem}.png"], ["left_lung", "right_lung"]),
        ("leftMask, rightMask", ["left_lung", "right_lung"]),
        ({"Right Lung": "a/{stem}", "heart": "b/{stem}"}, ["right_lung", "heart"]),
        ('{"lungs": "a/{stem}"}', ["lungs"]),
    ],
)
def test_classes_of_patterns(tmp_path: Path, masks, classes: list) -> None:
    """Sides are told by the file's name, else by the folder's, else by the caller."""
    assert list(mask_patterns(masks, tmp_path)) == classes


@pytest.mark.parametrize("masks", ["a/{stem}_1,a/{stem}_2", "left,left/{stem}_left", [], [1], 3, ""])
def test_classes_that_are_not_told(tmp_path: Path, masks) -> None:
    """The message shows how to say them."""
    with pytest.raises(ConfigError, match=r"masks"):
        mask_patterns(masks, tmp_path)


def test_masks_beside_images_are_no_images(tmp_path: Path) -> None:
    """Those that are the mask of another image are taken out."""
    touch(tmp_path, "a.png", "a_mask.png", "b.png", "c_mask.png")
    images = find_images(tmp_path, "{stem}")
    assert set(without_masks(images, "{stem}_mask", tmp_path)) == {"a", "b", "c_mask"}
    assert set(without_masks(images, None, tmp_path)) == {"a", "a_mask", "b", "c_mask"}


def test_json_that_is_cut(tmp_path: Path) -> None:
    """The message quotes the argument and shows how it is written."""
    with pytest.raises(ConfigError, match=r'masks: .\{"lungs": "a/\{stem\}". begins like .*is not JSON'):
        mask_patterns('{"lungs": "a/{stem}"', tmp_path)
