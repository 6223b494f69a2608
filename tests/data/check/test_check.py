"""Each issue is provoked in a clean set of eight phantoms, by hand, and found under its name."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, Label, Radiograph, Reader, readers
from cxrtk.data.check import CODES
from cxrtk.data.check.report import suspicious
from cxrtk.data.splits import read_parts

# The images of the fixture `clean`, in their order; the second and third are of one patient, as the last two.
A, B, C, D, E, F, G, H = (
    "00000001_000", "00000002_000", "00000002_001", "00000003_000",
    "00000004_000", "00000005_000", "00000006_000", "00000006_001",
)  # fmt: skip


def image(root: Path, stem: str) -> Path:
    return root / "images" / f"{stem}.png"


def mask(root: Path, stem: str) -> Path:
    return root / "masks" / f"{stem}.png"


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        return np.asarray(opened.convert("L"))


def save(path: Path, values: np.ndarray) -> None:
    Image.fromarray(np.asarray(values, np.uint8)).save(path)


def box(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    """A mask of 128 x 128 with one rectangle."""
    drawn = np.zeros((128, 128), np.uint8)
    drawn[top:bottom, left:right] = 255
    return drawn


def lungs(shift: int = 0) -> np.ndarray:
    """Two rectangles, 30 % of the image, their centre in its middle less `shift` rows."""
    return box(32 - shift, 96 - shift, 20, 58) | box(32 - shift, 96 - shift, 70, 108)


def frame() -> np.ndarray:
    """All but the middle: two thirds of the image, all of its border."""
    return 255 - box(27, 101, 27, 101)


def brighter(values: np.ndarray) -> np.ndarray:
    return np.rint(255 * (values / 255) ** 0.8)


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
    "copy": (lambda root: shutil.copy(image(root, B), image(root, C)), "copy", [B, C]),
    "copy under another name": (
        lambda root: shutil.copy(image(root, A), image(root, F)), "copy_of_other_patient", [A, F]),
    "copy, brighter": (
        lambda root: save(image(root, F), brighter(pixels(image(root, A)))), "near_copy", [A, F]),
}  # fmt: skip


def worrying(report) -> dict[str, list[tuple[str, ...]]]:
    """Code -> names, of what is no note."""
    return {
        code: [issue.images for issue in report.of(code)]
        for code in report.codes()
        if report.severity(code) != "note"
    }


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
    assert detail == f"masks/{B}.png: is 12 x 10 pixels, but its image images/{B}.png is 128 x 128"


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


# --- splits


def split_file(folder: Path, **parts: list[str]) -> Path:
    path = folder / "splits.json"
    path.write_text(json.dumps({part: [f"{stem}.png" for stem in stems] for part, stems in parts.items()}))
    return path


def test_a_split_that_does_not_leak(clean, checked, tmp_path):
    """Whole patients in each part: nothing is found, and the parts are counted."""
    path = split_file(tmp_path, train=[A, B, C, D], validation=[E, F], test=[G, H])
    report = checked(clean, split=lambda items: read_parts(path, items))
    assert worrying(report) == {}
    assert report.summary["parts"]["train"] == {"images": 4, "patients": 3}


def test_patient_in_two_parts(clean, checked, tmp_path):
    """F26: the two images of a patient apart; the patient is hashed unless asked for."""
    path = split_file(tmp_path, train=[A, B, D], validation=[C, E, F], test=[G, H])
    found = []
    for show in (False, True):
        report = checked(clean, split=lambda items: read_parts(path, items), show_ids=show)
        assert worrying(report) == {"patient_in_two_parts": [(f"images/{B}.png", f"images/{C}.png")]}
        found += [issue.detail for issue in report.of("patient_in_two_parts")]
    assert "00000002" not in found[0] and found[0].endswith("in train and validation")
    assert found[1] == "patient 00000002 in train and validation"


def test_image_in_two_parts(clean, checked, tmp_path):
    """One image in two lists."""
    path = split_file(tmp_path, train=[A, B, C], validation=[A, E], test=[G, H])
    report = checked(clean, split=lambda items: read_parts(path, items))
    assert report.of("image_in_two_parts")[0].images == (f"images/{A}.png",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda values: values, "copy_in_two_parts"),
        (lambda values: values // 2 + 20, "near_copy_in_two_parts"),
    ],
)
def test_copies_in_two_parts(clean, checked, tmp_path, change, code):
    """F25: equal pixels, or almost equal ones, under two patients, one of whom trains and one tests."""
    save(image(clean, G), change(pixels(image(clean, A))))
    path = split_file(tmp_path, train=[A, B, C, D], validation=[E, F], test=[G, H])
    report = checked(clean, split=lambda items: read_parts(path, items))
    assert worrying(report) == {code: [(f"images/{A}.png", f"images/{G}.png")]}
    assert "in train and test" in report.of(code)[0].detail


# --- readers that say other things


class Told(Reader):
    """Two images of 64 x 64 noise, whose labels and flags are given."""

    def __init__(self, root: Path, labels: list, flags: dict[str, str] | None = None) -> None:
        self.root, self.labels, self.flags = root, labels, flags or {}

    def items(self):
        return [
            {"image": str(self.root / f"{n}.x"), "patient": str(n), "n": n} for n in range(len(self.labels))
        ]

    def read(self, path):
        noise = np.random.default_rng(int(Path(path).stem)).random((40, 50), np.float32)
        return Radiograph(noise, meta={"flags": self.flags})

    def has_label(self, item):
        return self.labels[item["n"]] is not None

    def read_label(self, item):
        label = self.labels[item["n"]]
        if isinstance(label, Exception):
            raise label
        return label


def sides(right: slice, left: slice, heart: str = "excluded", truth: str = "human") -> Label:
    masks = np.zeros((2, 40, 50), np.uint8)
    masks[0, 8:32, right] = masks[1, 8:32, left] = 1
    return Label(masks, ("right_lung", "left_lung"), truth=truth, heart=heart)


GOOD = sides(slice(5, 20), slice(30, 45))


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        (GOOD, {}),
        (sides(slice(30, 45), slice(5, 20)), {"mask_swapped": [("1.x",)]}),
        (sides(slice(5, 45), slice(0, 0)), {"mask_one_sided": [("1.x",)]}),
        (sides(slice(5, 20), slice(30, 45), heart="included"), {"conventions_mixed": [()]}),
        (sides(slice(5, 20), slice(30, 45), truth="model"), {"conventions_mixed": [()]}),
        (Label(np.ones((1, 41, 50), np.uint8), ("lungs",), "human", "excluded"), {"mask_size": [("1.x",)]}),
        (Label(GOOD.masks[:1], ("heart",), "human", "excluded"), {"mask_unreadable": [("1.x",)]}),
        (KeyError("somebody"), {"mask_unreadable": [("1.x",)]}),
        (None, {"mask_missing": [("1.x",)]}),
    ],
)
def test_labels_of_any_reader(tmp_path, checked, other, codes):
    """What a third reader's labels say is checked by the check, whether that reader does so or not."""
    report = checked(tmp_path, Told(tmp_path, [GOOD, other]))
    assert worrying(report) == codes


