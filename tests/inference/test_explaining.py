"""Maps of many files: pictures, numbers and a table that agree with one another."""

import csv
import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.networks.nets import DenseNet
from PIL import Image
from torch import nn

from cxrtk import Radiograph
from cxrtk.data import pixels
from cxrtk.errors import ConfigError
from cxrtk.inference import batch
from cxrtk.inference.classifier import Classifier
from cxrtk.inference.explaining import (
    TABLE,
    Preparer,
    Row,
    explainer_of,
    over_the_whole,
    readable,
    run,
    write_table,
)
from cxrtk.inference.lung_input import Box
from cxrtk.inference.model import Model, ModelSpec
from cxrtk.inference.predict import Predictor
from cxrtk.passes.reading import read_ahead


@pytest.fixture
def model(network, spec):
    return Model(spec, network, "0" * 64)


@pytest.fixture
def folder(tmp_path):
    """Two images and a file that is none, one of them in a folder of its own."""
    source = tmp_path / "in"
    (source / "ward").mkdir(parents=True)
    values = np.random.default_rng(0).integers(0, 255, (2, 60, 90), np.uint8)
    Image.fromarray(values[0]).save(source / "a.png")
    Image.fromarray(values[1]).save(source / "ward" / "b.png")
    (source / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return source


def explained(model, folder, output, method="cam", **settings):
    explainer, names = explainer_of(model, method=method)
    with read_ahead(folder) as files:
        jobs = batch.plan([str(item["image"]) for item in files.reader.items()], folder, output)
        return run(jobs, files, model, explainer, names, output, **settings)


def test_what_segment_writes_is_explained(model):
    """By default all but the class of the other convention."""
    explainer, names = explainer_of(model)
    assert (names, explainer.classes) == (("right_lung", "left_lung", "heart"), (0, 1, 2))


def test_classes_by_name(model):
    """In the order asked for, a hidden one too."""
    explainer, names = explainer_of(model, classes=["lungs_with_heart", "heart"])
    assert (names, explainer.classes) == (("lungs_with_heart", "heart"), (3, 2))


def test_an_unknown_class(model):
    """Names those that there are."""
    with pytest.raises(ConfigError, match="No class 'spleen' in small; it has: right_lung, left_lung, heart"):
        explainer_of(model, classes=["heart", "spleen"])


def test_the_network_sees_what_it_sees_when_it_segments(model):
    """The same numbers in each of its channels."""
    values = np.random.default_rng(0).random((90, 70), np.float32)
    given = Preparer(replace(model, spec=replace(model.spec, in_channels=3)))(Radiograph(values))
    expected = Predictor(model).prepare(values)
    assert (given.tensor.shape, given.shape, given.box) == ((3, 64, 64), (90, 70), (0, 90, 0, 70))
    assert all(torch.equal(channel, expected[0]) for channel in given.tensor)


@pytest.fixture
def classifier():
    """A small DenseNet that sees the box around the lungs."""
    arguments = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "init_features": 8,
                 "growth_rate": 4, "block_config": [2, 2]}  # fmt: skip
    torch.manual_seed(0)
    spec = ModelSpec(
        "findings", {"_target_": "monai.networks.nets.DenseNet", **arguments}, ("Effusion", "Mass"),
        image_size=64, task="classification", input={"lungs": "cropped", "model": "lungs"},
    )  # fmt: skip
    return Model(spec, DenseNet(**arguments).eval(), "0" * 64)


def test_a_classifier_of_the_lungs_alone(classifier, cxrtk_data, tmp_path):
    """Its map lies over the part of the image that it saw, as `cxrtk findings` has it."""
    image = sorted((cxrtk_data / "jsrt" / "images").iterdir())[0]
    rows = explained(classifier, image, tmp_path / "out")
    theirs = Classifier(classifier)
    prepared = theirs.prepare(pixels.read(image))
    height, width = prepared.shape
    assert 0 < prepared.box.left < prepared.box.right < width
    for row, found in zip(rows, theirs.maps(prepared), strict=True):
        peak = np.unravel_index(found.argmax(), found.shape)
        # Interpolated, the largest value lies in the middle of the map's pixel, or beside it at the edge.
        size = (prepared.box.bottom - prepared.box.top) / row.rows
        assert abs(row.peak_row * height - peak[0]) <= size / 2 + 1
        assert abs(row.peak_column * width - peak[1]) <= size / 2 + 1
        with Image.open(tmp_path / "out" / f"{image.stem}_{row.class_name}_cam.png") as file:
            picture = np.asarray(file.convert("RGB"), float)[:, :512]
        colour = np.ptp(picture, axis=-1)
        left = int(prepared.box.left * 512 / width)
        assert colour[:, : left - 3].max() <= 2 < colour[:, left + 3 :].max()


def test_a_part_of_an_image():
    """Its map keeps its place; elsewhere it is 0."""
    found = over_the_whole(np.full((2, 2), 3.0, np.float32), Box(1, 4, 2, 6), (5, 8))
    assert found.sum() == 3.0 * 12 and (found[1:4, 2:6] == 3.0).all()


