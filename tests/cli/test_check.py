"""`cxrtk check`: exit codes, what is printed and written, real folders."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import phantom
from cxrtk.data.check import CODES


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """Eight phantoms of six patients in the NIH's layout, with masks."""
    return phantom.write_nih(tmp_path_factory.mktemp("drawn") / "set", 8, size=96)


@pytest.fixture
def folder(drawn, tmp_path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(drawn, tmp_path / "set"))


def check(folder: Path, *more: object) -> list[object]:
    return ["check", "--reader", "nih_png", "--dataset_dir", folder, "--num_workers", 1, *more]


def listed(out: str) -> dict[str, list[list[str]]]:
    """Code -> the images of each issue."""
    return {
        found["code"]: [entry["images"] for entry in found["listed"]] for found in json.loads(out)["findings"]
    }


def test_clean(cxrtk_command, folder, tmp_path):
    """Exit code 0, one line on stderr, a table with the set's own numbers; masks/ is beside labels/."""
    ended = cxrtk_command(*check(folder, "-o", tmp_path / "out"))
    assert ended.code == 0
    assert ended.err.splitlines()[-1] == (
        f"8 images: 0 errors, 0 warnings, 1 note: ready for training; see {tmp_path / 'out'}"
    )
    lines = {line.split("  ")[0].strip() or line.split()[0]: line for line in ended.out.splitlines()[1:]}
    assert "not_listed" in lines["note"] and "masks: 8 files" in lines["note"]
    assert lines["size"].split()[1:] == ["96", "x", "96", "(8)"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["check.json"]


def test_to_be_fixed(cxrtk_command, folder, tmp_path):
    """A file cut in half: exit code 3, its name and reason in table, JSON and sheet."""
    broken = folder / "images" / "00000001_000.png"
    broken.write_bytes(broken.read_bytes()[:900])
    ended = cxrtk_command(*check(folder, "-q", "-o", tmp_path / "out"))
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == f"8 images: 1 error, 0 warnings, 1 note: must be fixed; see {tmp_path / 'out'}\n"
    content = json.loads((tmp_path / "out" / "check.json").read_text())
    [unreadable] = [found for found in content["findings"] if found["code"] == "unreadable"]
    assert unreadable["listed"][0]["images"] == ["images/00000001_000.png"]
    assert unreadable["listed"][0]["reason"] == "truncated"
    assert (tmp_path / "out" / "suspicious.png").is_file()


def test_json_on_stdout_is_the_file(cxrtk_command, folder, tmp_path):
    """One document, and nothing else on stdout; every code of it is documented."""
    ended = cxrtk_command(*check(folder, "--json", "-o", tmp_path / "out"))
    printed = json.loads(ended.out)
    assert printed == json.loads((tmp_path / "out" / "check.json").read_text())
    assert set(printed) == {"schema", "reader", "status", "counts", "findings", "summary"}
    text = (Path(__file__).parents[2] / "docs" / "check.md").read_text()
    assert [code for code in CODES if f"`{code}`" not in text] == []


def test_what_hangs_and_what_crashes_costs_one_file(cxrtk_command, tmp_path, plugin_folder):
    """A decoder that never returns and one that dies: two issues, and the third image is read."""
    plugin_folder.write("readers", "hostile", HOSTILE)
    for name in ("crash", "good", "hang"):
        (tmp_path / "set").mkdir(exist_ok=True)
        (tmp_path / "set" / name).write_bytes(b"text")
    arguments = ["--reader", "hostile", "--dataset_dir", tmp_path / "set", "--timeout", 3, "--num_workers", 2]
    ended = cxrtk_command("check", *arguments, "--json")
    assert ended.code == 3
    assert listed(ended.out)["unreadable"] == [["crash"], ["hang"]]
    assert json.loads(ended.out)["summary"]["readable"] == 1


HOSTILE = """
import os, time
from pathlib import Path
import numpy as np
from cxrtk import Radiograph, Reader, readers

@readers.register("hostile")
class Hostile(Reader):
    '''Three files, of which one can be read.'''
    def __init__(self, root: str) -> None:
        self.root = Path(root)
    def items(self):
        return [{"image": str(path), "patient": path.name} for path in sorted(self.root.iterdir())]
    def read(self, path):
        if Path(path).name == "crash":
            os.abort()
        if Path(path).name == "hang":
            time.sleep(1000)
        return Radiograph(np.random.default_rng(0).random((20, 20), np.float32))
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--reader", "nih_pngg"], "Did you mean 'nih_png'?"),
        (["--set", "reader#view=PA"], "got an unexpected keyword argument 'view'"),
        (["--set", "view=PA"], "--set view: begin with reader#"),
        (["--splits", "no.json"], "no.json: not a split file"),
        (["--splits", "a.json", "--seed", "1"], "--splits and --seed specify two splits"),
        (["--accept", "mask"], "--accept mask: is not a code; available: unreadable,"),
        (["--timeout", "0"], "--timeout must be positive"),
        (["-o", "set/out"], "the output lies inside the input"),
        (["--dataset_dir", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_what_cannot_run(cxrtk_command, changed, folder, monkeypatch, more, said):
    """Exit code 2 and one line."""
    monkeypatch.chdir(folder.parent)
    ended = cxrtk_command(*changed(check(Path("set"), "-q"), more))
    assert ended.code == 2
    assert ended.err.startswith("cxrtk: error: ") and ended.err.count("\n") == 1
    assert said in ended.err


def test_reader_is_chosen(cxrtk_command, folder):
    """The table of the NIH makes it nih_png, and stderr says so."""
    ended = cxrtk_command("check", "--dataset_dir", folder, "--num_workers", 1, "-q")
    assert ended.code == 0
    assert ended.err.splitlines()[0] == "cxrtk: reader: nih_png"


def test_several_sources(cxrtk_command, folder, tmp_path):
    """A reader without a root: names are those below the folder of all, and conventions are compared."""
    for source, heart in (("one", "excluded"), ("two", "included")):
        (folder / "masks" / "about.json").write_text(json.dumps({"truth": "exact", "heart": heart}))
        shutil.copytree(folder, tmp_path / "both" / source)
    sources = {
        source: {"name": "nih_png", "root": str(tmp_path / "both" / source)} for source in ("one", "two")
    }
    arguments = ["--reader", "several", "--set", f"reader#sources={json.dumps(sources)}", "--num_workers", 1]
    ended = cxrtk_command("check", "--dataset_dir", tmp_path / "both", *arguments, "--json")
    found = listed(ended.out)
    assert found["copy_of_other_patient"][0] == [f"{name}/images/00000001_000.png" for name in ("one", "two")]
    assert len(found["copy_of_other_patient"]) == 8 and found["conventions_mixed"] == [[]]


def test_accept_and_seed(cxrtk_command, folder):
    """A copy lies in two parts of the split of seed 0: an error, or a note where it is accepted."""
    for kind in ("images", "masks", "labels"):
        first, *others = sorted((folder / kind).glob("*.png"))
        for other in others:
            shutil.copy(first, other)
    ended = cxrtk_command(*check(folder, "--seed", 0, "--json"))
    assert ended.code == 3
    assert len(listed(ended.out)["copy_in_two_parts"][0]) == 8
    assert json.loads(ended.out)["summary"]["parts"].keys() == {"train", "validation", "test"}
    assert cxrtk_command(*check(folder, "--seed", 0, "-q", "--accept", "copy_in_two_parts")).code == 0


@pytest.mark.parametrize(("turned", "code"), [(False, 0), (True, 3)])
def test_comparison_by_a_model(cxrtk_command, drawn, tmp_path, turned, code):
    """Masks are compared with what the model that ships finds; right ones pass, transposed ones do not."""
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
        for file in (drawn / name).glob("*.png"):
            picture = Image.open(file)
            change = turned and name == "masks"
            (picture.transpose(Image.Transpose.TRANSPOSE) if change else picture).save(
                tmp_path / name / file.name
            )
    arguments = ["check", "--reader", "image_mask_folder", "--dataset_dir", tmp_path, "--num_workers", 1]
    ended = cxrtk_command(*arguments, "--model", "lungs", "--json")
    assert ended.code == code, ended.err
    found = listed(ended.out)
    assert (found.get("masks_turned"), len(found.get("mask_turned", []))) == (
        ([[]], 8) if turned else (None, 0)
    )


def test_a_model_without_lungs_is_refused(cxrtk_command, folder):
    """Before an image is read."""
    ended = cxrtk_command(*check(folder, "--model", "no_such_model"))
    assert ended.code == 2 and "no_such_model" in ended.err


def test_relative_folder(cxrtk_command, folder, monkeypatch):
    """A folder given as ``.`` gives the same names."""
    (folder / "images" / "00000001_000.png").write_bytes(b"")
    monkeypatch.chdir(folder)
    assert listed(cxrtk_command(*check(Path(), "--json")).out)["unreadable"] == [["images/00000001_000.png"]]


# --- real folders: what a reader of their README expects

V7 = {"looks_inverted": 3, "looks_not_frontal": 3, "heart_unknown": 1}
REAL = {
    "jsrt": ("image_mask_folder", {"not_listed": 1, "mask_elsewhere": 2}),
    "openist": ("image_mask_folder", {"looks_inverted": 3, "heart_unknown": 1, "mask_elsewhere": 1}),
    "covid_v7": ("image_mask_folder", V7),
    "kermany_v7": ("image_mask_folder", {"heart_unknown": 1, "mask_elsewhere": 1}),
    "jsrt512": ("image_mask_folder", {"not_listed": 2, "mask_elsewhere": 2}),
    "wingspan": ("image_mask_folder", {"not_listed": 1, "looks_not_frontal": 1}),
    "not_chest": ("image_mask_folder", {"no_masks": 1, "looks_inverted": 5}),
    "nih": ("nih_png", {"no_masks": 1}),
    "nih_64px": ("nih_png", {"no_masks": 1, "looks_not_frontal": 1}),
    "not_frontal": ("image_mask_folder", {"no_masks": 1, "looks_not_frontal": 15, "looks_inverted": 4}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_real_folder(cxrtk_command, cxrtk_data, tmp_path, name):
    """No folder has an error, and the counts are those of docs/check.md."""
    reader, counts = REAL[name]
    arguments = ["--reader", reader, "--dataset_dir", cxrtk_data / name, "-o", tmp_path, "--json"]
    ended = cxrtk_command("check", *arguments)
    found = json.loads(ended.out)
    assert ended.code == 0
    assert {entry["code"]: entry["count"] for entry in found["findings"]} == counts
    assert found["summary"]["readable"] == found["summary"]["images"]


def test_real_dicom_files(cxrtk_command, cxrtk_data):
    """The false MONOCHROME1 and the dog look inverted, true MONOCHROME1 does not; one image comes twice."""
    ended = cxrtk_command("check", "--reader", "dicom", "--dataset_dir", cxrtk_data / "dicom", "--json")
    found = listed(ended.out)
    fake, plain = "rsna_cr_pa_fake_monochrome1_jpeg.dcm", "rsna_cr_pa_monochrome2_jpeg.dcm"
    dog = "veterinary_dx_thorax_monochrome1.dcm"
    assert ended.code == 0
    assert found["looks_inverted"] == [[fake], [dog]]
    assert found["negative_copy"] == [[fake, plain]]
    assert found["copy"] == [["RG1_J2KI.dcm", "RG1_UNCI.dcm"]]
    assert found["one_sided"] == [[dog]]
    assert found.keys() == {"looks_inverted", "negative_copy", "copy", "one_sided", "no_masks", "lossy"}


@pytest.mark.slow
def test_memory_is_bounded(tmp_path, fresh_python):
    """2000 images of 1024 x 1024 are checked in little more memory than 20."""
    for count in (20, 2000):
        images = tmp_path / str(count) / "images"
        images.mkdir(parents=True)
        rng = np.random.default_rng(0)
        first = images / "0.png"
        for number in range(count):
            target = images / f"{number}.png"
            if number < 10:
                Image.fromarray(rng.integers(0, 256, (1024, 1024), np.uint8)).save(target, compress_level=0)
            else:
                os.link(first, target)
    peaks = []
    for count in (20, 2000):
        ended = fresh_python("-c", PEAK.format(folder=tmp_path / str(count)))
        peaks.append(int(ended.out.split()[-1]))
    assert peaks[1] - peaks[0] < 50_000  # kB; the pixels are 8 GB


PEAK = """
import resource, sys
from cxrtk.cli import main
try:
    main(["check", "--reader", "files", "--dataset_dir", "{folder}", "-q", "--num_workers", "1"])
except SystemExit:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