def test_labels_that_tell_no_more_than_by_reading(tmp_path, checked):
    """A reader that does not say which labels there are finds out by reading, and may fail at it."""

    class Untold(Told):
        has_label = Reader.has_label

    damaged = CxrReadError("1_mask.x", "is cut off", code="truncated")
    report = checked(tmp_path, Untold(tmp_path, [GOOD, damaged, None]))
    assert worrying(report) == {"mask_missing": [("2.x",)], "mask_unreadable": [("1.x",)]}
    assert report.of("mask_unreadable")[0].detail == "1_mask.x: is cut off"


def test_labels_that_the_reader_refuses(clean, checked):
    """Masks of which nothing says who made them: the reader's words, once."""
    (clean / "masks" / "about.json").unlink()
    report = checked(clean, readers.create("nih_png", root=clean))
    assert worrying(report) == {"labels_unusable": [()]}
    assert str(clean) not in report.of("labels_unusable")[0].detail
    assert "nothing says who made them" in report.of("labels_unusable")[0].detail


@pytest.mark.parametrize("flag", ["lateral", "burned_in", "polarity_contradiction", "lossy", "not_square"])
def test_flags_of_the_reader(tmp_path, checked, flag):
    """A flag is an issue of its own name; a compression or a pixel's shape is a note only."""
    report = checked(tmp_path, Told(tmp_path, [GOOD, GOOD], {flag: "why", "of_a_plugin": "unknown"}))
    assert [issue.detail for issue in report.of(flag)] == ["why", "why"]
    assert report.status == ("clean" if flag in ("lossy", "not_square") else "warning")


