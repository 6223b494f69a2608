import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, pixels

LUNG = np.zeros((20, 30), np.uint8)  # H = 20, W = 30
LUNG[4:15, 3:11] = 1
LUNG[5:16, 18:26] = 1
CLASSES = LUNG * (1 + (np.arange(30) > 14).astype(np.uint8))  # 1 on the image's left, 2 on its right
CLASSES[10:18, 13:17] = 3


def png(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    for folder in ("images", "masks", "labels"):
        (tmp_path / folder).mkdir()
    path = tmp_path / "images" / "a.png"
    path.write_bytes(png(LUNG * 200))
    return path


def files_of(image: Path, **arguments: str) -> pixels.LabelFiles:
    return pixels.LabelFiles(image.parent.parent, {"a": str(image)}, **arguments)  # type: ignore[arg-type]


def test_a_mask_is_both_lungs(image: Path) -> None:
    """`masks/` alone gives one class; whether it holds the heart is unknown."""
    (image.parent.parent / "masks" / "a.png").write_bytes(png(LUNG * 255))
    label = files_of(image, truth="human").read("a", image)
    assert label is not None
    assert (label.classes, label.truth, label.heart) == (("lungs",), "human", "unknown")
    assert np.array_equal(label.masks, LUNG[None])


def test_a_class_map_goes_before_a_mask(image: Path) -> None:
    """`labels/` gives each class its mask; the heart is a class, so no lung runs through it."""
    (image.parent.parent / "masks" / "a.png").write_bytes(png(LUNG * 255))
    (image.parent.parent / "labels" / "a.png").write_bytes(png(CLASSES))
    label = files_of(image, truth="human").read("a", image)
    assert label is not None
    assert label.classes == ("right_lung", "left_lung", "heart")
    assert np.array_equal(label.masks, np.stack([number == CLASSES for number in (1, 2, 3)]))
    assert np.array_equal(label.lungs(), (CLASSES == 1) | (CLASSES == 2))
    assert label.heart == "excluded"


@pytest.mark.parametrize("folder", ["masks", "labels", "."])
def test_about_json_says_who_made_them(image: Path, folder: str) -> None:
    """It may lie in either folder or in the root."""
    (image.parent.parent / "masks" / "a.png").write_bytes(png(LUNG))
    about = image.parent.parent / folder / "about.json"
    about.write_text(json.dumps({"truth": "exact", "heart": "included"}))
    label = files_of(image).read("a", image)
    assert label is not None
    assert (label.truth, label.heart) == ("exact", "included")


def test_who_made_them_is_never_guessed(image: Path) -> None:
    """Masks of unknown origin are an error when asked for, and none when not."""
    (image.parent.parent / "masks" / "a.png").write_bytes(png(LUNG))
    files = files_of(image)
    assert not files.has("b")
    for ask in (lambda: files.has("a"), lambda: files.read("a", image)):
        with pytest.raises(DataError, match=r"masks/about.json with .*truth"):
            ask()


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ('{"truth": "human"}', "'human', but truth='model'"),
        ('{"truth": "god"}', "human, generated, model, exact, not 'god'"),
        ('{"heart": 1}', "excluded, included, unknown, not 1"),
        ('["human"]', "must hold an object"),
        ("{", "not readable JSON"),
    ],
)
def test_a_wrong_about_json_is_named(image: Path, about: str, said: str) -> None:
    """Contradictions, unknown words and broken files are errors that name the file."""
    (image.parent.parent / "masks" / "about.json").write_text(about)
    with pytest.raises(DataError, match=said) as error:
        files_of(image, truth="model")
    assert "about.json" in str(error.value)


def test_a_mask_of_another_size_is_refused(image: Path) -> None:
    """The error names both files and both sizes."""
    (image.parent.parent / "masks" / "a.png").write_bytes(png(LUNG[:10]))
    with pytest.raises(CxrReadError, match=r"masks/a.png: is 30 x 10 .*images/a.png is 30 x 20"):
        files_of(image, truth="human").read("a", image)


def test_a_class_without_a_name_is_refused(image: Path) -> None:
    """A number that no class has is named."""
    (image.parent.parent / "labels" / "a.png").write_bytes(png(CLASSES + (CLASSES == 3) * np.uint8(4)))
    with pytest.raises(CxrReadError, match=r"\[7\]"):
        files_of(image, truth="human").read("a", image)


def test_masks_of_other_names_are_refused(image: Path) -> None:
    """Where not one mask fits an image, the names differ by more than their suffix."""
    (image.parent.parent / "masks" / "a_mask.png").write_bytes(png(LUNG))
    with pytest.raises(DataError, match="'a_mask' against 'a'"):
        files_of(image)


def test_a_mask_without_image_is_said(image: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is left out with a warning."""
    for name in "ab":
        (image.parent.parent / "masks" / f"{name}.png").write_bytes(png(LUNG))
    assert not files_of(image, truth="human").has("b")
    assert "1 mask without an image, the first 'b'" in caplog.text
