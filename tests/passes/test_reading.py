"""Reading ahead: in order, digests of what was decoded, no file that changes unseen."""

import hashlib
import os

import numpy as np
import pytest
from PIL import Image

from cxrtk.passes.reading import ReadAhead


@pytest.fixture
def images(tmp_path):
    for number in range(6):
        Image.fromarray(np.full((20, 30), 10 * number, np.uint8)).save(tmp_path / f"{number}.png")
    return [str(tmp_path / f"{number}.png") for number in range(6)]


@pytest.mark.parametrize(("workers", "ahead"), [(1, 1), (2, 3)])
def test_files_come_in_order(images, tmp_path, workers, ahead):
    """Whoever reads them, each with the digest of its bytes."""
    with ReadAhead("files", {"root": str(tmp_path)}, workers=workers, ahead=ahead) as files:
        found = list(files.read(images))
    assert [read.path for read in found] == images
    assert [round(float(read.radiograph.pixels[0, 0] * 255)) for read in found] == [0, 10, 20, 30, 40, 50]
    assert found[2].sha256 == hashlib.sha256((tmp_path / "2.png").read_bytes()).hexdigest()


def test_a_file_that_cannot_be_read_is_an_answer(images, tmp_path):
    """The others come all the same."""
    os.truncate(images[1], 30)
    (tmp_path / "3.png").unlink()
    with ReadAhead("files", {"root": str(tmp_path)}) as files:
        found = list(files.read(images))
    assert [read.error.code if read.error else "" for read in found] == [
        "",
        "truncated",
        "",
        "missing",
        "",
        "",
    ]
    assert found[3].sha256 == "" and found[1].sha256 != ""


def test_a_file_that_changes_while_it_is_read_is_refused(images, tmp_path, monkeypatch):
    """Its digest would be of other bytes than its pixels."""
    with ReadAhead("files", {"root": str(tmp_path)}) as files:
        read = files.reader.read

        def rewritten_meanwhile(path):
            Image.fromarray(np.full((40, 40), 200, np.uint8)).save(path)
            return read(path)

        monkeypatch.setattr(files.reader, "read", rewritten_meanwhile)
        found = next(iter(files.read(images[:1])))
    assert found.radiograph is None and "changed while it was read" in str(found.error)


def test_impossible_numbers(tmp_path):
    """No worker reads nothing."""
    with pytest.raises(ValueError, match="at least 1"):
        ReadAhead("files", {"root": str(tmp_path)}, workers=0)
