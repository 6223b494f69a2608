"""`cxrtk explain` as it is typed."""

import csv
import json
import shutil

import pytest
import torch
from PIL import Image


@pytest.fixture
def chests(cxrtk_data, tmp_path):
    """Two radiographs, one of them in a folder of its own."""
    first, second = sorted((cxrtk_data / "openist" / "images").iterdir())[:2]
    (tmp_path / "in" / "ward").mkdir(parents=True)
    shutil.copy(first, tmp_path / "in" / "a.png")
    shutil.copy(second, tmp_path / "in" / "ward" / "b.png")
    return tmp_path / "in"


@pytest.fixture
def explain(cxrtk_command, chests, lung_model, tmp_path, changed):
    def run(*arguments):
        words = ("explain", "-i", chests, "-o", tmp_path / "out", "--model", lung_model)
        return cxrtk_command(*changed(words, arguments))

    return run


def test_a_folder(explain, tmp_path):
    """A map of each over the image, mirrored; exit code 0."""
    ended = explain()
    assert (ended.code, ended.out) == (0, "")
    assert "2 images: 2 explained by cam at model.2.conv, 0 failed" in ended.err
    out = tmp_path / "out"
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names == {"a_lungs_cam.png", "ward/b_lungs_cam.png", "maps.csv", "manifest.jsonl"}
    with Image.open(out / "a_lungs_cam.png") as picture:
        assert min(picture.size) >= 256


def test_one_file(cxrtk_command, chests, lung_model, tmp_path):
    """Grad-CAM writes the map in colour and as numbers."""
    ended = cxrtk_command(
        "explain", "-i", chests / "a.png", "-o", tmp_path / "out", "--model", lung_model,
        "--method", "grad-cam", "--raw", "-q",
    )  # fmt: skip
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a_gradcam.npy", "a_lungs_gradcam.png", "manifest.jsonl", "maps.csv"]


def test_a_bad_file(explain, chests, tmp_path, caplog):
    """The others are done; the log names it; exit code 3; the summary as JSON."""
    (chests / "bad.png").write_bytes(b"")
    ended = explain("-q", "--json")
    assert ended.code == 3 and "bad.png" in caplog.text
    found = json.loads(ended.out)
    assert (found["images"], found["failed"], found["constant_maps"]) == (3, 1, 0)
    with (tmp_path / "out" / "maps.csv").open(encoding="utf-8") as file:
        assert {row["image"]: row["status"] for row in csv.DictReader(file)} == {
            "a.png": "ok", "bad.png": "failed", "ward/b.png": "ok",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--classes", "lungs,spleen"), "No class 'spleen' in m; it has: lungs"),
        (("--layer", "model.2.cony"), "Did you mean 'model.2.conv'?"),
        (("--method", "grad-cam", "--layer", "nowhere"), "no layer 'nowhere'"),
        (("--layer", "model.0"), "use Grad-CAM"),
        (("--model", "nothing"), "No model 'nothing'"),
        (("--device", "cuda:9"), "CUDA devices"),
    ],
)
def test_what_cannot_be_done_is_one_line(explain, tmp_path, arguments, said):
    """Before anything is written."""
    ended = explain(*arguments)
    assert ended.code == 2 and said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_it_stops_where_asked(explain, chests):
    """It stops at the first unreadable file, names it, and exits with code 2."""
    (chests / "bad.png").write_bytes(b"")
    ended = explain("--on-error", "stop", "-q")
    assert ended.code == 2 and "bad.png" in ended.err


def test_a_second_time(explain, tmp_path):
    """A second pass needs --continue, and makes only missing outputs again."""
    assert explain("-q").code == 0
    again = explain("-q")
    assert again.code == 2 and "--continue" in again.err
    gone, other = tmp_path / "out" / "a_lungs_cam.png", tmp_path / "out" / "ward" / "b_lungs_cam.png"
    before, time = gone.read_bytes(), other.stat().st_mtime_ns
    gone.unlink()
    assert explain("-q", "--continue").code == 0
    assert (gone.read_bytes(), other.stat().st_mtime_ns) == (before, time)


def test_files_by_name_and_by_a_list(cxrtk_command, chests, lung_model, tmp_path):
    """Several inputs: the pictures of files lie side by side, and the table names them all."""
    (tmp_path / "list.txt").write_text(f"{chests / 'ward' / 'b.png'}\n")
    ended = cxrtk_command(
        "explain", "-i", chests / "a.png", "-i", f"@{tmp_path / 'list.txt'}", "-o", tmp_path / "out",
        "--model", lung_model, "-q",
    )  # fmt: skip
    assert (ended.code, ended.err) == (0, "")
    with (tmp_path / "out" / "maps.csv").open(encoding="utf-8") as file:
        assert [row["image"] for row in csv.DictReader(file)] == ["a.png", "b.png"]


def test_a_setting_of_the_reader(cxrtk_command, chests, lung_model, tmp_path):
    """One that there is not is refused before anything is written."""
    ended = cxrtk_command(
        "explain", "-i", chests, "-o", tmp_path / "out", "--model", lung_model, "--set", "reader#vio=none"
    )
    assert ended.code == 2 and "vio" in ended.err and not (tmp_path / "out").exists()


