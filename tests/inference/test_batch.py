"""Batches: mirrored outputs, nothing lost to a bad file, the same bytes after a kill as without one."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, DataError, pixels, writers
from cxrtk.inference import batch, manifest
from cxrtk.inference.batch import Options
from cxrtk.inference.model import read_model
from cxrtk.inference.reading import ReadAhead
from cxrtk.inference.segmenter import Segmenter


@pytest.fixture(scope="module")
def folder(tmp_path_factory, cxrtk_data):
    """Seven images in two folders: PNG of several sizes, a DICOM file, one damaged, one that is text."""
    root = tmp_path_factory.mktemp("in")
    (root / "a").mkdir()
    (root / "b c").mkdir()
    for number, path in enumerate(sorted((cxrtk_data / "openist" / "images").iterdir())[:4]):
        shutil.copy(path, root / ("a", "b c")[number % 2] / f"{number}.png")
    shutil.copy(cxrtk_data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm", root / "a" / "dog.dcm")
    (root / "a" / "1.2.3").write_bytes(b"no image at all")
    whole = (root / "a" / "0.png").read_bytes()
    (root / "b c" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (root / "notes.txt").write_text("not an image, by its name")
    return root


@pytest.fixture(scope="module")
def segmenter(model_file):
    return Segmenter(read_model(model_file))


def run(folder, output, segmenter, formats=("png", "json", "csv"), settings=None, **options):
    with ReadAhead("files", {"root": str(folder)}) as files:
        jobs = batch.plan([item["image"] for item in files.reader.items()], folder, output)
        made = [writers.create(name) for name in formats]
        return batch.run(jobs, files, segmenter, made, output, Options(**options), settings=settings)


def content(folder) -> dict[str, str]:
    """Path -> digest of every file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, folder, segmenter):
    output = tmp_path_factory.mktemp("out") / "out"
    result = run(folder, output, segmenter, batch_size=2, preview=True, probabilities=True)
    return output, result


def test_outputs_mirror_the_inputs(undisturbed):
    """Five good files: mask, labels, measures, preview and probabilities of each; a table and a manifest."""
    output, _ = undisturbed
    stems = {"a/0", "a/2", "a/dog", "b c/1", "b c/3"}
    endings = (".png", "_labels.png", ".json", "_preview.jpg", "_probabilities.npz")
    expected = {stem + ending for stem in stems for ending in endings} | {"manifest.jsonl", "measures.csv"}
    assert set(content(output)) == expected


def test_masks_have_the_images_size(undisturbed, folder):
    """And hold 0 and 255, or the numbers of the classes."""
    output, _ = undisturbed
    for name in ("a/0.png", "b c/3.png"):
        height, width = pixels.read(folder / name).pixels.shape
        mask, labels = (np.asarray(Image.open(output / path)) for path in (name, name[:-4] + "_labels.png"))
        assert mask.shape == labels.shape == (height, width)
        assert set(np.unique(mask)) <= {0, 255} and set(np.unique(labels)) <= {0, 1, 2, 3}
        assert ((mask > 0) == np.isin(labels, (1, 2))).all()


def test_the_manifest_says_what_became_of_each(undisturbed, folder, segmenter):
    """In the order of the names, with digests that sha256sum gives, and reasons for those that failed."""
    output, result = undisturbed
    lines = [json.loads(line) for line in (output / "manifest.jsonl").read_text().splitlines()]
    names = ["a/0.png", "a/1.2.3", "a/2.png", "a/dog.dcm", "b c/1.png", "b c/3.png", "b c/cut.png"]
    assert [line["input"] for line in lines] == names
    assert {line["input"]: line["code"] for line in lines if line["status"] == "failed"} == {
        "a/1.2.3": "not_image",
        "b c/cut.png": "truncated",
    }
    assert [entry.input for entry in result.failed] == ["a/1.2.3", "b c/cut.png"]
    everything = content(output)
    for line in lines:
        assert line["input_sha256"] == hashlib.sha256((folder / line["input"]).read_bytes()).hexdigest()
        assert all(everything[path] == digest for path, digest in line["outputs"].items())
        assert line["model"]["sha256"] == segmenter.about["sha256"]


@pytest.mark.parametrize("survived", range(5))
def test_killed_and_continued_it_has_the_same_bytes(undisturbed, folder, segmenter, tmp_path, survived):
    """Whatever was done when it was killed: lines of the manifest, a torn line, files of the next group."""
    whole, _ = undisturbed
    output = tmp_path / "out"
    shutil.copytree(whole, output)
    lines = (output / "manifest.jsonl").read_text().splitlines(keepends=True)
    (output / "manifest.jsonl").write_text("".join(lines[: 2 * survived]) + lines[-1][:40] * (survived % 2))
    (output / "measures.csv").unlink()
    if survived < 3:
        (output / "b c" / "3.png").unlink()
    (output / "a" / ".cxrtk-part-x").mkdir()
    (output / "a" / ".cxrtk-part-x" / "2.png").write_bytes(b"half")
    run(folder, output, segmenter, batch_size=2, preview=True, probabilities=True, go_on=True)
    assert content(output) == content(whole)


