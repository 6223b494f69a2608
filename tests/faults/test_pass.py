"""What a machine lacks while a pass is under way: one line, the documented code, and what was done stays."""

import errno
import os

import numpy as np
import pytest
import torch
from PIL import Image

from cxrtk import phantom
from cxrtk.passes.recipe import Recipe

ALLOCATOR = (
    "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
    "allocate 68719476736 bytes. Error code 12 (Cannot allocate memory)"
)
WINDOWS = (
    "[enforce fail at alloc_cpu.cpp] . DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."
)
LACKS = {
    "python": (MemoryError(), "not enough memory;"),
    "numpy": (np._core._exceptions._ArrayMemoryError((9, 9), np.dtype("f8")), "not enough memory;"),
    "torch": (RuntimeError(ALLOCATOR), "not enough memory;"),
    "windows": (RuntimeError(WINDOWS), "not enough memory;"),
    "gpu": (
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB."),
        "not enough memory on the GPU;",
    ),
    "disk": (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "no space left on "),
}
VERBS = {
    "segment": ["segment", "-i", "images", "--model", "m.safetensors", "--batch-size", "1"],
    "explain": ["explain", "-i", "images", "--model", "m.safetensors"],
    "masks": ["masks", "--dataset_dir", "images", "--generator", "median_threshold"],
    "apply": ["apply", "convert", "-i", "images", "--batch-size", "1"],
    "evaluate": ["evaluate", "--masks", "mean_threshold", "--dataset_dir", "set", "--reader", "nih_png"],
}


@pytest.fixture
def folder(tmp_path, monkeypatch, lung_model):
    """Two images, a set with masks and a model; the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images").mkdir()
    for name in "ab":
        Image.fromarray(np.tile(np.arange(64, dtype=np.uint8), (64, 1))).save(
            tmp_path / "images" / f"{name}.png"
        )
    phantom.write_nih(tmp_path / "set", 8, size=64)
    (tmp_path / "m.safetensors").symlink_to(lung_model)
    return tmp_path


@pytest.fixture
def lacking(monkeypatch):
    """A function: an error -> every step raises it when it is called for the second time."""

    def lack(error, calls=1):
        make = Recipe.make_step

        def made(recipe):
            step = make(recipe)
            kind, call, done = type(step), type(step).__call__, []

            def fails(self, batch):
                if len(done) == calls:
                    raise error
                done.append(batch)
                return call(self, batch)

            monkeypatch.setattr(kind, "__call__", fails)
            return step

        monkeypatch.setattr(Recipe, "make_step", made)

    return lack


@pytest.mark.parametrize(
    ("verb", "lack"),
    [*(("apply", lack) for lack in LACKS), *((verb, "python") for verb in VERBS if verb != "apply")],
)
def test_one_line_that_says_what_to_do(cxrtk_command, folder, lacking, verb, lack):
    """Exit code 2: a smaller batch, or a disk with room; no traceback."""
    error, said = LACKS[lack]
    lacking(error, calls=0)
    ended = cxrtk_command(*VERBS[verb], "-o", "out", "-q")
    assert ended.code == 2
    assert ended.err.startswith(f"cxrtk: error: {said}") and ended.err.count("\n") == 1
    assert ("--batch-size" in ended.err) != (lack == "disk") and len(ended.err) < 500


def test_what_was_done_stays_and_the_pass_goes_on(cxrtk_command, folder, lacking, monkeypatch):
    """The first image's mask is there, whole; --continue makes the second."""
    with monkeypatch.context():
        lacking(MemoryError())
        assert cxrtk_command(*VERBS["segment"], "-o", "out", "-q").code == 2
    assert (folder / "out" / "a.png").is_file() and not (folder / "out" / "b.png").exists()
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert cxrtk_command(*VERBS["segment"], "-o", "out", "-q", "--continue").code == 0
    assert (folder / "out" / "b.png").is_file()
    assert len((folder / "out" / "manifest.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "damage", ["not JSON", '{"input": "a.png"}', "[]", '{"input": 1, "status": "ok"}', "\x00"]
)
def test_a_damaged_manifest_is_one_line(cxrtk_command, folder, damage):
    """The file, the line and the cure, for a pass that is to go on."""
    assert cxrtk_command(*VERBS["apply"], "-o", "out", "-q").code == 0
    manifest = folder / "out" / "manifest.jsonl"
    manifest.write_text(f"{damage}\n{manifest.read_text()}")
    ended = cxrtk_command(*VERBS["apply"], "-o", "out", "-q", "--continue")
    assert ended.code == 2 and "manifest.jsonl: line 1 is not an entry" in ended.err and "remove" in ended.err
    assert ended.err.count("\n") == 1


def test_a_manifest_that_is_a_folder_is_one_line(cxrtk_command, folder):
    """As any path that is of another kind."""
    (folder / "out" / "manifest.jsonl").mkdir(parents=True)
    ended = cxrtk_command(*VERBS["apply"], "-o", "out", "-q", "--continue")
    assert ended.code == 2 and "manifest.jsonl" in ended.err and ended.err.count("\n") == 1


@pytest.mark.parametrize("verb", ["segment", "explain"])
def test_weights_that_are_not_finite_are_one_line(cxrtk_command, folder, lung_model, verb):
    """Exit code 4, before an image is read: every mask would be empty, without a word."""
    from cxrtk.models.model_file import read_model, save_model

    model = read_model(lung_model)
    state = model.network.state_dict()
    name = next(iter(state))
    state[name].view(-1)[0] = float("nan")
    save_model(model.spec, state, folder / "nan.safetensors")
    words = [word.replace("m.safetensors", "nan.safetensors") for word in VERBS[verb]]
    ended = cxrtk_command(*words, "-o", "out", "-q")
    assert ended.code == 4 and ended.err.count("\n") == 1
    assert f"nan.safetensors: weight {name} is NaN or infinite" in ended.err
    assert not (folder / "out").exists()