@pytest.mark.parametrize(("method", "ending"), [("cam", "cam"), ("grad-cam", "gradcam")])
def test_outputs_mirror_the_input(model, folder, tmp_path, method, ending):
    """A picture an image and class, the numbers where wanted; nothing of the bad file."""
    out = tmp_path / "out"
    explained(model, folder, out, method, raw=True)
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    pictures = {
        f"{stem}_{name}_{ending}.png"
        for stem in ("a", "ward/b")
        for name in ("right_lung", "left_lung", "heart")
    }
    assert names == pictures | {f"a_{ending}.npy", f"ward/b_{ending}.npy", TABLE}


def test_the_table_says_what_the_maps_are(model, folder, tmp_path):
    """Least and most of each map and where the most lies, by numpy."""
    rows = explained(model, folder, tmp_path / "out", "grad-cam", raw=True)
    maps = np.load(tmp_path / "out" / "ward" / "b_gradcam.npy")
    assert maps.dtype == np.float32 and maps.shape == (3, 16, 16)
    found = [row for row in rows if row.image == "ward/b.png"]
    assert [row.class_name for row in found] == ["right_lung", "left_lung", "heart"]
    for row, one in zip(found, maps, strict=True):
        at = np.unravel_index(one.argmax(), one.shape)
        assert (row.status, row.method, row.rows, row.columns) == ("ok", "grad-cam", 16, 16)
        assert (row.least, row.most) == pytest.approx((one.min(), one.max()), abs=1e-6)
        assert (row.peak_row, row.peak_column) == pytest.approx(
            ((at[0] + 0.5) / 16, (at[1] + 0.5) / 16), abs=1e-4
        )


def test_maps_are_the_logits_less_the_bias(model, folder, tmp_path):
    """From the file to the numbers: those of the network on the same file."""
    explained(model, folder, tmp_path / "out", raw=True)
    with Image.open(folder / "a.png") as file:
        values = np.asarray(file, np.float32) / 255
    bias = dict(model.network.named_parameters())["model.2.conv.bias"]
    with torch.no_grad():
        prepared = Predictor(model).prepare(values)
        logits = model.network(prepared[None])[0] - bias[:, None, None]
    np.testing.assert_allclose(np.load(tmp_path / "out" / "a_cam.npy"), logits[:3], atol=1e-5)


def test_a_bad_file_costs_itself(model, folder, tmp_path, caplog):
    """It has a row with the reason, and the log names it."""
    with caplog.at_level(logging.WARNING):
        rows = explained(model, folder, tmp_path / "out")
    (bad,) = [row for row in rows if row.status == "failed"]
    assert bad.image == "bad.png" and bad.reason and bad.class_name == ""
    assert {row.image for row in rows if row.status == "ok"} == {"a.png", "ward/b.png"}
    assert "bad.png" in caplog.text


def test_a_map_without_contrast(model, folder, tmp_path):
    """Is called constant and has no peak."""
    silent = replace(model, network=nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 1)))
    for each in silent.network.parameters():
        nn.init.zeros_(each)
    rows = [row for row in explained(silent, folder, tmp_path / "out") if row.status != "failed"]
    assert {(row.status, row.peak_row, row.peak_column, row.most) for row in rows} == {
        ("constant", None, None, 0.0)
    }


def test_a_class_that_looks_like_a_path(model, folder, tmp_path):
    """Its name comes with the model: it cannot lead out of the folder."""
    named = replace(model, spec=replace(model.spec, classes=("../../x", "b", "c", "d")))
    explained(named, folder, tmp_path / "out")
    assert (tmp_path / "out" / "a__x_cam.png").is_file()
    assert not list(tmp_path.glob("*.png"))


def test_it_reports_each_image(model, folder, tmp_path):
    """The bad one too."""
    told = []
    explained(model, folder, tmp_path / "out", report=told.append)
    assert told == [1, 1, 1]


def test_what_was_done_stays(model, folder, tmp_path, monkeypatch):
    """The table has the first image where the second one ends the run."""
    from cxrtk.inference import explaining

    drawn = []

    def draw(pixels, found, path, **_):
        drawn.append(path)
        if len(drawn) > 3:
            raise OSError("no disk")

    monkeypatch.setattr(explaining, "save_overlay", draw)
    with pytest.raises(OSError, match="no disk"):
        explained(model, folder, tmp_path / "out")
    with (tmp_path / "out" / TABLE).open(encoding="utf-8") as file:
        assert {row["image"] for row in csv.DictReader(file)} == {"a.png", "bad.png"}


def test_the_first_that_can_be_read(folder, caplog):
    """As many as asked for; those that cannot be read before them are counted, and none after them."""
    with read_ahead(folder) as files:
        paths = [str(item["image"]) for item in files.reader.items()]
        one, failed = readable(files.read(iter(paths)), 1)
        both, failed_of_both = readable(files.read(iter(paths)), 5)
    assert (len(one), failed) == (1, 0) and (len(both), failed_of_both) == (2, 1)


def test_a_table_as_csv(tmp_path):
    """A header, blanks for what is not known."""
    write_table([Row("a.png", "failed", "no image")], tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["image"], row["reason"], row["peak_row"], len(row)) == ("a.png", "no image", "", 12)
