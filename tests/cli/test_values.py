"""Values that cannot be meant, for every option and argument of every verb: one line, exit code 2, no file.

A new option fails here until it has a place in `BAD` or `FREE`.
"""

import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from cxrtk import phantom
from cxrtk.cli import main
from cxrtk.cli.app import parser
from cxrtk.data.reader_pool import ReaderPool
from tests.cli.values import BAD, BASE, CALLED, CODES, EXTRA, FREE, LONG, LONGEST, ON_STDOUT, SECONDS

COMMANDS = parser().commands
PARAMETERS = {
    (verb, parameter.name): parameter
    for verb, command in COMMANDS.items()
    for parameter in command.params
    if not getattr(parameter, "is_flag", False)
}
CASES = [(verb, name, value) for (verb, name), values in BAD.items() for value in values]


def test_every_option_has_its_place():
    """With values that are refused, or a reason why any is taken; and nothing of what is not there."""
    assert PARAMETERS.keys() - BAD.keys() - FREE.keys() == set(), (
        "give these bad values in tests/cli/values.py"
    )
    assert (BAD.keys() | FREE.keys()) - PARAMETERS.keys() == set(), "these are gone"
    assert not BAD.keys() & FREE.keys() and not [key for key, values in BAD.items() if not values]
    assert BASE.keys() == COMMANDS.keys()


@pytest.fixture(scope="module")
def place(tmp_path_factory, lung_model):
    """A folder with what verbs work on, and the words that name it."""
    folder = tmp_path_factory.mktemp("values")
    images = folder / "images"
    images.mkdir()
    rows = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
    Image.fromarray(rows).save(images / "a.png")
    (folder / "dicom").mkdir()
    shutil.copy(get_testdata_file("RG1_UNCI.dcm", download=False), folder / "dicom")
    phantom.write_nih(folder / "set", 8, size=64)
    (folder / "text.txt").write_text("no such thing\n" * 20)
    (folder / "empty").mkdir()
    (folder / "empty.txt").touch()
    (folder / "broken.safetensors").write_bytes(b"broken" * 100)
    (folder / "model.safetensors").write_bytes(lung_model.read_bytes())
    classifier(folder / "findings.safetensors")
    checkpoint(folder / "a.pt")
    segmented = ["segment", "-i", images, "-o", folder / "segmented", "-q", "--model", lung_model]
    with pytest.raises(SystemExit, match="0"):
        main([str(word) for word in segmented])
    return folder


def classifier(path: Path) -> None:
    """A model file that tells two findings, with random weights."""
    from monai.networks.nets import DenseNet

    from cxrtk.models.model_file import CLASSIFICATION, ModelSpec, save_model

    arguments = {
        "spatial_dims": 2, "in_channels": 1, "out_channels": 2, "init_features": 4, "growth_rate": 2,
        "block_config": [2],
    }  # fmt: skip
    network = {"_target_": "monai.networks.nets.DenseNet", **arguments}
    spec = ModelSpec("f", network, ("Mass", "Nodule"), image_size=64, task=CLASSIFICATION)
    save_model(spec, DenseNet(**arguments).state_dict(), path)


def checkpoint(path: Path) -> None:
    """A checkpoint with one weight."""
    import torch

    from cxrtk.training import checkpoints

    checkpoints.save({"model": {"w": torch.zeros(2)}}, path)


def words(verb, name, value, run):
    """The command with this value, all else as it may be."""
    given = {**BASE[verb], **EXTRA.get((verb, name), {})}
    parameter = PARAMETERS[verb, name]
    own = [value] if parameter.param_type_name == "argument" else [f"{parameter.opts[0]}={value}"]
    if parameter.param_type_name == "option" and len(parameter.opts[0].lstrip("-")) < 3:
        own = [parameter.opts[0], value]
    parts = {**given, name: own} if name in given else {**given, "": own}
    # A value such as -1 in the place of an argument would be an option.
    return [verb, *(str(word).replace("RUN", str(run)) for part in parts.values() for word in part)]


def state(folder):
    """Every file below with its size."""
    return {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def run(request):
    """A run where the command needs one; it is trained before the clock starts."""
    given = request.node.callspec.params
    needed = given["verb"] == "calibrate" and given["name"] != "run"
    return request.getfixturevalue("lung_run") if needed else ""


@pytest.fixture
def in_time():
    """Stop a command that accepts the value and begins to work."""

    def late(*_):
        raise TimeoutError("the value was accepted")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(("verb", "name", "value"), CASES)
def test_a_value_that_cannot_be_meant(cxrtk_command, monkeypatch, place, run, in_time, verb, name, value):
    """One line that names the option or repeats the value, the documented code, and nothing is written."""
    monkeypatch.chdir(place)
    monkeypatch.setattr(ReaderPool, "start", lambda self: None)  # a head start for work that never begins
    before = state(place)
    ended = cxrtk_command(*words(verb, name, value, run))
    line = (ended.out if verb in ON_STDOUT and not ended.err else ended.err).strip()
    assert ended.code == CODES.get((verb, name, value), 2), (ended.out, ended.err)
    assert (line.startswith("cxrtk: error: ") or verb in ON_STDOUT) and "\n" not in line
    assert len(line) <= LONGEST or (verb, name) in LONG
    pieces = [piece for piece in re.split("[,;=#/@]", value) if len(piece) > 2]
    known = [*PARAMETERS[verb, name].opts, name, name.replace("_", " "), *pieces, *CALLED.get(name, ())]
    assert any(each.lower() in line.lower() for each in known), line
    assert ended.out in ("", f"{line}\n") and state(place) == before