def test_failed_files_are_tried_again(undisturbed, folder, segmenter, tmp_path):
    """A file that was mended has its mask after the batch is continued, and only its group is done again."""
    whole, output, mended = undisturbed[0], tmp_path / "out", tmp_path / "in"
    shutil.copytree(whole, output)
    shutil.copytree(folder, mended)
    shutil.copy(mended / "a" / "0.png", mended / "b c" / "cut.png")
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*.json")}
    result = run(mended, output, segmenter, batch_size=2, preview=True, probabilities=True, go_on=True)
    assert [entry.input for entry in result.failed] == ["a/1.2.3"]
    mask, same = (np.asarray(Image.open(output / name)) for name in ("b c/cut.png", "a/0.png"))
    assert np.array_equal(mask, same)
    again = {path.stem for path, when in before.items() if path.stat().st_mtime_ns != when}
    assert again == {"0"}  # shares its group with a/1.2.3; b c/cut.png is alone in the last


def test_parts_add_up_to_the_whole(undisturbed, folder, segmenter, tmp_path):
    """Two parts in one folder write the same masks; each has its own manifest."""
    whole, _ = undisturbed
    for part in range(2):
        run(
            folder,
            tmp_path / "out",
            segmenter,
            formats=("png", "json"),
            batch_size=2,
            num_parts=2,
            part_id=part,
        )
    made = content(tmp_path / "out")
    assert {"manifest_0_of_2.jsonl", "manifest_1_of_2.jsonl"} < set(made)
    assert {path: digest for path, digest in content(whole).items() if path.endswith((".png", ".json"))} == {
        path: digest for path, digest in made.items() if path.endswith((".png", ".json"))
    }


def test_a_second_run_is_refused(undisturbed, folder, segmenter):
    """Unless it is to go on; with other settings even then."""
    output, _ = undisturbed
    with pytest.raises(ConfigError, match="--continue"):
        run(folder, output, segmenter)
    with pytest.raises(ConfigError, match="other settings"):
        run(folder, output, segmenter, go_on=True, settings={"threshold": 0.3})


def test_it_can_stop_at_a_bad_file(folder, segmenter, tmp_path):
    """With its name; what was done before stays, and is in the manifest."""
    with pytest.raises(DataError, match=r"Stopped at .*1\.2\.3"):
        run(folder, tmp_path / "out", segmenter, batch_size=1, on_error="stop")
    assert list(manifest.read(tmp_path / "out" / "manifest.jsonl")) == ["a/0.png", "a/1.2.3"]
    assert (tmp_path / "out" / "a" / "0.png").is_file()


def test_progress_counts_each_file_once(folder, segmenter, tmp_path):
    """Also those that were done before."""
    counts: list[int] = []
    with ReadAhead("files", {"root": str(folder)}) as files:
        jobs = batch.plan([item["image"] for item in files.reader.items()], folder, tmp_path / "out")
        batch.run(jobs, files, segmenter, [], tmp_path / "out", Options(), report=counts.append)
    assert sum(counts) == len(jobs) == 7


@pytest.mark.parametrize(
    ("images", "output", "error", "said"),
    [
        (["a.png", "a_labels.png"], "out", DataError, "would share one output"),
        (["A_preview.png", "a.png"], "out", DataError, "would share one output"),
        (["a.png"], "in/out", ConfigError, "inside the input"),
        (["a.png"], "in", ConfigError, "inside the input"),
    ],
)
def test_outputs_never_meet(tmp_path, images, output, error, said):
    """Neither one another nor the inputs."""
    (tmp_path / "in").mkdir()
    with pytest.raises(error, match=said):
        batch.plan([str(tmp_path / "in" / name) for name in images], tmp_path / "in", tmp_path / output)


def test_one_file_is_not_replaced_by_its_mask(tmp_path):
    """`-i a.png -o .` would write a.png."""
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(ConfigError, match="might replace"):
        batch.plan([str(tmp_path / "a.png")], tmp_path / "a.png", tmp_path)
    jobs = batch.plan([str(tmp_path / "a.png")], tmp_path / "a.png", tmp_path / "out")
    assert [job.stem for job in jobs] == [tmp_path / "out" / "a"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 0}, "at least 1"),
        ({"num_parts": 2, "part_id": 2}, "from 0 to 1"),
        ({"part_id": -1}, "from 0 to 0"),
        ({"on_error": "ignore"}, "skip, stop"),
    ],
)
def test_impossible_options(options, said):
    """Each is refused with what is possible."""
    with pytest.raises(ConfigError, match=said):
        Options(**options)
