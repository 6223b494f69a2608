"""`cxrtk` where a batch system limits address space: it works, or says in one line what it needs."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

VERBS = {
    "inspect": ["inspect", "a.png"],
    "convert": ["convert", "a.dcm", "b.png"],
    "segment": ["segment", "-i", "a.png", "-o", "out", "-q", "--model", "m.safetensors"],
    "masks": ["masks", "--dataset_dir", "a.png", "--generator", "median_threshold", "-o", "out", "-q"],
}


@pytest.fixture
def limited(tmp_path, cxrtk_data, lung_model):
    """A function: a verb and kilobytes -> how it ended under ``ulimit -v``."""
    Image.fromarray(np.tile(np.arange(200, dtype=np.uint8), (200, 1))).save(tmp_path / "a.png")
    (tmp_path / "a.dcm").symlink_to(cxrtk_data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm")
    (tmp_path / "m.safetensors").symlink_to(lung_model)

    def run(verb, kilobytes):
        command = ["bash", "-c", f'ulimit -v {kilobytes}; exec "$@"', "bash", sys.executable, "-m", "cxrtk"]
        return subprocess.run(
            [*command, *VERBS[verb]], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )

    return run


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_it_works_within_the_limit(limited, verb):
    """The limits of the reading process are lowered from those it was given, never raised."""
    ended = limited(verb, 3_000_000)
    assert ended.returncode == 0, ended.stderr
    assert "WARNING" not in ended.stderr and "error" not in ended.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_too_little_is_one_line_that_blames_no_file(limited, verb, tmp_path):
    """What it is, what it must be; nothing is written."""
    ended = limited(verb, 350_000)
    line = ended.stderr.strip()
    assert ended.returncode == 2 and line.startswith("cxrtk: error: ") and "\n" not in line
    assert "cannot work under the limit of 0.4 GB (ulimit -v 350000)" in line and "llow at least" in line
    assert "damaged" not in line and "a.png" not in line and "a.dcm" not in line
    assert not (tmp_path / "out").exists() and not (tmp_path / "b.png").exists()
