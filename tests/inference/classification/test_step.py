"""Findings of many files: the tables are right, and the same however the work was shared or stopped."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.networks.nets import DenseNet
from PIL import Image
from sklearn.metrics import roc_auc_score

from cxrtk import passes, pixels, steps
from cxrtk.data.boxes import FindingBox, write_boxes
from cxrtk.errors import ConfigError, DataError
from cxrtk.inference.classification.classifier import Classifier
from cxrtk.inference.classification.pointing import Boxed
from cxrtk.inference.classification.step import FindingsStep
from cxrtk.models.model_file import Model, ModelSpec, save_model
from cxrtk.passes.manifest import FILE

ARGUMENTS = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "init_features": 8, "growth_rate": 4,
             "block_config": [2, 2]}  # fmt: skip
SPEC = ModelSpec(
    "small", {"_target_": "monai.networks.nets.DenseNet", **ARGUMENTS}, ("Effusion", "Mass"),
    image_size=32, task="classification",
)  # fmt: skip
LABELS = ("Mass", "Effusion|Mass", "No Finding", "Effusion", "No Finding", "Mass", "Effusion")
TABLES = {"findings.csv", "test_metrics.json", "localisation.json", "localisation.csv"}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return DenseNet(**ARGUMENTS).eval()


@pytest.fixture(scope="module")
def classifier(network):
    return Classifier(Model(SPEC, network, "0" * 64))


@pytest.fixture
def folder(tmp_path):
    """Seven images of four patients in the NIH's layout."""
    root = tmp_path / "nih"
    (root / "images").mkdir(parents=True)
    lines = ["Image Index,Finding Labels,Patient ID"]
    noise = np.random.default_rng(0).integers(0, 255, (len(LABELS), 40, 48), np.uint8)
    for number, (label, values) in enumerate(zip(LABELS, noise, strict=True)):
        name = f"{number // 2 + 71:08d}_{number % 2:03d}.png"
        Image.fromarray(values).save(root / "images" / name)
        lines.append(f"{name},{label},{number // 2 + 71}")
    (root / "Data_Entry_2017.csv").write_text("\n".join(lines) + "\n")
    return root


@pytest.fixture
def boxed():
    """Boxes on two images, and one of an image that is not there."""
    boxes = [
        FindingBox("00000071_000.png", "Mass", 100, 200, 300, 400),
        FindingBox("00000071_001.png", "Effusion", 0, 0, 1024, 1024),
        FindingBox("00000071_001.png", "Mass", 500, 500, 90, 90),
        FindingBox("00000071_001.png", "Hernia", 500, 500, 90, 90),
        FindingBox("00000099_000.png", "Mass", 0, 0, 9, 9),
    ]
    return Boxed(boxes, pictures=2)


def told(step, folder, output, reader="nih_png", batch_size=2, **options):
    """How a pass of the step ended."""
    (source,) = passes.inputs_of([str(folder)])
    files = passes.read_ahead(source.root, reader=reader)
    return passes.run(step, [(source, files)], output, passes.Options(batch_size=batch_size, **options))


