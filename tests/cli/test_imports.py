"""What `cxrtk segment` imports: nothing that makes a hospital wait and is not used."""

import subprocess
import sys

import numpy as np
from PIL import Image

SLOW = (
    *("monai", "ignite", "matplotlib", "tensorboard", "nibabel", "sklearn", "skimage", "pandas", "sympy"),
    *("torchvision", "highdicom", "pydicom", "jinja2", "yaml", "torch._dynamo", "torch._inductor"),
    *("scipy.signal", "scipy.optimize", "scipy.stats", "cxrtk.training.keeper", "cxrtk.bundles"),
)
RUN = """
import sys
from cxrtk.cli import main
sys.argv = ["cxrtk", "segment", "-i", sys.argv[1], "-o", sys.argv[2], "-q"]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(*(name for name in {slow!r} if name in sys.modules))
"""


def test_segment_of_a_png_imports_no_slow_library(tmp_path, cxrtk_data):
    """With the shipped model: its network, resizing and flag need torch, NumPy and SciPy's ndimage."""
    image = next((cxrtk_data / "jsrt" / "images").glob("*.png"))
    Image.fromarray(np.asarray(Image.open(image))).save(tmp_path / "chest.png")
    ended = subprocess.run(
        [sys.executable, "-c", RUN.format(slow=SLOW), tmp_path / "chest.png", tmp_path / "out"],
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == []
