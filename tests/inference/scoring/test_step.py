"""The step of `cxrtk evaluate` in a pass: rows, files, and what cannot be read."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import f1_score

from cxrtk import ConfigError, DataError, metrics
from cxrtk.evaluation.case import Found
from cxrtk.evaluation.curves import count_pixels, load_counts
from cxrtk.evaluation.storage import read_evaluation
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.inference.scoring.evaluating import run
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import LungSettings, Predictions, of_folder, predictions_of
from cxrtk.inference.scoring.step import EvaluateStep
from cxrtk.passes import Options, inputs_of, read_ahead
from cxrtk.passes import run as run_pass

SIZE = (16, 24)
LUNGS = np.zeros(SIZE, np.uint8)
LUNGS[4:12, 3:20] = 1
LEFT = LUNGS.copy()
LEFT[:, 12:] = 0


def left_half(name, radiograph, heart):
    assert heart == "excluded"
    return Found(LEFT, LEFT * np.float32(0.75))


@pytest.fixture
def data(tmp_path):
    """Images by name: good, without lungs, of another size than its mask, damaged, without a mask."""
    folder = tmp_path / "data"
    rng = np.random.default_rng(0)
    for sub in ("images", "masks"):
        (folder / sub).mkdir(parents=True)
    for name in ("bare", "damaged", "good", "none", "other"):
        Image.fromarray(rng.integers(0, 255, SIZE, np.uint8)).save(folder / "images" / f"{name}.png")
        mask = LUNGS * np.uint8(255 * (name != "none"))
        if name != "bare":
            Image.fromarray(mask[: 10 if name == "other" else 16]).save(folder / "masks" / f"{name}.png")
    damaged = folder / "images" / "damaged.png"
    damaged.write_bytes(damaged.read_bytes()[:100])
    table = ["stem,patient,age,sex", *(f"{name},{name},3," for name in ("damaged", "good", "none", "other"))]
    (folder / "manifest.csv").write_text("\n".join([*table, "bare,bare,3,"]) + "\n")
    return DataSet.of(str(folder), "image_mask_folder", {"heart": "excluded"})


def step(data, *names, find=left_half, **options):
    found = Predictions(find, {"kind": "model", "name": "m"}, probabilities=True)
    measures = {name: metrics.create(name) for name in names or ("dice", "hd95")}
    return EvaluateStep(found, data, measures, EvaluationOptions(by=["age", "sex"], **options))


def evaluate(data, output, made=None, **options):
    files = read_ahead(str(data.path), reader=data.reader, arguments=data.arguments)
    sources = [(inputs_of([str(data.path)])[0], files)]
    return run_pass(made or step(data), sources, output, Options(batch_size=1, **options))


def test_each_image_is_a_row(data, tmp_path):
    """Dice by scikit-learn; what was asked for of the item, as text; patients by numbers."""
    evaluate(data, tmp_path / "out")
    good, none = read_evaluation(tmp_path / "out").cases
    assert good.values["dice"] == pytest.approx(f1_score(LUNGS.ravel(), LEFT.ravel()))
    assert (good.image, good.failure, none.failure) == ("images/good.png", "", "empty truth")
    assert good.columns == {"age": "3", "sex": ""}
    assert {good.patient, none.patient} < {"p1", "p2", "p3", "p4"}


def test_what_cannot_be_read_is_told(data, tmp_path):
    """It stops no other image, is in no number, and makes the exit code 3; one without a mask is left out."""
    result = evaluate(data, tmp_path / "out")
    told = read_evaluation(tmp_path / "out")
    assert [image for image, _ in told.left_out] == ["images/damaged.png", "images/other.png"]
    assert "24 x 10" in told.left_out[1][1] and result.exit_code == 3
    assert told.about["dataset"]["unlabelled"] == 1
    assert (
        "2 images that could not be read" in told.warnings[-2] and "1 image of the data" in told.warnings[-1]
    )


def test_masks_and_counts_are_kept(data, tmp_path):
    """The mask as PNG, 0 and 255; the pixels by probability, for curves."""
    evaluate(data, tmp_path / "out")
    case = read_evaluation(tmp_path / "out").cases[0]
    with Image.open(tmp_path / "out" / case.mask) as mask:
        assert np.array_equal(np.asarray(mask), LEFT * 255)
    names, counts = load_counts(tmp_path / "out" / "curves.npz")
    assert names == ["images/good.png", "images/none.png"]
    assert np.array_equal(counts[0], count_pixels(LEFT * np.float32(0.75), LUNGS))


def test_the_tables_hold_the_same_numbers(data, tmp_path):
    """In cases.csv with their unit, and in evaluation.json with their mean."""
    evaluate(data, tmp_path / "out")
    told = read_evaluation(tmp_path / "out")
    with (tmp_path / "out" / "cases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["dice"]) for row in rows] == [case.values["dice"] for case in told.cases]
    assert (rows[0]["unit"], rows[0]["column:age"], rows[1]["failure"]) == ("pixels", "3", "empty truth")
    content = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert content["failed"] == [{"image": "images/none.png", "failure": "empty truth"}]
    assert content["summary"][0]["mean"] == pytest.approx(told.cases[0].values["dice"] / 2)


def test_parts_make_the_same_evaluation(data, tmp_path):
    """Two processes with half of the images each: the one that ends last writes what one alone writes."""
    evaluate(data, tmp_path / "whole")
    first = evaluate(data, tmp_path / "parts", num_parts=2, part_id=1)
    assert not first.complete and not (tmp_path / "parts" / "evaluation.json").exists()
    evaluate(data, tmp_path / "parts", num_parts=2, part_id=0)
    for name in ("evaluation.json", "cases.csv"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    whole, parts = (load_counts(tmp_path / each / "curves.npz") for each in ("whole", "parts"))
    assert whole[0] == parts[0] and np.array_equal(whole[1], parts[1])


def test_other_metrics_are_other_settings(data, tmp_path):
    """What is there was measured otherwise, and is not continued."""
    evaluate(data, tmp_path / "out")
    with pytest.raises(ConfigError, match="different settings"):
        evaluate(data, tmp_path / "out", step(data, "dice"), go_on=True)


def counted(calls):
    """`left_half` that notes the images that it was asked for."""

    def find(name, radiograph, heart):
        calls.append(name)
        return left_half(name, radiograph, heart)

    return find


def truncate(path):
    path.write_bytes(path.read_bytes()[:60])


@pytest.mark.parametrize(
    ("change", "dice"),
    [(lambda path: Image.fromarray(LEFT * np.uint8(255)).save(path), 1.0), (truncate, None)],
)
def test_an_image_whose_true_mask_was_changed_is_evaluated_again(data, tmp_path, change, dice):
    """Replaced, or cut short, which leaves it out of the numbers; the other images are left alone."""
    evaluate(data, tmp_path / "out")
    change(data.path / "masks" / "good.png")
    calls = []
    evaluate(data, tmp_path / "out", step(data, find=counted(calls)), go_on=True)
    assert calls == ["images/good.png"] * (dice is not None)
    values = {case.image: case.values["dice"] for case in read_evaluation(tmp_path / "out").cases}
    assert values.get("images/good.png") == dice and "images/none.png" in values


def test_an_image_whose_masks_are_untouched_is_not_evaluated_again(data, tmp_path):
    """And the folder holds the same bytes."""
    evaluate(data, tmp_path / "out")
    names = ("manifest.jsonl", "evaluation.json", "cases.csv", "curves.npz")
    before = [(tmp_path / "out" / name).read_bytes() for name in names]
    calls = []
    evaluate(data, tmp_path / "out", step(data, find=counted(calls)), go_on=True)
    assert calls == [] and [(tmp_path / "out" / name).read_bytes() for name in names] == before


def test_a_predicted_mask_that_was_changed_is_measured_again(data, tmp_path):
    """Replaced, or put where none was."""
    folder = tmp_path / "predicted"
    folder.mkdir()
    Image.fromarray(LEFT * np.uint8(255)).save(folder / "none.png")

    def go(**options):
        made = EvaluateStep(
            of_folder(folder, None), data, {"dice": metrics.create("dice")}, EvaluationOptions()
        )
        evaluate(data, tmp_path / "out", made, **options)
        return {case.image: case for case in read_evaluation(tmp_path / "out").cases}

    assert go()["images/good.png"].failure.startswith("no prediction")
    Image.fromarray(LEFT * np.uint8(255)).save(folder / "good.png")
    half = go(go_on=True)["images/good.png"]
    assert half.values["dice"] == pytest.approx(f1_score(LUNGS.ravel(), LEFT.ravel())) and not half.failure
    Image.fromarray(LUNGS * np.uint8(255)).save(folder / "good.png")
    assert go(go_on=True)["images/good.png"].values["dice"] == 1.0


def test_what_the_data_set_says_now_counts(data, tmp_path):
    """A column that was corrected in its table groups the images, though none is evaluated again."""
    evaluate(data, tmp_path / "out")
    table = data.path / "manifest.csv"
    table.write_text(table.read_text().replace("good,good,3,", "good,good,5,F"))
    calls = []
    evaluate(data, tmp_path / "out", step(data, find=counted(calls)), go_on=True)
    good, none = read_evaluation(tmp_path / "out").cases
    assert calls == []
    assert (good.columns, none.columns) == ({"age": "5", "sex": "F"}, {"age": "3", "sex": ""})


def test_a_generated_truth_depends_on_no_mask_file(data):
    """The masks of the data set are not read, so none of them is recorded."""
    by_thresholds = DataSet.of(str(data.path), data.reader, {"heart": "excluded"}, "mean_threshold")
    item = {"image": "a.png", "patient": "a"}
    assert list(step(by_thresholds).further_inputs(item, "a.png", ["masks/a.png"])) == []
    assert list(step(data).further_inputs(item, "a.png", ["masks/a.png"])) == ["masks/a.png"]


def test_another_setting_of_a_generator_is_another_setting(data, tmp_path):
    """Masks of the one are not continued with those of the other."""

    def by(**arguments):
        found = predictions_of(LungSettings(), generator="mean_threshold", arguments=arguments)
        return EvaluateStep(found, data, {"dice": metrics.create("dice")}, EvaluationOptions())

    evaluate(data, tmp_path / "out", by(gain=0.9))
    evaluate(data, tmp_path / "out", by(gain=0.9), go_on=True)
    for other in (by(gain=1.1), by()):
        with pytest.raises(ConfigError, match="different settings"):
            evaluate(data, tmp_path / "out", other, go_on=True)


def test_where_nothing_can_be_measured(data, tmp_path):
    """One line that names the first image and what is wrong with it."""
    for name in ("good", "none"):
        (data.path / "masks" / f"{name}.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"None of 4 images can be evaluated; the first, images/damaged"):
        evaluate(data, tmp_path / "out")


def test_one_call_gives_what_lies_in_the_folder(data, tmp_path):
    """`run` tells its progress, and returns the evaluation with the summaries that were written."""
    told = []
    found = Predictions(left_half, {"kind": "model", "name": "m"}, probabilities=True)
    done = run(
        found, data, {"dice": metrics.create("dice")}, tmp_path / "out", EvaluationOptions(by=["age"]),
        lambda total: told.append(total) or (lambda: told.append(1)),
    )  # fmt: skip
    assert told == [4, 1, 1, 1, 1]
    assert done.evaluation == read_evaluation(tmp_path / "out")
    (summary,) = done.summaries
    assert summary.mean == pytest.approx(f1_score(LUNGS.ravel(), LEFT.ravel()) / 2)
    assert done.subgroups["age"]["3"] == [summary]
