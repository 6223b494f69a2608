"""Classes of one's own: labels by name, and a run that is trained, segments, is exported and evaluated."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cxrtk import ConfigError, CxrReadError, phantom
from cxrtk.api import Label
from cxrtk.models.find import find_model
from cxrtk.training import LoadOwnClassesd

OVERLAY = Path(__file__).parents[2] / "examples" / "own_classes.json"
MASKS = np.zeros((3, 8, 8), np.uint8)
MASKS[0, 2:6, 1:3] = MASKS[1, 2:6, 5:7] = MASKS[2, 4:6, 3:5] = 1
IGNORE = np.zeros((8, 8), np.uint8)
IGNORE[0] = 1


class Reader:
    """Gives one label."""

    def __init__(self, label: Label | None) -> None:
        self.label = label

    def read_label(self, item: object) -> Label | None:
        return self.label


def loaded(label: Label | None, classes: list[str], image: torch.Tensor | None = None) -> torch.Tensor:
    item = {"label": {"image": "a.png"}} | ({} if image is None else {"image": image})
    load = LoadOwnClassesd("label", Reader(label), classes)  # type: ignore[arg-type]
    return load(item)["label"]


def label(classes: tuple[str, ...] = ("right_lung", "left_lung", "heart"), **more: np.ndarray) -> Label:
    return Label(MASKS[: len(classes)], classes, "human", "excluded", **more)


def test_classes_by_name_in_the_order_of_the_list():
    """Unknown where a label lacks one; both lungs are in any label of lungs."""
    found = loaded(label(), ["heart", "clavicle", "right_lung", "lungs"])
    expected = [MASKS[2], np.full((8, 8), -1), MASKS[0], MASKS[0] | MASKS[1]]
    assert found.dtype == torch.float32 and np.array_equal(np.asarray(found), np.stack(expected))


def test_pixels_to_ignore_are_unknown():
    """They are unknown in every class."""
    found = np.asarray(loaded(label(ignore=IGNORE), ["heart", "left_lung"]))
    assert (found[:, 0] == -1).all() and np.array_equal(found[:, 1:], MASKS[[2, 1], 1:])


@pytest.mark.parametrize(
    ("given", "classes", "said"),
    [
        (None, ["heart"], "has no mask"),
        (label(), ["clavicle"], "holds right_lung, left_lung, heart, and none of clavicle"),
    ],
)
def test_labels_without_the_classes(given, classes, said):
    """The image is named."""
    with pytest.raises(CxrReadError, match=said) as caught:
        loaded(given, classes)
    assert caught.value.path == "a.png"


def test_a_label_of_another_size():
    """Than the image that was read before."""
    with pytest.raises(CxrReadError, match="8 x 8 pixels, not the image's size"):
        loaded(label(), ["heart"], torch.zeros(1, 8, 9))


@pytest.mark.parametrize("classes", [[], ["a", "a"]])
def test_a_list_without_classes(classes):
    """None, or one twice."""
    with pytest.raises(ConfigError, match="each once"):
        LoadOwnClassesd("label", Reader(None), classes)  # type: ignore[arg-type]


@pytest.fixture
def cxrtk_command(fresh_python):
    """`cxrtk` in a process of its own, since a training changes the process that it runs in."""
    return lambda *words: fresh_python("-m", "cxrtk", *words)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*from a source you trust")
def test_a_run_of_three_classes_is_used_by_every_command(cxrtk_command, tmp_path, monkeypatch):
    """Trained on phantoms: metrics and masks of each class, a model file, an evaluation, pages of both."""
    monkeypatch.chdir(tmp_path)
    phantom.write_nih(Path("ph"), 12, size=32)
    settings = {
        "dataset_dir": "ph", "image_size": 32, "max_epochs": 6, "batch_size": 4, "run_name": "mine",
        "learning_rate": 0.02, "network_def#name": "basic_unet", "network_def#features": [8] * 6,
    }  # fmt: skip
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={json.dumps(value)}")]
    ended = cxrtk_command("train", "unet_cxr", OVERLAY, *words)
    assert ended.code == 0, ended.err
    with Path("runs/mine/test/dice_raw.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows and set(rows[0]) == {"filename", "class0", "class1", "class2", "mean"}

    model = find_model("runs/mine")
    assert model.spec.classes == ("right_lung", "left_lung", "heart")
    image = sorted(Path("ph/images").glob("*.png"))[0]
    assert cxrtk_command("export", "runs/mine", "-o", "mine.safetensors", "--full").code == 0
    for name, out in (("runs/mine", "by_run"), ("mine.safetensors", "by_file")):
        assert cxrtk_command("segment", "-i", image, "-o", out, "--model", name, "-q").code == 0
        header = Path(out, "measures.csv").read_text().splitlines()[0].split(",")
        assert {f"area_px_{each}" for each in model.spec.classes} <= set(header)
    masks = [np.asarray(Image.open(Path(out, image.name))) for out in ("by_run", "by_file")]
    assert np.array_equal(*masks)
    sure = ("--dataset_dir", "ph", "--reader", "image_mask_folder", "--metrics", "dice", "-q")
    assert cxrtk_command("evaluate", "--model", "runs/mine", "-o", "scores", *sure).code == 0
    assert json.loads(Path("scores/evaluation.json").read_text())["metrics"].keys() == {"dice"}
    for results, images in (("by_run", image), ("scores", None)):
        pictures = () if images is None else ("-i", images)
        ended = cxrtk_command("report", results, *pictures, "-o", f"{results}.html")
        assert ended.code == 0, ended.err
    page = Path("by_run.html").read_text()
    assert all(name in page for name in ("right lung", "left lung", "heart"))
