"""`cxrtk merge`: the tables of parts, whoever ended last."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import phantom

WORDS = ("-ot", "png,csv", "--batch-size", "1", "--num-parts", "2", "-q")


@pytest.fixture
def images(tmp_path):
    """Three phantoms."""
    folder = tmp_path / "in"
    folder.mkdir()
    for seed in range(3):
        pixels = phantom.draw(seed, 96).pixels
        Image.fromarray((pixels * 255).round().astype(np.uint8)).save(folder / f"{seed}.png")
    return folder


def test_the_table_of_two_parts(cxrtk_command, images, lung_model, tmp_path):
    """A missing part is named in one line; the table is the one that the last part made."""
    out = tmp_path / "out"
    words = ("segment", "-i", images, "-o", out, "--model", lung_model, *WORDS)
    assert cxrtk_command(*words, "--part-id", 1).code == 0
    early = cxrtk_command("merge", out)
    assert early.code == 2 and early.err.count("\n") == 1
    assert "has the manifests of 1 of 2 parts; run --part-id 0 of --num-parts 2" in early.err
    assert cxrtk_command(*words, "--part-id", 0).code == 0
    made = (out / "measures.csv").read_bytes()
    (out / "measures.csv").unlink()
    ended = cxrtk_command("merge", out)
    assert ended.code == 0 and "measures.csv" in ended.err
    assert (out / "measures.csv").read_bytes() == made and made.count(b"\n") == 4


def test_a_folder_without_parts(cxrtk_command, tmp_path):
    """Is no output folder of a pass."""
    ended = cxrtk_command("merge", tmp_path)
    assert ended.code == 2 and "has no manifest.jsonl" in ended.err