def table(output):
    with (output / "findings.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lines(output):
    return [json.loads(line) for line in (output / FILE).read_text(encoding="utf-8").splitlines()]


def content(folder):
    """Path -> bytes of every file."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_the_table_is_what_the_network_says(classifier, boxed, folder, tmp_path):
    """Its probabilities of each image alone, and the labels of the NIH's table."""
    result = told(FindingsStep(classifier, boxed), folder, tmp_path / "out")
    rows = table(tmp_path / "out")
    assert result.exit_code == 0 and len(rows) == len(LABELS)
    for row, label in zip(rows, LABELS, strict=True):
        prepared = classifier.prepare(pixels.read(folder / "images" / row["image"]))
        (alone,) = classifier.probabilities([prepared])
        assert [float(row[name]) for name in classifier.findings] == pytest.approx(alone, abs=2e-6)
        assert [row[f"{name}_truth"] for name in classifier.findings] == [
            str(int(name in label.split("|"))) for name in classifier.findings
        ]


def test_areas_are_scikit_learns(classifier, folder, tmp_path):
    """Of the probabilities in the manifest, which are not rounded."""
    told(FindingsStep(classifier), folder, tmp_path / "out")
    found = json.loads((tmp_path / "out" / "test_metrics.json").read_text())
    rows = lines(tmp_path / "out")
    for place, score in enumerate(found["findings"]):
        given, truth = ([row[key][place] for row in rows] for key in ("probabilities", "truth"))
        assert score["auc"] == pytest.approx(roc_auc_score(truth, given), abs=1e-12)


def test_the_files(classifier, boxed, folder, tmp_path):
    """Tables, and as many pictures as asked for, of the first boxes."""
    told(FindingsStep(classifier, boxed), folder, tmp_path / "out")
    pictures = {"maps/00000071_000_Mass.png", "maps/00000071_001_Effusion.png"}
    assert set(content(tmp_path / "out")) == TABLES | {FILE} | pictures
    cases = [case for row in lines(tmp_path / "out") for case in row["cases"]]
    assert [(case["image"][:12], case["finding"]) for case in cases] == [
        ("00000071_000", "Mass"), ("00000071_001", "Effusion"), ("00000071_001", "Mass"),
    ]  # fmt: skip
    (everywhere,) = [case for case in cases if case["finding"] == "Effusion"]
    assert everywhere["pointing"] and everywhere["chance"] == 1.0


def test_no_patient_is_named(classifier, folder, tmp_path):
    """The manifest tells patients apart by numbers in the order in which they come."""
    told(FindingsStep(classifier), folder, tmp_path / "out")
    assert [row["patient"] for row in lines(tmp_path / "out")] == [0, 0, 1, 1, 2, 2, 3]


def test_patients_of_dicom_files(classifier, cxrtk_data, tmp_path):
    """Neither their identifiers nor the hashes of these are in any file."""
    told(FindingsStep(classifier), cxrtk_data / "dicom", tmp_path / "out", reader="dicom")
    import pydicom

    from cxrtk import readers

    everything = b"".join(content(tmp_path / "out").values()).decode()
    items = readers.create("dicom", root=str(cxrtk_data / "dicom")).items()
    assert len(lines(tmp_path / "out")) == len(items) == 5
    for item in items:
        header = pydicom.dcmread(item["image"], stop_before_pixels=True)
        named = [item["patient"], str(header.get("PatientID", "")), str(header.get("StudyInstanceUID", ""))]
        assert not [word for word in named if len(word) > 5 and word in everything]


@pytest.mark.parametrize("damage", ["deleted", "truncated"])
def test_what_is_no_longer_there_is_made_again(classifier, boxed, folder, tmp_path, damage):
    """And nothing else is asked of the network."""
    out = tmp_path / "out"
    step = FindingsStep(classifier, boxed)
    told(step, folder, out, batch_size=1)
    before, asked = content(out), []
    picture, other = (out / "maps" / f"00000071_00{name}.png" for name in ("1_Effusion", "0_Mass"))
    time = other.stat().st_mtime_ns
    if damage == "deleted":
        picture.unlink()
    else:
        picture.write_bytes(picture.read_bytes()[:99])
    (out / "test_metrics.json").unlink()

    class Watched(FindingsStep):
        def __call__(self, batch):
            asked.extend(job.name for job in batch)
            return super().__call__(batch)

    told(Watched(classifier, boxed), folder, out, batch_size=1, go_on=True)
    assert content(out) == before and other.stat().st_mtime_ns == time
    assert asked == ["images/00000071_001.png"]


def test_two_parts_give_the_tables_of_one(classifier, boxed, folder, tmp_path):
    """Areas, intervals and localisation are of all images, with the part that ends last."""
    step = FindingsStep(classifier, boxed)
    told(step, folder, tmp_path / "whole")
    out = tmp_path / "out"
    first = told(step, folder, out, num_parts=2, part_id=1)
    assert not first.complete and not TABLES & content(out).keys()
    assert told(step, folder, out, num_parts=2, part_id=0).complete
    whole, parts = content(tmp_path / "whole"), content(out)
    assert whole.pop(FILE) and parts.pop("manifest_0_of_2.jsonl") and parts.pop("manifest_1_of_2.jsonl")
    assert parts == whole


def test_images_that_come_later(classifier, boxed, folder, tmp_path):
    """An image of a patient who comes first: the numbers of all patients, and the intervals, are right."""
    first = folder / "images" / "00000071_000.png"
    table_file = folder / "Data_Entry_2017.csv"
    kept = first.read_bytes(), table_file.read_text()
    step = FindingsStep(classifier, boxed)
    told(step, folder, tmp_path / "whole")
    for name in ("00000071_000.png", "00000071_001.png"):
        (folder / "images" / name).rename(tmp_path / name)
    told(step, folder, tmp_path / "out")
    for name in ("00000071_000.png", "00000071_001.png"):
        (tmp_path / name).rename(folder / "images" / name)
    assert (first.read_bytes(), table_file.read_text()) == kept
    told(step, folder, tmp_path / "out", go_on=True)
    ours, whole = content(tmp_path / "out"), content(tmp_path / "whole")
    assert [row["patient"] for row in lines(tmp_path / "out")] == [0, 0, 1, 1, 2, 2, 3]
    assert ours["test_metrics.json"] == whole["test_metrics.json"]


def test_a_table_that_was_corrected(classifier, folder, tmp_path):
    """Labels are read anew when a pass goes on, while no image is."""
    step = FindingsStep(classifier)
    told(step, folder, tmp_path / "out")
    path = folder / "Data_Entry_2017.csv"
    path.write_text(path.read_text().replace("00000071_000.png,Mass", "00000071_000.png,Effusion"))
    told(step, folder, tmp_path / "out", go_on=True)
    row = table(tmp_path / "out")[0]
    assert (row["Effusion_truth"], row["Mass_truth"]) == ("1", "0")


def test_a_file_that_cannot_be_read(classifier, folder, tmp_path):
    """Costs itself: exit code 3, a line with its truth and the reason, and no place in the areas."""
    (folder / "images" / "00000072_000.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    result = told(FindingsStep(classifier), folder, tmp_path / "out")
    rows = {row["image"]: row for row in table(tmp_path / "out")}
    bad = rows.pop("00000072_000.png")
    assert result.exit_code == 3 and result.counts == {"ok": 6, "failed": 1}
    assert (bad["status"], bad["Mass"], bad["Mass_truth"]) == ("failed", "", "0") and bad["reason"]
    assert {row["status"] for row in rows.values()} == {"ok"}
    metrics = json.loads((tmp_path / "out" / "test_metrics.json").read_text())
    assert (metrics["images"], metrics["failed_images"]) == (6, "1")


def test_a_text_among_the_images(classifier, folder, tmp_path):
    """Is left out of the table and is no failure."""
    (folder / "images" / "a report").write_text("Lungs clear.")
    result = told(FindingsStep(classifier), folder / "images", tmp_path / "out", reader="files")
    assert (result.exit_code, result.counts) == (0, {"ok": 7, "left_out": 1})
    assert len(table(tmp_path / "out")) == 7


def test_images_with_one_name(classifier, folder, tmp_path):
    """Stand in the table with their folders."""
    (folder / "images" / "b").mkdir()
    name = "00000071_000.png"
    (folder / "images" / "b" / name).write_bytes((folder / "images" / name).read_bytes())
    told(FindingsStep(classifier), folder / "images", tmp_path / "out", reader="files")
    names = [row["image"] for row in table(tmp_path / "out")]
    assert len(names) == 8 and {name, f"b/{name}"} < set(names)


def test_images_with_the_name_of_one_with_boxes(classifier, boxed, folder, tmp_path):
    """Are refused before any is read."""
    (folder / "images" / "b").mkdir()
    name = "00000071_000.png"
    (folder / "images" / "b" / name).write_bytes((folder / "images" / name).read_bytes())
    with pytest.raises(DataError, match="has the name of another image"):
        told(FindingsStep(classifier, boxed), folder / "images", tmp_path / "out", reader="files")
    assert not (tmp_path / "out").exists()


def test_a_network_that_gives_nan(network, folder, tmp_path):
    """Fails each image with a reason, and there are no areas."""
    broken = DenseNet(**ARGUMENTS).eval()
    torch.nn.init.constant_(broken.class_layers.out.weight, torch.nan)
    result = told(FindingsStep(Classifier(Model(SPEC, broken, "0" * 64))), folder, tmp_path / "out")
    assert result.counts == {"failed": 7}
    assert {row["code"] for row in lines(tmp_path / "out")} == {"values"}
    assert not (tmp_path / "out" / "test_metrics.json").exists()


def test_a_part_of_the_images(classifier, folder, tmp_path):
    """Those that the split names as its test part; each row says its part. Another split cannot go on."""
    run = tmp_path / "run"
    run.mkdir()
    names = sorted(path.name for path in (folder / "images").iterdir())
    split = {"train": names[:4], "validation": names[4:6], "test": names[6:]}
    (run / "splits.json").write_text(json.dumps(split))
    step = FindingsStep(classifier, splits=run / "splits.json", split="auto")
    told(step, folder, tmp_path / "out")
    assert [(row["input"], row["part"]) for row in lines(tmp_path / "out")] == [
        (f"images/{names[6]}", "test")
    ]
    every = FindingsStep(classifier, splits=run / "splits.json", split="all")
    with pytest.raises(ConfigError, match="different settings"):
        told(every, folder, tmp_path / "out", go_on=True)


def test_a_label_that_is_no_finding(classifier, folder, tmp_path):
    """Is refused with the image's name before any image is read."""
    path = folder / "Data_Entry_2017.csv"
    path.write_text(path.read_text().replace("png,Mass", "png,Massive"))
    with pytest.raises(DataError, match=r"00000071_000\.png.*Massive"):
        told(FindingsStep(classifier), folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_plugin(network, tmp_path):
    """Makes the same step from names alone; its settings are plain JSON, and the boxes are in them."""
    path = tmp_path / "small.safetensors"
    save_model(SPEC, network.state_dict(), path)
    made = []
    for width in (9, 10):
        write_boxes(tmp_path / "boxes.csv", [FindingBox("a.png", "Mass", 0, 0, width, 9)])
        step = steps.create("findings", model=str(path), boxes=str(tmp_path / "boxes.csv"), split="all")
        made.append(json.loads(json.dumps(step.settings())))
    assert made[0]["model"]["name"] == "small" and len(made[0]["model"]["sha256"]) == 64
    assert made[0]["boxes"] != made[1]["boxes"]
    assert {**made[0], "boxes": ""} == {**made[1], "boxes": ""}


def test_a_model_that_makes_masks(network):
    """Tells no findings."""
    with pytest.raises(ConfigError, match="does not classify findings"):
        Classifier(Model(replace(SPEC, task="segmentation"), network, "0" * 64))
