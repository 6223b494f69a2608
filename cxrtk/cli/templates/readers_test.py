"""Contract test of the reader `plugin_name`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxrtk.testing import ReaderContract


class TestPluginName(ReaderContract):
    """The contract; below it is the place for what is particular to this plugin."""

    plugin = "plugin_name"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        """A folder of three small images."""
        noise = np.random.default_rng(0).integers(0, 256, (3, 48, 40), dtype=np.uint8)
        for number, pixels in enumerate(noise):
            Image.fromarray(pixels).save(tmp_path / f"{number}.png")
        return {"root": str(tmp_path)}
