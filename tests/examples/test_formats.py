"""The examples that run an exported model, each in a Python that can import neither cxrtk nor MONAI."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cxrtk

FORMATS = Path(__file__).resolve().parents[2] / "examples" / "formats"
EXAMPLES = {
    ".onnx": ("onnx_runtime.py", "onnxruntime", "onnxruntime"),
    ".ts": ("torchscript.py", "torch", ""),
    ".pt2": ("torch_export.py", "torch", ""),
    ".xml": ("openvino_ir.py", "openvino", "openvino"),
}
ALONE = (
    "import runpy, sys; sys.modules.update(cxrtk=None, monai=None, openvino_telemetry=None);"
    "script = sys.argv.pop(1); sys.argv[0] = script; runpy.run_path(script)"
)
LEAST = 0.97  # Dice; Pillow's reduction is not MONAI's, and the files have one view and no postprocessing


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("suffix", EXAMPLES)
def test_masks_are_those_of_segment(
    suffix, cxrtk_command, fresh_python, require_module, cxrtk_data, tmp_path
):
    """On a real radiograph, each class at the image's size."""
    script, module, extra = EXAMPLES[suffix]
    require_module(module, extra)
    model = tmp_path / f"model{suffix}"
    assert cxrtk_command("export", "lungs", "-o", model).code == 0
    image = sorted((cxrtk_data / "jsrt" / "images").iterdir())[0]
    ended = fresh_python("-c", ALONE, FORMATS / script, model, image, tmp_path / "of", OMP_NUM_THREADS=1)
    assert ended.code == 0, ended.err[-2000:]
    expected = cxrtk.segment(image)
    assert len(expected.classes) >= 3
    for name, mask in zip(expected.classes, expected.masks, strict=True):
        with Image.open(tmp_path / f"of_{name}.png") as file:
            found = np.asarray(file) > 0
        dice = 2 * (found & (mask > 0)).sum() / (found.sum() + (mask > 0).sum())
        assert dice >= LEAST, name


@pytest.mark.parametrize("script", [each[0] for each in EXAMPLES.values()])
def test_they_are_short(script):
    """About ten statements each, after the imports."""
    lines = (FORMATS / script).read_text().split('"""')[2].splitlines()
    code = [line for line in lines if line.strip() and not line.startswith(("import", "from"))]
    assert len(code) <= 16
