"""What verbs import: nothing that makes a hospital wait and is not used."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

SLOW = (
    *("monai", "ignite", "matplotlib", "tensorboard", "nibabel", "sklearn", "skimage", "pandas", "sympy"),
    *("torchvision", "highdicom", "pydicom", "jinja2", "yaml", "torch._dynamo", "torch._inductor"),
    *("scipy", "numpy.ma", "cxrtk.training.keeper", "cxrtk.bundles", "cxrtk.data.labels"),
    *("cxrtk.cli.train", "cxrtk.cli.evaluate", "cxrtk.cli.report"),
)
LISTS = {  # verbs that list, and what each may import of the above
    "plugins": (),
    "models": (),
    "runs": (),
    "bundles": ("cxrtk.bundles", "yaml"),  # the bundles are found by the module that merges them
}
RUN = """
import sys
from cxrtk.cli import main
slow = {slow!r}
try:
    main(sys.argv[1:])
except SystemExit as ended:
    assert not ended.code, ended.code
print("IMPORTED", *(name for name in slow if name in sys.modules))
"""


def imported(slow, *words):
    """Those of some modules that a command has imported when it ends."""
    command = [sys.executable, "-c", RUN.format(slow=slow), *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()[-1].split()[1:]


def test_segment_of_a_png_imports_no_slow_library(tmp_path, cxrtk_data):
    """With the shipped model: its network, resizing and flag need torch and NumPy alone."""
    image = next((cxrtk_data / "jsrt" / "images").glob("*.png"))
    Image.fromarray(np.asarray(Image.open(image))).save(tmp_path / "chest.png")
    assert imported(SLOW, "segment", "-i", tmp_path / "chest.png", "-o", tmp_path / "out", "-q") == []


@pytest.mark.parametrize("verb", LISTS)
def test_verbs_that_list_import_no_torch(tmp_path, verb):
    """They import nothing that takes longer than the command line itself."""
    (tmp_path / "runs").mkdir()
    words = [verb, tmp_path / "runs"] if verb == "runs" else [verb]
    assert set(imported(("torch", *SLOW), *words)) <= set(LISTS[verb])
