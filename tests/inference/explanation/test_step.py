"""Maps of many files: pictures, numbers and a table that agree, however the work was done."""

import csv
import json
import logging
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from monai.networks.nets import DenseNet
from PIL import Image
from torch import nn

from cxrtk import passes, steps
from cxrtk.data import pixels
from cxrtk.errors import ConfigError
from cxrtk.inference.classification.classifier import Classifier
from cxrtk.inference.explanation.preparing import Preparer, explainer_of
from cxrtk.inference.explanation.step import TABLE, ExplainStep
from cxrtk.models.model_file import Model, ModelSpec
from cxrtk.models.predictor import Predictor
from cxrtk.passes.manifest import FILE


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


def number(text):
    """A cell of the table."""
    try:
        return float(text)
    except ValueError:
        return text or None


def explained(model, folder, output, method="cam", *, raw=False, report=lambda count: None, **options):
    """The lines of ``maps.csv`` after a pass."""
    explainer, names = explainer_of(model, method=method)
    step = ExplainStep(Preparer(model), explainer, names, raw=raw)
    (source,) = passes.inputs_of([str(folder)])
    how = passes.Options(batch_size=1, **options)
    passes.run(step, [(source, passes.read_ahead(source.root))], output, how, report=report)
    if not (output / TABLE).is_file():
        return None
    with (output / TABLE).open(encoding="utf-8") as file:
        return [
            SimpleNamespace(**{name: number(cell) for name, cell in row.items()})
            for row in csv.DictReader(file)
        ]


def content(folder):
    """Path -> bytes of every file."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


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
    assert names == pictures | {f"a_{ending}.npy", f"ward/b_{ending}.npy", TABLE, FILE}


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
    assert bad.image == "bad.png" and bad.reason and bad.class_name is None
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
    """The manifest has the first image where the second one ends the run, and the run can go on."""
    from cxrtk.inference.explanation import step as explain_step

    draw, drawn = explain_step.save_overlay, []

    def break_off(pixels, found, path, **more):
        drawn.append(path)
        if len(drawn) == 5:
            raise OSError("no disk")
        draw(pixels, found, path, **more)

    monkeypatch.setattr(explain_step, "save_overlay", break_off)
    out = tmp_path / "out"
    with pytest.raises(OSError, match="no disk"):
        explained(model, folder, out)
    lines = [json.loads(line) for line in (out / FILE).read_text().splitlines()]
    assert {line["input"]: line["status"] for line in lines} == {"a.png": "ok", "bad.png": "failed"}
    assert set(content(out)) == {FILE, *lines[0]["outputs"]} and len(lines[0]["outputs"]) == 3
    explained(model, folder, out, go_on=True)
    explained(model, folder, tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")
    assert len(drawn) == 5 + 3 + 6  # the images of the first run, what was left of it, the second run


@pytest.mark.parametrize("damage", ["deleted", "truncated"])
def test_what_is_no_longer_there_is_made_again(model, folder, tmp_path, damage):
    """And nothing else: the files of the other image stay what they were, to their times."""
    out = tmp_path / "out"
    explained(model, folder, out, raw=True)
    before = content(out)
    picture, others = out / "ward" / "b_heart_cam.png", [out / "a_heart_cam.png", out / "a_cam.npy"]
    times = [path.stat().st_mtime_ns for path in others]
    if damage == "deleted":
        picture.unlink()
    else:
        picture.write_bytes(picture.read_bytes()[:99])
    explained(model, folder, out, raw=True, go_on=True)
    assert content(out) == before
    assert [path.stat().st_mtime_ns for path in others] == times


def test_two_parts_give_the_table_of_one(model, folder, tmp_path):
    """The table comes with the part that ends last, and all pictures are there."""
    explained(model, folder, tmp_path / "whole")
    out = tmp_path / "out"
    assert explained(model, folder, out, num_parts=2, part_id=1) is None
    explained(model, folder, out, num_parts=2, part_id=0)
    whole, parts = content(tmp_path / "whole"), content(out)
    assert whole.pop(FILE) and parts.pop("manifest_0_of_2.jsonl") and parts.pop("manifest_1_of_2.jsonl")
    assert parts == whole


def test_other_settings_cannot_go_on(model, folder, tmp_path):
    """Maps of two methods would stand in one table."""
    explained(model, folder, tmp_path / "out")
    with pytest.raises(ConfigError, match="different settings"):
        explained(model, folder, tmp_path / "out", "grad-cam", go_on=True)


def test_a_network_that_gives_nan(model, folder, tmp_path):
    """Each image fails with a reason, and no picture is drawn."""
    broken = replace(model, network=nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 1)))
    explainer, names = explainer_of(broken)
    step = ExplainStep(Preparer(broken), explainer, names)
    nn.init.constant_(broken.network[1].weight, torch.nan)
    (source,) = passes.inputs_of([str(folder / "a.png")])
    result = passes.run(
        step, [(source, passes.read_ahead(source.root))], tmp_path / "out", passes.Options(batch_size=1)
    )
    (entry,) = result.entries
    assert (entry.status, entry.code, result.exit_code) == ("failed", "values", 3)
    assert "NaN" in entry.reason and set(content(tmp_path / "out")) == {FILE, TABLE}


def test_a_text_among_the_images(model, folder, tmp_path):
    """Is left out: no line in the table, and one in the manifest."""
    (folder / "a report").write_text("Lungs clear.")
    rows = explained(model, folder, tmp_path / "out")
    assert {row.image for row in rows} == {"a.png", "bad.png", "ward/b.png"}
    lines = [json.loads(line) for line in (tmp_path / "out" / FILE).read_text().splitlines()]
    assert [line["input"] for line in lines if line["status"] == "left_out"] == ["a report"]


def test_classes_with_one_file_name(model):
    """Are refused before anything is drawn."""
    named = replace(model, spec=replace(model.spec, classes=("a b", "a/b", "c", "d")))
    explainer, names = explainer_of(named)
    with pytest.raises(ConfigError, match="two would share a file"):
        ExplainStep(Preparer(named), explainer, names)


def test_names_that_would_share_a_picture(model):
    """``a`` of the class ``right_lung`` and ``a_right`` of ``lung``, if a model had both."""
    named = replace(model, spec=replace(model.spec, classes=("right_lung", "lung", "c", "d")))
    explainer, names = explainer_of(named)
    assert ExplainStep(Preparer(named), explainer, names).endings == ("_right",)


def test_the_plugin(folder, model_file):
    """Makes the same step from names alone; its settings are plain JSON and name the model."""
    step = steps.create("explain", model=str(model_file), method="grad-cam", classes=["heart"])
    settings = json.loads(json.dumps(step.settings()))
    assert settings["model"]["name"] == "small" and len(settings["model"]["sha256"]) == 64
    assert (settings["method"], settings["classes"], settings["raw"]) == ("grad-cam", ["heart"], False)
