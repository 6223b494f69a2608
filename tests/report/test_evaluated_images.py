"""Pictures of evaluated images show what was measured, and nothing else."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cxrtk import metrics
from cxrtk.data.phantom import draw
from cxrtk.evaluation.case import Found
from cxrtk.evaluation.storage import read_evaluation
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.inference.scoring.evaluating import run
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import Predictions
from cxrtk.report.evaluated_images import show
from cxrtk.report.sources import Images

SIZE = 96
IGNORED = slice(30, 45)  # columns through the right lung
READER = f"""
from dataclasses import replace
import numpy as np
from cxrtk import readers

@readers.register("half_known")
def half_known(root):
    inner = readers.create("image_mask_folder", root=root, heart="excluded")
    read = inner.read_label

    def read_label(item):
        label = read(item)
        ignore = np.zeros(label.masks.shape[1:], np.uint8)
        ignore[:, {IGNORED.start}:{IGNORED.stop}] = 1
        return replace(label, ignore=ignore)

    inner.read_label = read_label
    return inner
"""


@pytest.fixture
def evaluation(tmp_path, plugin_folder):
    """One phantom whose prediction is its truth, by a reader that does not know some columns."""
    plugin_folder.write("readers", "half_known", READER)
    data, output = tmp_path / "data", tmp_path / "evaluation"
    phantom = draw(0, SIZE)
    lungs = phantom.right_lung | phantom.left_lung
    for sub, pixels in (("images", phantom.pixels * 255), ("masks", lungs * 255.0)):
        (data / sub).mkdir(parents=True)
        Image.fromarray(pixels.astype(np.uint8)).save(data / sub / "one.png")
    dataset = DataSet(data, "half_known", {"root": str(data)})
    found = Predictions(
        lambda *_: Found(lungs, lungs.astype(np.float32)), {"kind": "model", "name": "m"}, probabilities=True
    )
    run(
        found,
        dataset,
        {"dice": metrics.create("dice")},
        output,
        EvaluationOptions(),
        lambda total: lambda: None,
    )
    return output, lungs


def test_ignored_pixels_are_on_no_layer(evaluation):
    """Truth and prediction are recognised as those that were measured, and shown without these columns."""
    folder, lungs = evaluation
    table = read_evaluation(folder)
    assert table.cases[0].truth_pixels == np.delete(lungs, IGNORED, axis=1).sum() < lungs.sum()
    (shown,) = show(table, folder, table.cases, Images(None), {})
    assert shown.notes == ()
    layers = {layer.name: opacity(layer.uri) for layer in shown.picture.layers}
    assert set(layers) >= {"prediction", "truth"}
    inner = slice(IGNORED.start + 1, IGNORED.stop - 1)
    for name, alpha in layers.items():
        assert alpha.shape == (SIZE, SIZE) and not alpha[:, inner].any(), name
    assert layers["prediction"][:, IGNORED.stop :].any()


def opacity(uri: str) -> np.ndarray:
    """(H, W) of a picture in a `data:` URI."""
    with Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2]))) as picture:
        return np.asarray(picture.convert("RGBA"))[..., 3]
