"""A data set measured image by image, and the files that tell it."""

import csv
import json

import numpy as np
import pytest
from cxrtk.evaluation.run import Found, evaluate, reader_truth
from PIL import Image
from sklearn.metrics import f1_score, roc_auc_score

from cxrtk import metrics, readers
from cxrtk.api import Label, Radiograph, Reader
from cxrtk.errors import CxrReadError, DataError
from cxrtk.evaluation.curves import count_pixels
from cxrtk.evaluation.meter import Meter
from cxrtk.evaluation.storage import read_evaluation, write_evaluation
from cxrtk.evaluation.summary import summarise
from cxrtk.evaluation.table import Evaluation

SIZE = (16, 24)
LUNGS = np.zeros(SIZE, np.uint8)
LUNGS[4:12, 3:20] = 1


class Made(Reader):
    """Images by name: good, one without lungs, one of another size than its mask, one that is damaged."""

    def items(self):
        names = ("good", "none", "other_size", "damaged")
        return [{"image": f"/d/{name}.png", "patient": name, "sex": None, "age": 3} for name in names]

    def read(self, path):
        if "damaged" in str(path):
            raise CxrReadError(path, "ends too early", code="truncated")
        return Radiograph(np.full(SIZE, 0.5, np.float32), (0.5, 2.0), "detector")

    def read_label(self, item):
        mask = LUNGS * np.uint8("none" not in item["image"])
        return Label(
            mask[None, :10] if "size" in item["image"] else mask[None], ("lungs",), "human", "excluded"
        )


def left_half(name, radiograph, heart):
    mask = LUNGS.copy()
    mask[:, 12:] = 0
    return Found(mask, mask * np.float32(0.75))


@pytest.fixture
def results(tmp_path):
    reader = Made()
    meter = Meter({name: metrics.create(name) for name in ("dice", "hd95")}, probabilities=True)
    return evaluate(
        reader.items(), reader, left_half, reader_truth(reader), meter,
        dataset_dir=tmp_path, parts={"/d/good.png": "test"}, columns=["age", "sex"],
        masks_dir=tmp_path / "masks",
    )  # fmt: skip


def test_each_image_is_a_row(results):
    """Dice by scikit-learn; 8 columns of 2 mm of 17 are missing; what was asked for of the item, as text."""
    good, none = results.cases
    assert good.values["dice"] == pytest.approx(f1_score(LUNGS.ravel(), left_half(0, 0, 0).mask.ravel()))
    assert (good.image, good.part, good.failure) == ("good.png", "test", "")
    assert (good.prediction_pixels, good.truth_pixels) == (8 * 9, 8 * 17)
    assert (good.shape, good.spacing_mm, good.spacing_source) == (SIZE, (0.5, 2.0), "detector")
    assert good.columns == {"age": "3", "sex": ""}
    assert (good.patient, none.patient) == ("p1", "p2")  # not their keys
    assert none.failure == "empty truth"
    assert none.values == {"dice": 0.0, "hd95": pytest.approx(np.hypot(16 * 0.5, 24 * 2.0))}


def test_ignored_pixels_are_in_no_number(tmp_path):
    """Areas, metrics and the counts of curves are those of the image without its ignored columns."""
    ignore = np.zeros(SIZE, np.uint8)
    ignore[:, 10:15] = 1  # of the truth five columns, of the prediction two
    reader = Made()

    def truth(item, radiograph):
        return Label(LUNGS[None], ("lungs",), "human", "excluded", ignore)

    meter = Meter({name: metrics.create(name) for name in ("dice", "roc_auc")}, probabilities=True)
    items = reader.items()[:1]
    found = evaluate(items, reader, left_half, truth, meter, dataset_dir=tmp_path)
    (case,) = found.cases
    assert (case.prediction_pixels, case.truth_pixels) == (8 * 7, 8 * 12)
    predicted = left_half(0, 0, 0)
    kept = np.r_[0:10, 15:24]
    lungs, mask, values = (each[:, kept] for each in (LUNGS, predicted.mask, predicted.probabilities))
    assert case.values["dice"] == pytest.approx(f1_score(lungs.ravel(), mask.ravel()))
    assert case.values["roc_auc"] == pytest.approx(roc_auc_score(lungs.ravel(), values.ravel()))
    assert np.array_equal(found.counts[0], count_pixels(values, lungs))


