"""The dropped-in example of each kind: small, sound, and right by another library's numbers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.filters import threshold_otsu
from sklearn.metrics import fbeta_score

from cxrtk import masks, metrics, readers
from cxrtk.testing import MaskGeneratorContract, MetricContract, NetworkContract, ReaderContract

DROP_IN = Path(__file__).resolve().parents[2] / "examples" / "drop_in"


@pytest.fixture(autouse=True)
def dropped_in(use_plugin_folders):
    """The example's folder is named by CXRTK_PLUGINS."""
    use_plugin_folders(DROP_IN)


class TestPngFolder(ReaderContract):
    """The reader's contract, on real NIH images."""

    plugin = "png_folder"

    @pytest.fixture
    def kwargs(self, cxrtk_data):
        """The folder that holds the files themselves."""
        return {"root": str(cxrtk_data / "nih_64px" / "images")}


class TestOtsu(MaskGeneratorContract):
    """The mask generator's contract."""

    plugin = "otsu"


class TestTinyNet(NetworkContract):
    """The network's contract."""

    plugin = "tiny_net"


class TestFBeta(MetricContract):
    """The metric's contract."""

    plugin = "f_beta"


@pytest.mark.parametrize("kind", ["readers", "masks", "networks", "metrics"])
def test_there_is_one_of_each_kind_in_25_lines(kind):
    """Each kind has an example, of at most 25 lines."""
    files = list((DROP_IN / kind).glob("*.py"))
    assert files
    assert all(len(file.read_text().splitlines()) <= 25 for file in files)


def test_png_folder_lists_every_file(cxrtk_data):
    """All 186 JSRT images, 224 x 224."""
    reader = readers.create("png_folder", root=str(cxrtk_data / "jsrt" / "images"))
    items = reader.items()
    assert len(items) == 186
    assert reader.read(items[0]["image"]).pixels.shape == (224, 224)


def test_otsu_is_scikit_image_s(cxrtk_data):
    """On real images, the pixels below scikit-image's threshold, but for those in its own bin."""
    reader = readers.create("png_folder", root=str(cxrtk_data / "jsrt" / "images"))
    for item in reader.items()[:5]:
        pixels = reader.read(item["image"]).pixels
        mask = masks.create("otsu")(torch.from_numpy(pixels)[None])[0].numpy()
        expected = pixels <= threshold_otsu((pixels * 255).round().astype(np.uint8)) / 255
        assert (mask == expected).mean() > 0.99


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_f_beta_is_scikit_learn_s(beta):
    """The mean over random masks of what scikit-learn gives for each."""
    rng = np.random.default_rng(0)
    predictions, truths = rng.integers(0, 2, (2, 4, 1, 9, 7))
    metric = metrics.create("f_beta", beta=beta)
    metric(y_pred=torch.from_numpy(predictions).float(), y=torch.from_numpy(truths).float())
    expected = [
        fbeta_score(t.ravel(), p.ravel(), beta=beta) for p, t in zip(predictions, truths, strict=True)
    ]
    assert float(metric.aggregate()) == pytest.approx(np.mean(expected))
