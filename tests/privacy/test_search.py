"""The search of the canary tests finds what it must: in the files as they are made, and in a leak."""

import base64
import gzip
import json
import logging

import numpy as np
import planted
import pytest
import torch
from canaries import canary
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from search import found, found_below
from torch.utils.tensorboard import SummaryWriter

NAME = canary("PatientName")


@pytest.mark.parametrize("name", planted.MAKERS)
def test_every_planted_word_is_found(tmp_path, name):
    """What a maker says it planted is in its file, so that a test that finds nothing has looked."""
    words = planted.MAKERS[name](tmp_path / name)
    assert len(words) == len(set(words)) > 2
    assert found_below(words, tmp_path) == {str(tmp_path / name): set(words)}


def _checkpoint(path):
    torch.save({"meta": {"0010,0010": NAME}, "weights": torch.zeros(3)}, path)


def _npz(path):
    with path.open("wb") as file:
        np.savez_compressed(file, name=np.array([NAME]))


def _png(path):
    info = PngInfo()
    info.add_itxt("Author", NAME, zip=True)
    Image.new("L", (8, 8)).save(path, "PNG", pnginfo=info)


def _base64(shift):
    return lambda path: path.write_bytes(base64.b64encode(b"x" * shift + NAME.encode() + b"yz"))


LEAKS = {
    "text": lambda path: path.write_text(f"{NAME}^JOHN"),
    "lower case": lambda path: path.write_text(NAME.lower()),
    "json": lambda path: path.write_text(json.dumps({"patient": NAME})),
    "utf-16": lambda path: path.write_text(NAME, encoding="utf-16"),
    "big-endian utf-16": lambda path: path.write_text(NAME, encoding="utf-16-be"),
    "gzip": lambda path: path.write_bytes(gzip.compress(f"a{NAME}".encode())),
    "npz": _npz,
    "checkpoint": _checkpoint,
    "png": _png,
    "base64 0": _base64(0),
    "base64 1": _base64(1),
    "base64 2": _base64(2),
    "a file's name": lambda path: path.with_name(f"{NAME}_mask.png").write_bytes(b""),
    "a link": lambda path: path.symlink_to(f"/nowhere/{NAME}.png"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_found(tmp_path, leak):
    """However it is written."""
    LEAKS[leak](tmp_path / "output")
    (hits,) = found_below([NAME, canary("another")], tmp_path).values()
    assert hits == {NAME}


def test_a_leak_to_tensorboard_is_found(tmp_path):
    """As text of an event file."""
    with SummaryWriter(tmp_path) as writer:
        writer.add_text("patient", NAME)
    assert any(hits == {NAME} for hits in found_below([NAME], tmp_path).values())


def test_a_leak_to_a_log_is_found(caplog):
    """The text of the log is bytes like any other."""
    logging.getLogger("cxrtk").error("cannot read %s", NAME)
    assert found([NAME], caplog.text.encode()) == {NAME}
