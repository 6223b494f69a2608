"""Pages, Markdown and CSV of evaluations and runs, against the files that they are made of."""

import csv
import json
import re
import shutil

import numpy as np
import pytest

from cxrtk.errors import ConfigError, DataError
from cxrtk.report import evaluated, formats, run
from cxrtk.report.kinds import kind_of
from cxrtk.report.segmented import Options
from cxrtk.report.sources import Images
from tests.report.documents import HOSTILE, LOST, STEMS, make_evaluation, make_run


def document(folder, **options):
    build = evaluated.build if evaluated.is_evaluation(folder) else run.build
    return build(folder, Options(Images(None), **options), lambda done, total: None)


def cases(folder):
    with (folder / "cases.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    """Six images, one without a prediction; not to be changed."""
    return make_evaluation(tmp_path_factory.mktemp("evaluation"))


@pytest.fixture(scope="module")
def whole(evaluation):
    """Its document, with all images."""
    return document(evaluation)


@pytest.fixture
def trained(tmp_path):
    """A run that was tested."""
    return make_run(tmp_path)


def test_the_table_of_images_has_the_numbers_of_the_evaluation(whole, evaluation, tmp_path):
    """Written as CSV and read back, all digits."""
    written = formats.write(whole, tmp_path / "r.html", ("csv",))
    table = next(path for path in written if path.name == "r_images.csv")
    with table.open(encoding="utf-8") as file:
        rows = {row["Image"]: row for row in csv.DictReader(file)}
    for case in cases(evaluation):
        row = rows[case["image"]]
        assert float(row["Dice"]) == pytest.approx(float(case["dice"]))
        assert float(row["HD95 (px) ↓"] if "HD95 (px) ↓" in row else row["HD95 (px)"]) == pytest.approx(
            float(case["hd95"])
        )


def test_the_summary_is_of_all_images_the_failed_too(whole, evaluation):
    """Mean Dice by numpy over the table, with the 0 of the image without a prediction."""
    dice = [float(case["dice"]) for case in cases(evaluation)]
    assert dice[[case["image"] for case in cases(evaluation)].index(f"images/{LOST}.png")] == 0
    counts = {count.label: count.number for count in whole.counts}
    assert counts["mean Dice"] == f"{np.mean(dice):.4f}"
    assert counts["failed cases"] == "1"


def test_a_failed_case_is_listed_with_its_reason(whole):
    """In the page's own words."""
    page = formats.html(whole)
    assert "no file of its name" in page


def test_names_are_text_not_markup(whole, parse):
    """A file called <script> adds no script, and is shown as it is called."""
    page = formats.html(whole)
    plain = parse(page)
    assert "<script>alert" not in page
    assert HOSTILE in plain.text


def test_the_page_loads_nothing(whole):
    """No address but those of data inside it."""
    page = formats.html(whole)
    for attribute in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert attribute.startswith(("data:", "#"))
    assert "default-src 'none'" in page


def test_each_image_opens_its_picture(whole, parse):
    """A link a row, and a card it leads to."""
    root = parse(formats.html(whole))
    cards = {card.attributes["id"] for card in root.all("", class_="card")}
    links = {
        link.attributes.get("data-opens") or link.attributes.get("href", "")[1:]
        for link in root.all("", class_="open-link")
    }
    assert len(links) == len(STEMS)
    assert links <= cards


def test_every_figure_is_there(whole):
    """Of a model with probabilities."""
    names = {figure.name for figure in whole.figures}
    assert {"roc", "precision_recall", "reliability", "ranked", "threshold_dice", "overlays"} <= names
    assert any(name.startswith("bland_altman") for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["evaluation", "run"])
def test_the_same_folder_gives_the_same_bytes(evaluation, kind, tmp_path, other_day):
    """No date of today: many years later the page is the same."""
    folder = evaluation if kind == "evaluation" else make_run(tmp_path)
    before = formats.html(document(folder))
    with other_day():
        assert formats.html(document(folder)) == before


def test_without_predicted_masks_only_the_truth_has_a_switch(tmp_path):
    """Layers that no picture has are not offered."""
    built = document(make_evaluation(tmp_path, masks=False))
    assert [style.name for style in built.styles] == ["truth"]


def test_markdown_has_the_tables_and_its_figures_beside_it(whole, tmp_path):
    """Each picture that it names exists."""
    formats.write(whole, tmp_path / "r.html", ("md",))
    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    named = re.findall(r"\]\((\S+\.png)\)", text)
    assert named and all((tmp_path / name).is_file() for name in named)
    assert "<script>" not in text
    assert len([line for line in text.splitlines() if line.startswith("| images/")]) >= len(STEMS)


def test_fewer_pictures_than_images_is_said(evaluation):
    """Tables and figures stay those of all."""
    built = document(evaluation, most=2)
    assert len(built.cards) == 2
    assert any("2 of 6 images" in notice for notice in built.notices)


def test_damaged_counts_are_one_line(evaluation, tmp_path):
    """Names the file."""
    folder = shutil.copytree(evaluation, tmp_path / "copy")
    (folder / "curves.npz").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"curves\.npz"):
        document(folder)


def test_a_run_shows_the_epoch_that_was_kept_and_its_test(trained):
    """Epoch 2 of 3, 0.75 on two images."""
    built = document(trained)
    said = {count.label: (count.number, count.meaning) for count in built.counts}
    assert said["Dice, test"][0] == "0.7500"
    assert any("epoch 2" in note for _, note in said.values())