def test_an_unknown_method(explain, tmp_path):
    """Is a matter of the command line; those that there are, are named."""
    ended = explain("--method", "lime")
    assert ended.code == 2 and "lime" in ended.err and "grad-cam" in ended.err
    assert not (tmp_path / "out").exists()


def test_an_output_inside_the_input(cxrtk_command, chests, lung_model):
    """Its pictures would be explained the next time."""
    ended = cxrtk_command("explain", "-i", chests, "-o", chests / "maps", "--model", lung_model)
    assert ended.code == 2 and "inside the input" in ended.err


def test_layers(cxrtk_command, lung_model):
    """Need no images; pixels of a map: 64 x 64, and half of each side behind the first convolution."""
    ended = cxrtk_command("explain", "--layers", "--model", lung_model)
    assert ended.code == 0
    lines = {line.split()[0]: line.split()[1:] for line in ended.out.splitlines()}
    assert lines["model.0.conv"] == ["Conv2d", "1024"]
    assert lines["model.2.conv"] == ["ConvTranspose2d", "4096"]


@pytest.mark.parametrize("given", ["--input", "--output"])
def test_without_images_or_a_folder(cxrtk_command, lung_model, tmp_path, given):
    """Both are needed but for --layers."""
    ended = cxrtk_command("explain", given, tmp_path / "x", "--model", lung_model)
    assert ended.code == 2 and "Give the images with --input and a folder" in ended.err


def test_the_check(explain, tmp_path):
    """A table of its steps on screen and as CSV, a picture, and a sentence; twice the same numbers."""
    ended = explain("--sanity", "--images", "2", "--seed", "3", "-q")
    assert (ended.code, ended.err) == (0, "")
    assert "(trained)" in ended.out and "2 of 2" not in ended.out
    assert "With all weights random, the maps by cam at model.2.conv have" in ended.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["sanity.csv", "sanity.png"]
    with (tmp_path / "out" / "sanity.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # The output's convolution; the bottom's with its activation; the input's.
    assert [row["layer"] for row in rows] == [
        "(trained)", "model.2.conv", "model.1.submodule.conv", "model.0.conv", "(the image)",
    ]  # fmt: skip
    assert float(rows[0]["spearman"]) == pytest.approx(1.0) and {row["maps"] for row in rows} == {"2"}
    assert explain("--sanity", "--images", "2", "--seed", "3", "-q").out == ended.out


def test_the_check_as_json(explain, chests):
    """Each step with its numbers; a file that cannot be read makes the exit code 3."""
    (chests / "a.png").write_bytes(b"")
    ended = explain("--sanity", "--draws", "2", "-q", "--json")
    found = json.loads(ended.out)
    assert ended.code == 3 and found["images"] == 1
    assert [step["maps"] for step in found["steps"]] == [2, 2, 2, 2]
    assert found["image"]["layer"] == "(the image)"


def test_the_check_inside_the_input(cxrtk_command, chests, lung_model):
    """Is refused as maps are."""
    ended = cxrtk_command("explain", "-i", chests, "-o", chests / "x", "--model", lung_model, "--sanity")
    assert ended.code == 2 and "inside the input" in ended.err and not (chests / "x").exists()


def test_the_check_without_an_image(cxrtk_command, lung_model, tmp_path):
    """None can be read."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    ended = cxrtk_command(
        "explain", "-i", tmp_path / "in", "-o", tmp_path / "out", "--model", lung_model, "--sanity", "-q"
    )
    assert ended.code == 2 and "None of the images can be read" in ended.err


def test_a_network_without_a_linear_head(cxrtk_command, chests, plugin_folder, tmp_path):
    """Is refused in one line that names the other method, which then works."""
    from cxrtk import networks
    from cxrtk.models.model_file import ModelSpec, save_model

    plugin_folder.write(
        "networks",
        "bounded",
        "from torch import nn\nfrom cxrtk import networks\n\n"
        "@networks.register('bounded')\n"
        "def bounded(in_channels: int = 1, out_channels: int = 1) -> nn.Module:\n"
        "    body = nn.Conv2d(in_channels, 4, 3, stride=2, padding=1)\n"
        "    head = nn.Conv2d(4, out_channels, 1)\n"
        "    return nn.Sequential(body, nn.Upsample(scale_factor=2), head, nn.Tanh())\n",
    )
    torch.manual_seed(0)
    path = tmp_path / "bounded.safetensors"
    save_model(
        ModelSpec("b", {"_target_": "cxrtk.networks.create", "name": "bounded"}, ("lungs",), image_size=32),
        networks.create("bounded").state_dict(),
        path,
    )
    arguments = ("explain", "-i", chests, "-o", tmp_path / "out", "--model", path, "-q")
    ended = cxrtk_command(*arguments)
    assert ended.code == 2 and "not a linear function" in ended.err and "--method grad-cam" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert cxrtk_command(*arguments, "--method", "grad-cam").code == 0
