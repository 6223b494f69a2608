"""Each issue is provoked in a clean set of eight phantoms, by hand, and found under its name."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from cxrtk.data.check import CODES

from .spoiling import A, B, C, E, F, box, image, lungs, mask, pixels, save, worrying


def frame() -> np.ndarray:
    """All but the middle: two thirds of the image, all of its border."""
    return 255 - box(27, 101, 27, 101)


def brighter(values: np.ndarray) -> np.ndarray:
    return np.rint(255 * (values / 255) ** 0.8)


def copied(root: Path, first: str, second: str) -> Path:
    """The second image and its mask replaced by the first and its."""
    shutil.copy(mask(root, first), mask(root, second))
    return Path(shutil.copy(image(root, first), image(root, second)))


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def as_slice(path: Path) -> None:
    """A bright ring with sharp edges around black holes: nothing below them is denser."""
    row, column = np.mgrid[:128, :128] - 63.5
    body = (row / 40) ** 2 + (column / 60) ** 2 < 1
    holes = (row / 30) ** 2 + ((abs(column) - 26) / 20) ** 2 < 1
    save(path, 255 * (body & ~holes))


def as_side_view(path: Path) -> None:
    """Black before and behind a body without a denser middle."""
    save(path, np.clip(box(0, 128, 15, 113), 0, 180))


# name of the case -> (what spoils the set, the only error or warning code then found, the images it names)
CASES = {
    "image cut in half": (lambda root: cut(image(root, A)), "unreadable", [A]),
    "image of no bytes": (lambda root: image(root, A).write_bytes(b""), "unreadable", [A]),
    "no mask": (lambda root: mask(root, C).unlink(), "mask_missing", [C]),
    "mask too small": (lambda root: save(mask(root, A), np.ones((10, 10)) * 255), "mask_size", [A]),
    "mask of three values": (
        lambda root: save(mask(root, A), lungs() // 255 + lungs(9) // 255), "mask_values", [A]),
    "mask of two colours": (
        lambda root: save(mask(root, A), np.dstack([lungs(), lungs(20), lungs(9)])), "mask_values", [A]),
    "mask cut in half": (lambda root: cut(mask(root, A)), "mask_unreadable", [A]),
    "mask empty": (lambda root: save(mask(root, A), box(0, 0, 0, 0)), "mask_empty", [A]),
    "mask full": (lambda root: save(mask(root, A), box(0, 128, 0, 128)), "mask_full", [A]),
    "mask tiny": (lambda root: save(mask(root, A), box(60, 70, 60, 70)), "mask_area", [A]),
    "mask huge": (lambda root: save(mask(root, A), box(8, 120, 8, 120)), "mask_area", [A]),
    "mask too high": (lambda root: save(mask(root, A), box(1, 30, 20, 108)), "mask_misplaced", [A]),
    "mask on the border": (lambda root: save(mask(root, A), frame()), "mask_border", [A]),
    "one lung": (lambda root: save(mask(root, A), box(20, 120, 30, 60)), "mask_one_sided", [A]),
    "one grey": (lambda root: save(image(root, A), np.full((128, 128), 7)), "constant", [A]),
    "negative": (lambda root: save(image(root, A), 255 - pixels(image(root, A))), "looks_inverted", [A]),
    "slice": (lambda root: as_slice(image(root, A)), "looks_not_frontal", [A]),
    "side view": (lambda root: as_side_view(image(root, A)), "looks_not_frontal", [A]),
    "copy": (lambda root: copied(root, B, C), "copy", [B, C]),
    "copy under another name": (
        lambda root: copied(root, A, F), "copy_of_other_patient", [A, F]),
    "copy, brighter": (
        lambda root: save(copied(root, A, F), brighter(pixels(image(root, A)))), "near_copy", [A, F]),
}  # fmt: skip


def test_a_clean_set(clean, checked):
    """Nothing is found in it."""
    report = checked(clean)
    assert list(report.issues) == []
    assert report.status == "clean"


def test_heart_unknown(clean, checked):
    """Where nobody says what the masks do with the heart, that is noted."""
    (clean / "masks" / "about.json").unlink()
    assert checked(clean).codes() == ["heart_unknown"]


@pytest.mark.parametrize("case", CASES)
def test_one_fault(case, clean, checked):
    """One fault in one file is one issue, of that code, about those images, and nothing else is."""
    spoil, code, stems = CASES[case]
    spoil(clean)
    report = checked(clean)
    assert worrying(report) == {code: [tuple(f"images/{stem}.png" for stem in stems)]}
    assert report.status == CODES[code].severity


def test_reason_of_the_reader(clean, checked):
    """A refused file carries the reader's own code, and a size both sizes."""
    cut(image(clean, A))
    save(mask(clean, B), np.ones((10, 12)) * 255)
    report = checked(clean)
    assert [issue.reason for issue in report.of("unreadable")] == ["truncated"]
    detail = report.of("mask_size")[0].detail
    sizes = f"masks/{B}.png: is 12 x 10 pixels, but its image images/{B}.png is 128 x 128"
    assert detail == f"{sizes}; make both the same size"


def test_mask_without_image(clean, checked):
    """A mask whose image is gone is named; the manifest's row goes with the image."""
    image(clean, E).unlink()
    (clean / "manifest.csv").unlink()
    report = checked(clean)
    assert worrying(report) == {"image_missing": [(f"masks/{E}.png",)]}


def test_negative_copy(clean, checked):
    """The negative of an image under another name is known as such, and as a negative."""
    save(image(clean, F), 255 - pixels(image(clean, A)))
    report = checked(clean)
    assert worrying(report) == {
        "negative_copy": [(f"images/{A}.png", f"images/{F}.png")],
        "looks_inverted": [(f"images/{F}.png",)],
    }


@pytest.mark.parametrize(
    ("value", "code", "each"),
    [(0, "masks_all_empty", "mask_empty"), (255, "masks_all_full", "mask_full")],
)
def test_all_masks_alike(clean, checked, value, code, each):
    """One empty mask is a warning, nothing but empty masks an error."""
    for file in (clean / "masks").glob("*.png"):
        save(file, np.full((128, 128), value))
    report = checked(clean)
    assert worrying(report).keys() == {code, each}
    assert len(report.of(each)) == 8 and report.status == "error"


def test_no_masks(clean, checked):
    """A set without any mask is no error: masks can be generated."""
    shutil.rmtree(clean / "masks")
    assert checked(clean).codes() == ["no_masks"]


def test_files_that_are_not_listed(clean, checked):
    """Images outside of the layout are counted by folder, damaged ones named, other files passed over."""
    (clean / "old").mkdir()
    for name in ("x", "y"):
        shutil.copy(image(clean, A), clean / "old" / f"{name}.png")
    (clean / "old" / "notes.txt").write_text("text")
    (clean / "old" / "z.png").write_bytes(image(clean, A).read_bytes()[:200])
    report = checked(clean)
    assert [(issue.images, issue.detail) for issue in report.of("not_listed")] == [
        (("old",), "2 files: can be read")
    ]
    assert worrying(report) == {"unreadable": [("old/z.png",)]}