def test_each_test_image_of_a_run_is_in_its_table(trained, tmp_path):
    """As MONAI wrote them."""
    formats.write(document(trained), tmp_path / "r.html", ("csv",))
    with (tmp_path / "r_test_images.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["Image"], float(row["Dice"])) for row in rows] == [("d.png", 0.7), ("e.png", 0.8)]


def test_a_run_without_a_test_says_so(tmp_path):
    """It has curves, and no test section."""
    built = document(make_run(tmp_path, tested=False))
    assert "test" not in [section.id for section in built.sections if section.figures or section.tables]
    assert any("test" in notice for notice in built.notices)


def test_a_damaged_test_is_one_line(trained):
    """Names the file."""
    (trained / "test_metrics.json").write_text(json.dumps({"metrics": 3}))
    with pytest.raises(DataError, match=r"test_metrics\.json"):
        document(trained)


def test_weak_labels_are_called_weak(trained):
    """A test against generated masks is not one against humans'."""
    content = json.loads((trained / "test_metrics.json").read_text())
    (trained / "test_metrics.json").write_text(
        json.dumps({**content, "truth": "generated masks (weak labels)"})
    )
    assert any("thresholds" in notice for notice in document(trained).notices)


def test_a_classifiers_run_has_a_table_of_findings(trained, tmp_path):
    """Areas, intervals, and a finding without one; no 14 numbers at the top."""
    scores = [
        {
            "finding": "Mass",
            "images": 9,
            "positive": 3,
            "auc": 0.8,
            "interval": [0.5, 0.9],
            "average_precision": 0.6,
        },
        {
            "finding": "Hernia",
            "images": 9,
            "positive": 0,
            "auc": None,
            "interval": None,
            "average_precision": None,
        },
    ]
    content = {
        "metrics": {"mean_auc": 0.8, "auc_Mass": 0.8}, "images": 9, "truth": "the table",
        "resolution": "64 x 64 pixels, full image", "findings": scores,
    }  # fmt: skip
    (trained / "test_metrics.json").write_text(json.dumps(content))
    shutil.rmtree(trained / "test")
    table = "image,Mass,Hernia,Mass_truth,Hernia_truth\na.png,0.9,0.1,1,0\nb.png,0.2,0.3,0,0\n"
    (trained / "findings.csv").write_text(table)
    built = document(trained)
    assert "Mass 1.0000." in next(each.says for each in built.figures if each.name == "roc_findings")
    assert [count.label for count in built.counts if "test" in count.label] == ["mean AUC, test"]
    formats.write(built, tmp_path / "r.html", ("csv",))
    with (tmp_path / "r_test_findings.csv").open() as file:
        rows = {row["Finding"]: row for row in csv.DictReader(file)}
    assert (rows["Mass"]["AUC"], rows["Mass"]["95 % interval"]) == ("0.8", "0.500 to 0.900")
    assert (rows["Hernia"]["AUC"], rows["Hernia"]["Images with it"]) == ("", "0")


def test_a_damaged_table_of_findings_is_one_line(trained):
    """Names the file."""
    score = {
        "finding": "Mass",
        "images": 2,
        "positive": 1,
        "auc": 1.0,
        "interval": None,
        "average_precision": 1.0,
    }
    content = {"metrics": {"mean_auc": 1.0}, "images": 2, "truth": "the table", "findings": [score]}
    (trained / "test_metrics.json").write_text(json.dumps(content))
    (trained / "findings.csv").write_text("image,Effusion\na.png,0.9\n")
    with pytest.raises(DataError, match=r"findings\.csv"):
        document(trained)


def test_a_comparison_has_the_differences_of_the_tables(cxrtk_command, tmp_path):
    """Two evaluations by the command; the mean difference by numpy from both tables."""
    first = make_evaluation(tmp_path / "a")
    words = ("--dataset_dir", tmp_path / "a" / "data", "--reader", "image_mask_folder")
    words = (*words, "--set", "reader#heart=excluded", "--metrics", "dice,iou", "-q")
    ended = cxrtk_command(
        "evaluate", "--masks", "mean_threshold", *words, "-o", tmp_path / "b", "--compare", first
    )
    assert ended.code == 0, ended.err
    formats.write(document(tmp_path / "b"), tmp_path / "r.html", ("csv",))
    dice = [{row["image"]: float(row["dice"]) for row in cases(folder)} for folder in (tmp_path / "b", first)]
    expected = np.mean([dice[0][image] - dice[1][image] for image in dice[0]])
    tables = [path for path in tmp_path.glob("r_*.csv") if "Difference" in path.read_text(encoding="utf-8")]
    with tables[0].open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["Metric"].lower() == "dice")
    assert float(row["Difference"]) == pytest.approx(expected, abs=1e-6)


def test_a_folder_of_another_kind_is_refused(tmp_path):
    """With those that there are."""
    with pytest.raises(ConfigError, match="cxrtk evaluate"):
        kind_of(tmp_path)


def test_the_command_writes_what_was_asked_for(cxrtk_command, evaluation, tmp_path):
    """Page, Markdown, CSV and figures, from one command."""
    ended = cxrtk_command(
        "report",
        evaluation,
        "-o",
        tmp_path / "r.html",
        "--format",
        "html,md,csv",
        "--figures",
        tmp_path / "f",
    )
    assert ended.code == 0, ended.err
    assert {"r.html", "r.md", "r_images.csv"} <= {path.name for path in tmp_path.iterdir()}
    assert {"roc.svg", "roc.png"} <= {path.name for path in (tmp_path / "f").iterdir()}
