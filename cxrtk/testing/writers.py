"""Contract of writers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from cxrtk.api import Radiograph, Segmentation, Writer
from cxrtk.errors import CxrReadError
from cxrtk.registry import Registry, writers
from cxrtk.testing.contract import Contract


def segmentation(source: Path, height: int = 60, width: int = 48) -> Segmentation:
    """Two rectangles as lungs and one as heart, on a grey ramp; asymmetric, with a known spacing."""
    pixels = np.linspace(0, 1, height * width, dtype=np.float32).reshape(height, width)
    masks = np.zeros((3, height, width), np.uint8)
    masks[0, 5:40, 4:20] = masks[1, 8:44, 28:44] = masks[2, 30:44, 20:28] = 1
    return Segmentation(
        source=source,
        radiograph=Radiograph(pixels, (0.5, 0.4), "calibrated", {"format": "PNG"}),
        masks=masks,
        classes=("right_lung", "left_lung", "heart"),
        probabilities=np.full((3, 16, 16), 0.5, np.float32),
        measures={"lung_fraction_of_image": 0.39},
        quality={"flag": "ok", "score": 0.97, "reasons": []},
        model={"name": "contract", "sha256": "0" * 64, "version": "0"},
    )


class WriterContract(Contract):
    """Writers write files beside a stem, return their paths, and are deterministic."""

    registry: ClassVar[Registry[Any]] = writers

    @pytest.fixture
    def writer(self, kwargs: dict[str, Any]) -> Writer:
        """The plugin under test."""
        writer: Writer = self.registry.create(self.plugin, **kwargs)
        return writer

    @pytest.fixture
    def segmentation(self, tmp_path: Path) -> Segmentation:
        """Segmentation to write; override if the format needs a source of its own, such as a DICOM file."""
        return segmentation(tmp_path / "in" / "1.2.chest.png")

    def outputs(self, writer: Writer, segmentation: Segmentation, folder: Path) -> list[Path]:
        """Write one segmentation and the files about all segmentations."""
        folder.mkdir(parents=True)
        row = {
            "input": segmentation.source.name,
            "status": "ok",
            "measures": segmentation.measures,
            "quality": segmentation.quality,
        }
        return [*writer.write(segmentation, folder / "1.2.chest"), *writer.finish(folder, [row])]

    def test_returns_what_it_wrote(self, writer: Writer, segmentation: Segmentation, tmp_path: Path) -> None:
        """Exactly the returned files exist, at least one, all in the folder and none empty."""
        written = self.outputs(writer, segmentation, tmp_path / "out")
        assert written
        assert sorted(written) == sorted((tmp_path / "out").iterdir())
        assert all(path.stat().st_size > 0 for path in written)

    def test_files_begin_with_the_stem(
        self, writer: Writer, segmentation: Segmentation, tmp_path: Path
    ) -> None:
        """File names begin with the whole stem, even if it contains a dot; two images never share a file."""
        (tmp_path / "out").mkdir()
        for path in writer.write(segmentation, tmp_path / "out" / "1.2.chest"):
            assert path.name.startswith("1.2.chest")

    def test_writes_the_same_again(
        self, writer: Writer, segmentation: Segmentation, kwargs: dict[str, Any], tmp_path: Path
    ) -> None:
        """Another instance writes the same bytes, so that a continued batch equals an uninterrupted one."""
        again: Writer = self.registry.create(self.plugin, **kwargs)
        digests = [
            {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
            for paths in (
                self.outputs(writer, segmentation, tmp_path / "first"),
                self.outputs(again, segmentation, tmp_path / "second"),
            )
        ]
        assert digests[0] == digests[1]

    def test_empty_masks_are_written(
        self, writer: Writer, segmentation: Segmentation, tmp_path: Path
    ) -> None:
        """Empty masks are written, or refused with `CxrReadError`; no other error is raised."""
        empty = Segmentation(**{**vars(segmentation), "masks": np.zeros_like(segmentation.masks)})
        try:
            self.outputs(writer, empty, tmp_path / "out")
        except CxrReadError as error:
            assert error.cure