# --- the report


def test_accepted_codes_are_notes(clean, checked):
    """Images that are known to have no mask do not stop a script."""
    mask(clean, A).unlink()
    assert checked(clean, accepted=frozenset({"mask_missing"})).status == "clean"


def test_written_files(clean, checked, tmp_path):
    """check.json holds the report and no patient; the sheet goes when nothing is suspicious any more."""
    shutil.copy(image(clean, A), image(clean, F))
    report = checked(clean, output_dir=tmp_path / "out")
    text = (tmp_path / "out" / "check.json").read_text()
    assert json.loads(text) == json.loads(json.dumps(report.as_json()))
    assert json.loads(text)["schema"] == "cxrtk-check/1"
    assert str(tmp_path) not in text
    with Image.open(tmp_path / "out" / "suspicious.png") as sheet:
        assert sheet.width == 6 * 198 and sheet.height == 226  # two tiles, one row
    image(clean, F).unlink()
    mask(clean, F).unlink()
    (clean / "manifest.csv").unlink()
    checked(clean, output_dir=tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["check.json"]


def test_sheet_hides_burned_in_text(tmp_path, checked):
    """An image whose header warns of text in the picture is a grey tile; one of noise otherwise."""
    (tmp_path / "in").mkdir()
    for flags, hidden in (({"burned_in": "YES"}, True), ({"lateral": "LL"}, False)):
        checked(tmp_path / "in", Told(tmp_path / "in", [GOOD, GOOD], flags), output_dir=tmp_path / "out")
        with Image.open(tmp_path / "out" / "suspicious.png") as sheet:
            tile = np.asarray(sheet)[:192, :192]
        assert (len(np.unique(tile)) == 1) == hidden


def test_same_report_twice(clean, checked):
    """No date, no path of the machine: two checks of one set are equal."""
    assert checked(clean).as_json() == checked(clean).as_json()


def test_numbers_of_the_set(clean, checked):
    """Counts and sizes are those of the eight files of six patients."""
    summary = checked(clean).summary
    assert (summary["images"], summary["readable"], summary["patients"]) == (8, 8, 6)
    assert summary["most_images_of_a_patient"] == 2
    assert summary["sizes"]["common"] == {"128 x 128": 8}
    assert summary["formats"] == {"PNG": 8}
    shares = [pixels(path).astype(bool).mean() for path in sorted((clean / "masks").glob("*.png"))]
    assert summary["labels"]["lung_share"]["least"] == pytest.approx(min(shares), abs=1e-4)
    assert summary["labels"]["lung_share"]["median"] == pytest.approx(np.median(shares), abs=1e-4)


def test_columns_are_counted_if_known_or_named(clean, checked):
    """A column such as view is counted; one that may name somebody only if the user names it."""
    rows = "stem,patient,view,referrer\n" + "".join(
        f"{path.stem},{path.stem},PA,Dr. X\n" for path in sorted((clean / "images").iterdir())
    )
    (clean / "manifest.csv").write_text(rows)
    assert checked(clean).summary["columns"] == {"view": {"PA": 8}}
    assert checked(clean, columns=["referrer"]).summary["columns"]["referrer"] == {"Dr. X": 8}


def test_suspicious_takes_turns(clean, checked):
    """One code with many issues does not push the others from the sheet."""
    for stem in (A, B, C):
        save(mask(clean, stem), box(0, 0, 0, 0))
    save(mask(clean, D), box(60, 70, 60, 70))
    chosen = [issue.code for issue in suspicious(checked(clean))]
    assert chosen == ["mask_empty", "mask_area", "mask_empty", "mask_empty"]


def test_a_split_of_another_set(clean, checked, tmp_path):
    """Its images are unknown here: the check does not run."""
    path = split_file(tmp_path, train=["other"], validation=[E], test=[G])
    with pytest.raises(DataError, match="not in the data set"):
        checked(clean, split=lambda items: read_parts(path, items))
