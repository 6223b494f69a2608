"""A data set with its ground truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.api import Label, MaskGenerator, Radiograph
from cxrtk.data.generate import make_mask
from cxrtk.data.isolation import IsolatedReader
from cxrtk.errors import CxrReadError, DataError
from cxrtk.evaluation.case import fitting
from cxrtk.registry import check_arguments, masks, readers


@dataclass(frozen=True)
class DataSet:
    """A data set with its ground truth.

    Attributes:
        path: Folder of the data set.
        reader: Name of the reader plugin.
        arguments: Arguments of the reader, JSON values.
        generator: Mask generator whose masks are used as ground truth; ``None`` uses the data set's own
            masks.
        generator_name: Name of the mask generator.
        generator_arguments: Arguments of the mask generator, JSON values.
    """

    path: Path
    reader: str
    arguments: Mapping[str, Any]
    generator: MaskGenerator | None = None
    generator_name: str = ""
    generator_arguments: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(
        path: str,
        reader: str,
        arguments: Mapping[str, Any],
        truth: str = "",
        truth_arguments: Mapping[str, Any] | None = None,
    ) -> DataSet:
        """Make a data set from plugin names and arguments.

        Args:
            path: Folder of the data set.
            reader: Name of the reader.
            arguments: Arguments of the reader.
            truth: Name of the mask generator whose masks are used as ground truth; empty uses the data set's
                own.
            truth_arguments: Arguments of that generator.

        Raises:
            ConfigError: The reader or the generator does not accept its arguments.
            DataError: The folder does not exist.
        """
        if not Path(path).is_dir():
            raise DataError(f"{Path(path).resolve()}: no such folder; check --dataset_dir.")
        made_with = {"root": path, **arguments}
        check_arguments(readers, reader, made_with)
        if not truth:
            return DataSet(Path(path), reader, made_with)
        check_arguments(masks, truth, truth_arguments or {})
        generator = masks.create(truth, **(truth_arguments or {}))
        return DataSet(Path(path), reader, made_with, generator, truth, truth_arguments or {})

    def isolated_reader(self) -> IsolatedReader:
        """Return a reader of the images, whose process starts with the first that is read."""
        return IsolatedReader(self.reader, self.arguments)

    def name_of(self, item: Mapping[str, Any]) -> str:
        """Return the path of an item's image below the folder, or its file name where it is elsewhere."""
        image, folder = Path(str(item["image"])), self.path
        for above in (folder, folder.resolve()):
            if image.is_relative_to(above):
                return image.relative_to(above).as_posix()
        return image.name

    def truth(self, path: str, radiograph: Radiograph, read_label: Callable[[], Label | None]) -> Label:
        """Get the label that is the ground truth of a radiograph.

        Args:
            path: Path of the image, for error messages.
            radiograph: The image.
            read_label: Reads the label that comes with the image.

        Raises:
            CxrReadError: The radiograph has no label, or the label cannot be read or does not fit the image.
        """
        if self.generator is not None:
            # Thresholding does not segment the heart, so its masks follow neither convention.
            made = make_mask(self.generator, radiograph.pixels)[0][None]
            return Label(made, ("lungs",), truth="generated")
        label = read_label()
        if label is None:
            raise CxrReadError(path, "has no mask", cure="leave it out", code="label")
        return fitting(label, radiograph, path)
