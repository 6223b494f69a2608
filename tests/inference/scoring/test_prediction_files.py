"""Files of predicted masks, found by the names of their images."""

from pathlib import Path

import pytest

from cxrtk import DataError
from cxrtk.inference.scoring.prediction_files import PredictionFiles, are_sides


def folder_of(root: Path, *names: str) -> PredictionFiles:
    """A folder with empty files of these names."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return PredictionFiles(root)


@pytest.mark.parametrize(
    ("names", "image", "found"),
    [
        (["a.png"], "a.dcm", ["a.png"]),
        (["x/a.png", "a.png"], "x/a.png", ["x/a.png"]),
        (["deep/a_mask.png", "b.png"], "a.png", ["deep/a_mask.png"]),
        (["a_pred.png", "a_mask.png"], "a.png", ["a_mask.png"]),  # in the order of the endings
        (["a.nii.gz"], "a_0000.nii.gz", ["a.nii.gz"]),
        (["a_0000_seg.png"], "a_0000.png", ["a_0000_seg.png"]),
        (["a_left.png", "a_right.png"], "a.png", ["a_right.png", "a_left.png"]),
        (["a_left.png"], "a.png", []),
        (["b.png", "ab.png"], "a.png", []),
    ],
    ids=str,
)
def test_which_files_belong_to_an_image(tmp_path, names, image, found):
    """The path first, then the name anywhere; the file of the bare name before those with an ending."""
    files = folder_of(tmp_path, *names).of(image)
    assert [path.relative_to(tmp_path).as_posix() for path in files] == found


@pytest.mark.parametrize(
    ("names", "sides"),
    [
        (["right/a.png", "left/a.png"], True),
        (["a_right_lung.png", "a_left_lung.png"], True),
        (["a_right.png", "b_right.png"], False),
        (["one/a.png", "two/a.png"], False),
        (["right/a.png"], False),
    ],
    ids=str,
)
def test_two_files_of_the_two_sides(names, sides):
    """By their folders or by the last word of their names."""
    assert are_sides([Path(name) for name in names]) is sides


def test_a_folder_without_images_is_refused(tmp_path):
    """One that is not there, or holds tables only."""
    with pytest.raises(DataError, match="no such folder"):
        PredictionFiles(tmp_path / "nowhere")
    with pytest.raises(DataError):
        folder_of(tmp_path, "table.csv")
