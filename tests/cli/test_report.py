"""`cxrtk report` as it is typed."""

import json
import shutil

import pytest


@pytest.fixture(scope="module")
def chests(tmp_path_factory, cxrtk_data):
    """Two radiographs and a file that is none."""
    folder = tmp_path_factory.mktemp("chests")
    for path in sorted((cxrtk_data / "openist" / "images").iterdir())[:2]:
        shutil.copy(path, folder)
    (folder / "bad.png").write_bytes(b"")
    return folder


@pytest.fixture
def segmented(cxrtk_command, chests, lung_model, tmp_path):
    """The output of `cxrtk segment` for them, without previews."""
    output = tmp_path / "out"
    assert cxrtk_command("segment", "-i", chests, "-o", output, "--model", lung_model, "-q").code == 3
    return output


def test_what_segment_wrote(cxrtk_command, chests, segmented, tmp_path):
    """One page of all its images, where it was asked for; exit code 0, and its size on stderr."""
    page = tmp_path / "pages" / "a.html"
    ended = cxrtk_command("report", segmented, "-i", chests, "-o", page, "--title", "Two chests")
    assert (ended.code, ended.out) == (0, "")
    assert f"{page}: 0." in ended.err and "report:" in ended.err
    html = page.read_text(encoding="utf-8")
    assert html.count('<li class="card"') == 3 and html.count('src="data:image/webp') == 2
    assert "<h1>Two chests</h1>" in html and "is an empty file" in html


def test_by_default_it_lies_in_the_folder(cxrtk_command, segmented):
    """And says what is missing without images and previews; quietly, nothing is printed."""
    ended = cxrtk_command("report", segmented, "-q", "--max-images", 2)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    html = (segmented / "report.html").read_text(encoding="utf-8")
    assert "There is no picture: neither the image nor a preview was found." in html
    assert "2 of 3 images are shown" in html


def test_one_file(cxrtk_command, chests, lung_model, tmp_path):
    """The image may be named as for `cxrtk segment`: the file itself."""
    chest = sorted(chests.glob("[0-9]*.png"))[0]
    cxrtk_command("segment", "-i", chest, "-o", tmp_path / "out", "--model", lung_model, "-q")
    assert cxrtk_command("report", tmp_path / "out", "-i", chest, "-q").code == 0
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert html.count('src="data:image/jpeg') == 1 and '<li class="card"' not in html


def test_two_batches(cxrtk_command, segmented, tmp_path):
    """Compared where the other is named; what is none is refused in one line."""
    other = shutil.copytree(segmented, tmp_path / "february")
    assert cxrtk_command("report", segmented, "--compare", other, "-q").code == 0
    html = (segmented / "report.html").read_text(encoding="utf-8")
    assert "Against february" in html and "2 images are in both batches" in html
    ended = cxrtk_command("report", segmented, "--compare", tmp_path, "-q")
    assert ended.code == 2 and "is not an output folder of cxrtk segment" in ended.err


def test_only_masks_are_compared_with_another_batch(cxrtk_command, run, segmented):
    """Evaluations are compared with `cxrtk evaluate --compare`."""
    ended = cxrtk_command("report", run, "--compare", segmented, "-q")
    assert ended.code == 2 and "cxrtk evaluate --compare" in ended.err


