"""Images and what counts as true for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.api import Label, MaskGenerator, Radiograph
from cxrtk.data.generate import make_mask
from cxrtk.errors import CxrReadError, DataError
from cxrtk.evaluation.case import fitting
from cxrtk.registry import check_arguments, masks, readers


@dataclass(frozen=True)
class DataSet:
    """Images and what counts as true for them.

    Attributes:
        path: Its folder.
        reader: Name of the reader.
        arguments: Of the reader, JSON values.
        generator: Makes the masks that count as true; ``None``: those that come with the images do.
        generator_name: Of the generator.
        generator_arguments: Of the generator, JSON values.
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
        """A data set by names.

        Args:
            path: Its folder.
            reader: Name of the reader.
            arguments: Of the reader.
            truth: Name of the mask generator whose masks count as true; empty: those of the data set do.
            truth_arguments: Of that generator.

        Raises:
            ConfigError: The reader or the generator does not take its arguments.
            DataError: There is no such folder.
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

    def truth(self, path: str, radiograph: Radiograph, read_label: Callable[[], Label | None]) -> Label:
        """The label of a radiograph that counts as true.

        Args:
            path: Of the image, for errors.
            radiograph: The image.
            read_label: Gives the label that comes with it.

        Raises:
            CxrReadError: It has none, or none that can be read or that fits the image.
        """
        if self.generator is not None:
            # Thresholds know no heart; what they cut is neither convention.
            made = make_mask(self.generator, radiograph.pixels)[0][None]
            return Label(made, ("lungs",), truth="generated")
        label = read_label()
        if label is None:
            raise CxrReadError(path, "has no mask", cure="leave it out", code="label")
        return fitting(label, radiograph, path)
