"""Contract of readers."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from cxrtk.api import Label, Radiograph, Reader
from cxrtk.errors import CxrReadError, DataError
from cxrtk.registry import Registry, readers
from cxrtk.testing.contract import Contract

OF_FILES = ("test_a_missing_root_is_named", "test_an_empty_root_is_named", "test_a_damaged_file_is_named")


class ReaderContract(Contract):
    """Readers list radiographs and read images and labels; override `kwargs` to give at least ``root``.

    Attributes:
        samples: Number of items to read, from the first one on.
        from_files: Whether the images are files under ``root``; otherwise invalid ones are not tested.
    """

    registry: ClassVar[Registry[Any]] = readers
    samples: ClassVar[int] = 3
    from_files: ClassVar[bool] = True

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Leave out the tests of invalid files where there are no files, so that none is collected."""
        super().__init_subclass__(**keywords)
        if not cls.from_files:
            for name in OF_FILES:
                setattr(cls, name, None)

    @pytest.fixture
    def reader(self, kwargs: dict[str, Any]) -> Reader:
        """The plugin under test."""
        reader: Reader = self.registry.create(self.plugin, **kwargs)
        return reader

    def test_takes_a_root(self) -> None:
        """The reader accepts the data set's folder as ``root``, which a bundle passes to every reader."""
        assert "root" in self.parameters()

    def test_a_missing_root_is_named(self, kwargs: dict[str, Any], tmp_path: Path) -> None:
        """A folder that does not exist is a `DataError` that names it."""
        with pytest.raises(DataError, match="no_such_folder"):
            self.registry.create(self.plugin, **{**kwargs, "root": str(tmp_path / "no_such_folder")}).items()

    def test_an_empty_root_is_named(self, kwargs: dict[str, Any], tmp_path: Path) -> None:
        """A folder without any radiograph is a `DataError`, not an empty list."""
        empty = tmp_path / "empty_folder"
        empty.mkdir()
        with pytest.raises(DataError, match="empty_folder"):
            self.registry.create(self.plugin, **{**kwargs, "root": str(empty)}).items()

    def test_items_are_stable(self, reader: Reader, kwargs: dict[str, Any]) -> None:
        """A second call and a second instance list the same items in the same order."""
        first = reader.items()
        assert first
        assert first == reader.items()
        assert first == self.registry.create(self.plugin, **kwargs).items()

    def test_items_share_their_keys(self, reader: Reader) -> None:
        """Every item has the same keys and a path and a patient as text; no path is listed twice."""
        items = reader.items()
        assert {tuple(sorted(item)) for item in items} == {tuple(sorted(items[0]))}
        for item in items:
            assert isinstance(item["image"], str) and item["image"]
            assert isinstance(item["patient"], str) and item["patient"]
        assert len({item["image"] for item in items}) == len(items)

    def test_items_can_be_changed_by_the_caller(self, reader: Reader) -> None:
        """Modifying the returned list does not affect later calls."""
        reader.items()[0]["image"] = "changed"
        assert reader.items()[0]["image"] != "changed"

    def test_reads_radiographs(self, reader: Reader) -> None:
        """The path of an item, as text or as `Path`, gives the same `Radiograph` each time."""
        for item in reader.items()[: self.samples]:
            first, second = reader.read(item["image"]), reader.read(Path(item["image"]))
            assert isinstance(first, Radiograph)
            assert np.array_equal(first.pixels, second.pixels)
            assert (first.spacing_mm, first.spacing_source) == (second.spacing_mm, second.spacing_source)

    def test_labels_fit_their_images(self, reader: Reader) -> None:
        """A label is `None` or a `Label` of the image's size, in agreement with `has_label`."""
        for item in reader.items()[: self.samples]:
            label = reader.read_label(item)
            assert label is None or isinstance(label, Label)
            assert reader.has_label(item) is (label is not None)
            if label is not None:
                assert label.masks.shape[1:] == reader.read(item["image"]).pixels.shape

    def test_a_missing_file_is_named(self, reader: Reader) -> None:
        """A path that does not exist is a `CxrReadError` that names it."""
        image = Path(reader.items()[0]["image"])
        with pytest.raises(CxrReadError, match="no_such_file"):
            reader.read(image.with_name(f"no_such_file{image.suffix}"))

    @pytest.mark.parametrize("damage", ["empty", "text", "first half"])
    def test_a_damaged_file_is_named(self, reader: Reader, tmp_path: Path, damage: str) -> None:
        """A file that is empty, of another format or truncated is a `CxrReadError` that names it."""
        image = Path(reader.items()[0]["image"])
        content = image.read_bytes()
        damaged = tmp_path / f"damaged{image.suffix}"
        damaged.write_bytes(
            {"empty": b"", "text": b"not an image\n" * 40, "first half": content[: len(content) // 2]}[damage]
        )
        with pytest.raises(CxrReadError, match="damaged"):
            reader.read(damaged)

    def test_can_be_sent_to_a_worker(self, reader: Reader) -> None:
        """A pickled copy, as sent to the workers of a DataLoader, lists and reads the same."""
        copy: Reader = pickle.loads(pickle.dumps(reader))
        assert copy.items() == reader.items()
        image = reader.items()[0]["image"]
        assert np.array_equal(copy.read(image).pixels, reader.read(image).pixels)