def test_a_prediction_among_ignored_pixels_alone_is_empty(tmp_path):
    """It is a failure, as an empty one is."""
    reader = Made()

    def truth(item, radiograph):
        return Label(LUNGS[None], ("lungs",), "human", "excluded", left_half(0, 0, 0).mask)

    meter = Meter({"dice": metrics.create("dice")}, probabilities=True)
    (case,) = evaluate(reader.items()[:1], reader, left_half, truth, meter, dataset_dir=tmp_path).cases
    assert (case.failure, case.values["dice"]) == ("empty prediction", 0.0)


def test_what_cannot_be_read_is_told(results):
    """It stops no other image, and is in no number."""
    assert [image for image, _ in results.left_out] == ["other_size.png", "damaged.png"]
    assert "24 x 10" in results.left_out[0][1] and "ends too early" in results.left_out[1][1]


def test_masks_and_counts_are_kept(results, tmp_path):
    """The mask as PNG, 0 and 255; the pixels by probability, for curves."""
    with Image.open(tmp_path / results.cases[0].mask) as mask:
        assert np.array_equal(np.asarray(mask), left_half(0, 0, 0).mask * 255)
    assert np.array_equal(results.counts[0], count_pixels(left_half(0, 0, 0).probabilities, LUNGS))


def test_an_evaluation_survives_its_files(results, tmp_path):
    """The JSON file gives the same table; the CSV file holds the same numbers, with their unit."""
    meter = Meter({name: metrics.create(name) for name in ("dice", "hd95")}, probabilities=True)
    table = Evaluation(
        tuple(results.cases), meter.about, {"split": {"part": "test"}}, ("Beware.",), tuple(results.left_out)
    )
    write_evaluation(table, tmp_path / "e", summaries=summarise(table))
    assert read_evaluation(tmp_path / "e") == table
    with (tmp_path / "e" / "cases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["dice"]) for row in rows] == [case.values["dice"] for case in table.cases]
    assert (rows[0]["unit"], rows[0]["column:age"], rows[1]["failure"]) == ("mm", "3", "empty truth")
    content = json.loads((tmp_path / "e" / "evaluation.json").read_text())
    assert content["failed"] == [{"image": "none.png", "failure": "empty truth"}]
    assert content["summary"][0]["mean"] == pytest.approx(table.cases[0].values["dice"] / 2)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}'])
def test_another_file_is_no_evaluation(tmp_path, text):
    """Says which file."""
    (tmp_path / "evaluation.json").write_text(text)
    with pytest.raises(DataError, match=r"evaluation\.json"):
        read_evaluation(tmp_path)


def test_the_truth_evaluated_against_itself_is_perfect(cxrtk_data):
    """On JSRT's masks: Dice 1, distance 0."""
    reader = readers.create("image_mask_folder", root=str(cxrtk_data / "jsrt"))
    items = reader.items()[:2]
    truth = {item["stem"]: reader.read_label(item).lungs() for item in items}

    def same(name, radiograph, heart):
        assert heart == "excluded"
        return Found(truth[name.split("/")[-1].removesuffix(".png")])

    meter = Meter({name: metrics.create(name) for name in ("dice", "hd95", "nsd")}, probabilities=False)
    found = evaluate(items, reader, same, reader_truth(reader), meter, dataset_dir=cxrtk_data / "jsrt")
    assert [case.values for case in found.cases] == [{"dice": 1.0, "hd95": 0.0, "nsd": 1.0}] * 2
