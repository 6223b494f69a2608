"""The options of a pass, as a user gives them."""

from pathlib import Path

import pydicom
import pytest

from cxrtk import ConfigError
from cxrtk.cli.walk import Walk, walk


def test_modalities_and_settings_reach_the_reader():
    """`any` stands for all."""
    assert Walk(["x"], Path("o"), modality=["CT", "DX"]).arguments() == {"modalities": ["CT", "DX"]}
    assert Walk(["x"], Path("o"), modality=["any"]).arguments() == {"modalities": None}
    assert Walk(["x"], Path("o"), settings=["reader#voi=none"]).arguments() == {"voi": "none"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"settings": ["reader#no_such=1"]}, "no_such"),
        ({"settings": ["voi=none"]}, "reader#"),
        ({"num_parts": 2, "part_id": 2}, "from 0 to 1"),
        ({"processes": 2}, "--processes needs --runner"),
        ({"runner": "processes", "processes": 0}, "at least 1"),
        ({"runner": "processes", "address": "auto"}, "--runner ray"),
    ],
)
def test_mistakes_are_found_before_a_step_is_made(tmp_path, options, said):
    """An unknown step and other mistakes are reported before anything is written."""
    (tmp_path / "in").mkdir()
    with pytest.raises(ConfigError, match=said):
        walk("test", "no_such_step", {}, Walk([str(tmp_path / "in")], tmp_path / "out", **options))
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_there(tmp_path):
    """Is refused before the step is made, whatever the step."""
    (tmp_path / "in").mkdir()
    with pytest.raises(ConfigError, match="--device abacus: no such device"):
        walk("test", "segment", {"device": "abacus"}, Walk([str(tmp_path / "in")], tmp_path / "out"))


def test_several_files_need_a_reader_of_files(tmp_path):
    """A reader of folders says so."""
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"x")
    options = Walk([str(tmp_path / "a.png"), str(tmp_path / "b.png")], tmp_path / "out", "nih_png")
    with pytest.raises(ConfigError, match="takes one folder"):
        walk("test", "convert", {}, options)


MASKS = """
from cxrtk import masks

@masks.register("dark")
class Dark:
    def __call__(self, image):
        return (image < 0.5).float()
"""


@pytest.mark.parametrize(
    "verb",
    [
        "segment -i IN -o OUT --model MODEL",
        "explain -i IN -o OUT --model MODEL",
        "masks --dataset_dir IN -o OUT --reader files --generator dark",
        "apply convert -i IN -o OUT",
    ],
)
def test_the_kinds_of_what_is_left_out_are_on_the_screen(
    cxrtk_command, cxrtk_data, lung_model, plugin_folder, tmp_path, verb
):
    """An archive holds other modalities, states and texts: so many of each, and no error."""
    plugin_folder.write("masks", "dark", MASKS)
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    data = pydicom.dcmread(cxrtk_data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm")
    data.save_as(folder / "chest.dcm")
    data.Modality = "CT"
    for name in ("1.dcm", "2.dcm"):
        data.save_as(folder / name)
    data.Modality = "PR"
    del data.PixelData
    data.save_as(folder / "state")
    (folder / "notes.txt").write_text("no image by its name")
    (folder / "README").write_text("no image by its content")
    words = {"IN": folder, "OUT": out, "MODEL": lung_model}
    ended = cxrtk_command(*(words.get(word, word) for word in verb.split()))
    assert ended.code == 0, ended.err
    assert ", 5 left out (modality 2, not_image 2, no_image 1)" in " ".join(ended.err.split())