def test_no_page_of_a_stopped_report_is_left(cxrtk_command, segmented):
    """An error leaves the page as it was."""
    (segmented / "report.html").write_text("before")
    (segmented / "manifest.jsonl").write_text("no JSON\n")
    ended = cxrtk_command("report", segmented)
    assert ended.code == 2 and "line 1" in ended.err
    assert (segmented / "report.html").read_text() == "before"
    assert [path.name for path in segmented.glob(".*")] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere: no such folder"),
        (("empty",), "the choices are: the output of cxrtk segment (manifest.jsonl)"),
        (("out", "-i", "nowhere"), "nowhere: no such file or folder"),
        (("out", "-i", "empty", "--reader", "fils"), "Did you mean 'files'?"),
    ],
)
def test_what_cannot_be_done_is_one_line(cxrtk_command, tmp_path, monkeypatch, arguments, said):
    """The exit code is 2, and no page is written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.jsonl").write_text('{"input": "a.png", "status": "ok", "measures": {}}\n')
    ended = cxrtk_command("report", *arguments, "-q")
    assert ended.code == 2 and said in ended.err and ended.err.count("\n") == 1
    assert not list(tmp_path.rglob("*.html"))


def test_help_has_an_example(cxrtk_command):
    """A command that can be copied."""
    assert "cxrtk report OUT -i IMAGES -o report.html" in cxrtk_command("report", "--help").out


@pytest.fixture
def run(lung_run, tmp_path):
    """A copy, so that a test may change it."""
    return shutil.copytree(lung_run, tmp_path / "run")


@pytest.mark.slow
def test_a_finished_run(cxrtk_command, run):
    """One command: curves, numbers, every figure, and each test image with truth and prediction.

    A second one evaluates nothing, and the same bytes come out.
    """
    ended = cxrtk_command("report", run, "-o", run / "a.html")
    assert (ended.code, ended.out) == (0, "")
    assert "evaluate:" in ended.err
    again = cxrtk_command("report", run, "-o", run / "b.html")
    assert again.code == 0 and "evaluate:" not in again.err
    assert (run / "a.html").read_bytes() == (run / "b.html").read_bytes()
    html = (run / "a.html").read_text(encoding="utf-8")
    assert html.count('<li class="card"') == 3
    for heading in ("Training", "Data", "Test", "Evaluation of the test images", "Figures", "Each image"):
        assert f">{heading}</h2>" in html
    for figure in ("Loss by epoch.", "ROC curve.", "Agreement of areas", "Best, median and worst image."):
        assert figure in html


def test_a_run_alone(cxrtk_command, run):
    """The page of a run is made without an evaluation if none is wanted."""
    ended = cxrtk_command("report", run, "-o", run / "a.html", "--no-evaluate")
    assert ended.code == 0 and not (run / "evaluation").exists()
    html = (run / "a.html").read_text(encoding="utf-8")
    assert "Loss by epoch." in html and '<li class="card"' not in html


def test_a_run_whose_data_is_gone(cxrtk_command, run):
    """The page is made of what there is, and says what is missing; so does a warning."""
    record = json.loads((run / "run.json").read_text())
    record["settings"]["dataset_dir"] = "/nowhere"
    (run / "run.json").write_text(json.dumps(record))
    ended = cxrtk_command("report", run, "-o", run / "a.html", "-q")
    assert ended.code == 0
    assert "warning: The test images could not be evaluated again: /nowhere: no such folder" in ended.err
    assert "/nowhere: no such folder" in (run / "a.html").read_text(encoding="utf-8")


def test_a_run_whose_weights_are_damaged(cxrtk_command, run):
    """Its curves are there all the same."""
    (run / "best.pt").write_bytes(b"junk")
    ended = cxrtk_command("report", run, "-o", run / "a.html", "-q")
    assert ended.code == 0
    assert "warning: The test images could not be evaluated again:" in ended.err
    assert "Loss by epoch." in (run / "a.html").read_text(encoding="utf-8")


def test_a_device_that_is_not_there_is_refused(cxrtk_command, run):
    """It is not ignored, because the page would lack its pictures."""
    ended = cxrtk_command("report", run, "-o", run / "a.html", "--device", "abacus")
    assert ended.code == 2 and "--device abacus: no such device" in ended.err
    assert not (run / "a.html").exists()


def test_a_run_that_broke_off_is_not_evaluated(cxrtk_command, run):
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "status": "stopped"}))
    assert cxrtk_command("report", run, "-o", run / "a.html", "-q").code == 0
    assert not (run / "evaluation").exists()
