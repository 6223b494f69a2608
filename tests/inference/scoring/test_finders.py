"""The lungs of a model by convention, and masks matched by name."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cxrtk import masks, readers
from cxrtk.api import Radiograph
from cxrtk.classes import CONVENTIONS
from cxrtk.errors import ConfigError, DataError
from cxrtk.inference.scoring.finders import GeneratedLungs, ModelLungs
from cxrtk.inference.scoring.folder_lungs import FolderLungs
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.model_file import read_model

RADIOGRAPH = Radiograph(np.random.default_rng(0).random((60, 80), np.float32))


@pytest.mark.parametrize("postprocess", [True, False])
def test_are_those_of_segment(model_file, postprocess):
    """The same mask as `cxrtk segment` gives, post-processed or not."""
    model = read_model(model_file)
    found = ModelLungs(model, postprocess=postprocess)("a", RADIOGRAPH, "excluded")
    (expected,) = Segmenter(model, postprocess=postprocess).batch([RADIOGRAPH])
    assert np.array_equal(found.mask, expected.lungs())


def test_the_mask_is_where_the_probability_reaches_the_threshold(model_file):
    """Of the united outputs, before post-processing."""
    found = ModelLungs(read_model(model_file), threshold=0.55, postprocess=False)("a", RADIOGRAPH, "excluded")
    assert 0 < found.mask.mean() < 1
    assert np.array_equal(found.mask == 1, found.probabilities >= 0.55)


def test_outputs_can_be_named(model_file):
    """Whatever the convention of the masks."""
    model = read_model(model_file)
    named = ModelLungs(model, postprocess=False, classes=("heart",))("a", RADIOGRAPH, "included")
    (segmented,) = Segmenter(model, postprocess=False).batch([RADIOGRAPH])
    assert np.array_equal(named.mask, segmented.masks[segmented.classes.index("heart")])


@pytest.mark.parametrize(
    ("settings", "said"), [({"classes": ("liver",)}, "liver"), ({"threshold": 1.5}, "threshold")]
)
def test_what_a_model_has_not(model_file, settings, said):
    """An output it has not; a threshold that is none."""
    model = read_model(model_file)
    with pytest.raises(ConfigError, match=said):
        ModelLungs(replace(model), **settings)


def test_generated_lungs_are_the_generators(cxrtk_data):
    """On a radiograph of JSRT."""
    import torch

    reader = readers.create("image_mask_folder", root=str(cxrtk_data / "jsrt"))
    radiograph = reader.read(reader.items()[0]["image"])
    generator = masks.create("mean_threshold")
    expected = generator(torch.from_numpy(radiograph.pixels)[None])[0].numpy()
    found = GeneratedLungs(generator)("a", radiograph, "excluded")
    assert found.mask.any() and np.array_equal(found.mask, expected)


@pytest.fixture
def predictions(tmp_path):
    """A folder of masks, each told by its number of lung pixels in the first row."""

    def put(path, count, size=(80, 60)):
        mask = np.zeros(size[::-1], np.uint8)
        mask[0, :count] = 255
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).save(tmp_path / path)

    put("x/one.png", 1)
    put("y/one.png", 2)
    put("deep/down/two_mask.png", 3)
    put("wrong_size.png", 4, (40, 60))
    put("z/twice.png", 5)
    put("w/twice.png", 6)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "count"), [("x/one.png", 1), ("y/one.dcm", 2), ("images/two.png", 3), ("two.nii.gz", 3)]
)
def test_masks_are_matched_by_name(predictions, name, count):
    """By the path; else by the file's name alone; with or without ``_mask``; whatever the suffix."""
    found = FolderLungs(predictions)(name, RADIOGRAPH, "excluded")
    assert (int(found.mask.sum()), found.missing) == (count, "")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("three.png", "no files"),
        ("twice.png", "2 files"),
        ("wrong_size.png", "40 x 60"),
        ("broken.png", "broken.png"),
    ],
)
def test_a_missing_mask_is_an_empty_one_that_says_why(predictions, name, why):
    """None of that name, two, another size, or no picture."""
    found = FolderLungs(predictions)(name, RADIOGRAPH, "excluded")
    assert not found.mask.any() and found.mask.shape == (60, 80) and why in found.missing


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_a_folder_of_masks_has_some(tmp_path, make):
    """No folder, or an empty one, is a slip and not a thousand failed cases."""
    make(tmp_path / "p")
    with pytest.raises(DataError, match="p: "):
        FolderLungs(tmp_path / "p")


@pytest.mark.parametrize("made", CONVENTIONS)
def test_masks_of_the_other_convention_are_refused(cxrtk_command, model_file, tmp_path, made):
    """Where `cxrtk segment` made them, by what its manifest states."""
    Image.fromarray(np.tile(np.arange(64, dtype=np.uint8), (64, 1))).save(tmp_path / "a.png")
    arguments = ("--model", model_file, "--convention", made, "-ot", "png", "-q")
    assert cxrtk_command("segment", "-i", tmp_path / "a.png", "-o", tmp_path / "out", *arguments).code == 0
    find = FolderLungs(tmp_path / "out")
    image = Radiograph(np.zeros((64, 64), np.float32))
    own, other = ("excluded", "included") if made == "heart-excluded" else ("included", "excluded")
    assert find("a.png", image, own).missing == find("a.png", image, "unknown").missing == ""
    with pytest.raises(ConfigError, match=f"{made}.*Make them again by --convention heart-{other}"):
        find("a.png", image, other)


@pytest.mark.parametrize("text", ["", "{", '{"other": "tool"}\n', '{"input": "a", "status": "ok"}\n'])
def test_another_manifest_states_no_convention(tmp_path, text):
    """Nor is it an error: masks are made by any tool."""
    (tmp_path / "manifest.jsonl").write_text(text)
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "a.png")
    find = FolderLungs(tmp_path)
    assert find("a.png", Radiograph(np.zeros((8, 8), np.float32)), "included").missing == ""
