"""The contracts: Radiograph, Label, Reader, MaskGenerator, Segmentation, Writer, Job, Outcome and Step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from cxrtk.classes import CONVENTIONS, HEART_EXCLUDED

if TYPE_CHECKING:
    import torch

SPACING_SOURCES = ("calibrated", "detector", "magnified", "unspecified", "table")
TRUTHS = ("human", "generated", "model", "exact")
HEARTS = ("excluded", "included", "unknown")


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One radiograph, upright as displayed.

    Attributes:
        pixels: (H, W) float32 in [0, 1] of the *declared* range (the stored bits or the ends of the VOI for
            DICOM, 255 or 65535 for PNG); brighter is denser.
        spacing_mm: (row, column) distance of pixel centres in mm; ``None`` where the file does not give one,
            never a default of 1.0.
        spacing_source: One of `SPACING_SOURCES`, ``None`` exactly where `spacing_mm` is:
            ``calibrated`` (a PixelSpacing with a calibration type, or one that differs from
            ImagerPixelSpacing), ``detector`` (ImagerPixelSpacing), ``magnified`` (the same divided by
            EstimatedRadiographicMagnificationFactor), ``unspecified`` (PixelSpacing alone or equal to
            ImagerPixelSpacing), ``table`` (a data set's own table).
        meta: Provenance of each decision of the reader; allow-listed JSON values only.

    Raises:
        ValueError: Where any of the above does not hold; no invalid `Radiograph` exists.
    """

    pixels: npt.NDArray[np.float32]
    spacing_mm: tuple[float, float] | None = None
    spacing_source: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype != np.float32:
            raise ValueError(
                f"Radiograph.pixels must be (H, W) float32, not {self.pixels.shape} {self.pixels.dtype}."
            )
        if self.pixels.size == 0:
            raise ValueError(f"Radiograph.pixels must not be empty, but is {self.pixels.shape}.")
        low, high = float(self.pixels.min()), float(self.pixels.max())
        if not (low >= 0.0 and high <= 1.0):  # written so that NaN fails too
            raise ValueError(f"Radiograph.pixels must lie in [0, 1], but go from {low} to {high}.")
        if (self.spacing_mm is None) != (self.spacing_source is None):
            raise ValueError(
                "Radiograph.spacing_mm and spacing_source must be given together or not at all, not "
                f"{self.spacing_mm} and {self.spacing_source!r}."
            )
        if self.spacing_source not in (None, *SPACING_SOURCES):
            raise ValueError(f"spacing_source must be one of {SPACING_SOURCES}, not {self.spacing_source!r}.")
        if self.spacing_mm is not None and not all(0.0 < mm < float("inf") for mm in self.spacing_mm):
            raise ValueError(f"Radiograph.spacing_mm must be two positive numbers, not {self.spacing_mm}.")


@dataclass(frozen=True, eq=False)
class Label:
    """The masks of one radiograph, and their provenance.

    Attributes:
        masks: (C, H, W) uint8 in {0, 1}, one channel per class; H and W are the radiograph's.
        classes: C names: ``("lungs",)``, or ``("right_lung", "left_lung")``, with ``"heart"`` and so on.
            Right and left are the patient's.
        truth: ``human``, ``generated`` (by thresholds), ``model`` (by a network), or ``exact`` (known by
            construction, as on a phantom). Only ``human`` and ``exact`` are ground truth; the others are weak
            labels.
        heart: Whether the lung mask includes the heart: ``excluded``, ``included`` or ``unknown``.
        ignore: (H, W) uint8 in {0, 1}, 1 where a pixel is excluded from scoring; ``None`` to score all
            pixels.

    Raises:
        ValueError: Where any of the above does not hold.
    """

    masks: npt.NDArray[np.uint8]
    classes: tuple[str, ...]
    truth: str
    heart: str = "unknown"
    ignore: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        if self.masks.ndim != 3 or self.masks.dtype != np.uint8:
            raise ValueError(
                f"Label.masks must be (C, H, W) uint8, not {self.masks.shape} {self.masks.dtype}."
            )
        if self.masks.size == 0 or self.masks.max() > 1:
            raise ValueError("Label.masks must hold 0 and 1 only, and must not be empty.")
        if len(self.classes) != self.masks.shape[0] or len(set(self.classes)) < len(self.classes):
            raise ValueError(
                f"Label needs {self.masks.shape[0]} different classes, one a mask, not {self.classes}."
            )
        if self.truth not in TRUTHS:
            raise ValueError(f"Label.truth must be one of {TRUTHS}, not {self.truth!r}.")
        if self.heart not in HEARTS:
            raise ValueError(f"Label.heart must be one of {HEARTS}, not {self.heart!r}.")
        if self.ignore is None:
            return
        if self.ignore.shape != self.masks.shape[1:] or self.ignore.dtype != np.uint8:
            raise ValueError(
                f"Label.ignore must be {self.masks.shape[1:]} uint8 as the masks are, "
                f"not {self.ignore.shape} {self.ignore.dtype}."
            )
        if self.ignore.max() > 1:
            raise ValueError("Label.ignore must hold 0 and 1 only.")

    def lungs(self) -> npt.NDArray[np.uint8]:
        """Return both lungs in one mask, (H, W) uint8 in {0, 1}, never including the heart.

        Raises:
            ValueError: Where the label holds neither ``lungs`` nor both single lungs.
        """
        wanted = ["lungs"] if "lungs" in self.classes else ["right_lung", "left_lung"]
        if not set(wanted) <= set(self.classes):
            raise ValueError(f"A label of the classes {self.classes} holds no complete lungs.")
        lungs: npt.NDArray[np.uint8] = self.masks[[self.classes.index(name) for name in wanted]].max(axis=0)
        return lungs


class Reader(ABC):
    """A source of radiographs: lists them, and reads their pixels and any labels."""

    @abstractmethod
    def items(self) -> list[dict[str, Any]]:
        """Return one dict per radiograph, in a stable order.

        Each dict has ``"image"`` (path, a str), ``"patient"`` (a str key, for splits by patient) and the
        columns of the source. The dicts of one reader share their keys.

        Raises:
            DataError: The root does not exist or holds no radiograph.
        """

    @abstractmethod
    def read(self, path: str | Path) -> Radiograph:
        """Read one radiograph.

        Raises:
            CxrReadError: The file cannot be read; the message names the path, the fault and the remedy.
        """

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the label of one of `items()`; ``None`` where the source has no label for it.

        Raises:
            CxrReadError: The label exists, but cannot be read or does not match the size of its image.
        """
        return None

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the files from which the image and label of one of `items()` are read.

        The disk cache and a resumed pass check them for changes. A reader with labels in separate files adds
        those files. A reader that makes its images itself returns none; their paths then name what is made.
        """
        return [str(item["image"])]

    def ignored(self) -> int:
        """Number of files below the root that `items` skipped because their names are not those of images."""
        return 0

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether `read_label` would return a label; large readers answer without decoding it."""
        return self.read_label(item) is not None


@runtime_checkable
class MaskGenerator(Protocol):
    """Lung mask from the image alone; any callable of this signature qualifies, such as a MONAI transform."""

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """Map (1, H, W) float in [0, 1] to a mask of the same shape, float zeros and ones."""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The prediction of a model for one radiograph, at the radiograph's own size and orientation.

    Attributes:
        source: Path of the input file.
        radiograph: The radiograph as read.
        masks: (C, H, W) uint8 in {0, 1}, one channel per class; H and W are the radiograph's.
        classes: C names, as in `Label`; the two lungs never overlap.
        probabilities: (C, S, S) float32 in [0, 1] on the network's grid, covering the whole image.
        measures: Areas, ratios and boxes, plain JSON; see docs/measures.md.
        quality: ``flag`` (``ok``, ``review`` or ``failed``), ``score`` in [0, 1] and ``reasons``, plain JSON;
            empty where the model has no quality flag.
        model: ``name``, ``sha256`` and ``version`` of the model.
        convention: ``heart-excluded``, or ``heart-included`` where the lungs are drawn through the heart: the
            one class is then ``lungs``.

    Raises:
        ValueError: The masks do not fit the radiograph or the classes, or there is no such convention.
    """

    source: Path
    radiograph: Radiograph
    masks: npt.NDArray[np.uint8]
    classes: tuple[str, ...]
    probabilities: npt.NDArray[np.float32]
    measures: Mapping[str, Any]
    quality: Mapping[str, Any]
    model: Mapping[str, Any]
    convention: str = HEART_EXCLUDED

    def __post_init__(self) -> None:
        if self.convention not in CONVENTIONS:
            what = f"must be one of {CONVENTIONS}, not {self.convention!r}"
            raise ValueError(f"Segmentation.convention {what}.")
        expected = (len(self.classes), *self.radiograph.pixels.shape)
        if self.masks.shape != expected or self.masks.dtype != np.uint8:
            raise ValueError(
                f"Segmentation.masks must be {expected} uint8, not {self.masks.shape} {self.masks.dtype}."
            )

    def lungs(self) -> npt.NDArray[np.uint8]:
        """Return both lungs in one mask, (H, W) uint8 in {0, 1}, with the heart as `convention` says."""
        return Label(self.masks, self.classes, "model").lungs()


class Writer(ABC):
    """An output format. The caller ensures that files are written atomically."""

    @abstractmethod
    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write the files of one radiograph and return their paths.

        Args:
            segmentation: The segmentation to write.
            stem: Output path without suffix, such as ``out/a/chest``: write ``chest.png`` or
                ``chest_labels.png`` beside it, and nothing else. The folder exists.

        Raises:
            CxrReadError: The format cannot hold this segmentation, such as a DICOM object made from a PNG.
        """

    def finish(self, output_dir: Path, rows: Iterable[Mapping[str, Any]]) -> list[Path]:
        """Write the outputs that cover all radiographs, and return their paths; by default none.

        Args:
            output_dir: Folder of all outputs.
            rows: One row per radiograph, in order: ``input``, ``status``, ``measures``, ``quality``. The rows
                can be iterated more than once.
        """
        return []


@dataclass(frozen=True, eq=False)
class Job:
    """One radiograph to be processed by a step.

    Attributes:
        item: The reader's dict for the radiograph, with ``"image"`` and ``"patient"``.
        name: Path below the input folder, as used in tables.
        radiograph: The radiograph as read.
        stem: Output path without suffix: write ``<stem>.png`` or ``<stem>_labels.png``, and nothing else. The
            folder exists, but is temporary: the files are moved to their final place once the step has
            returned.
        read_label: Returns the label, or ``None`` where there is none; raises `cxrtk.CxrReadError`.
        known: The value that `Step.choose` returned for the item.
    """

    item: Mapping[str, Any]
    name: str
    radiograph: Radiograph
    stem: Path
    read_label: Callable[[], Label | None] = lambda: None
    known: Mapping[str, Any] = field(default_factory=dict)


OUTCOMES = ("ok", "left_out", "failed")


@dataclass(frozen=True)
class Outcome:
    """The result of a step for one radiograph.

    Attributes:
        status: ``ok``; ``left_out``, where the radiograph does not match the request; or ``failed``.
        row: Results as plain JSON; they go into the manifest, and from there to `Step.finish`.
        files: Files that were written; a failed radiograph may have some.
        code: Reason for a failure or exclusion, one of `cxrtk.errors.READ_CODES` or a code of the step's own.
        reason: The reason in words, without any value of a header.
        cure: Remedy for the user, as an imperative; used in the log only.

    Raises:
        ValueError: The status is not one of the three.
    """

    status: str = "ok"
    row: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[Path] = ()
    code: str = ""
    reason: str = ""
    cure: str = ""

    def __post_init__(self) -> None:
        if self.status not in OUTCOMES:
            raise ValueError(f"Outcome.status must be one of {OUTCOMES}, not {self.status!r}.")


class Step(ABC):
    """One operation on the radiographs of a folder, applied batch by batch.

    A step keeps no state between calls: threads may share one instance, and each worker process builds its
    own with the same arguments.

    Attributes:
        endings: Suffixes that the step may append to a stem. Where ``a_labels.png`` is an output of ``a``, an
            input called ``a_labels`` is refused beside it.
        folder: Sub-folder of the output folder for the outputs of radiographs; empty for the output folder.
    """

    endings: Sequence[str] = ()
    folder: str = ""

    def stem_of(self, path: PurePath) -> PurePath:
        """Return the stem of an input's outputs; by default its path without the suffix.

        Inputs that would share a stem keep their full names.
        """
        return path.with_suffix("")

    def settings(self) -> Mapping[str, Any]:
        """Return every setting that affects the outputs, as plain JSON.

        A pass cannot be resumed with other settings.

        ``model``, if there is one, is ``{"name": ..., "sha256": ..., "version": ...}``.
        """
        return {}

    def choose(
        self,
        items: Sequence[Mapping[str, Any]],
        has_label: Callable[[Mapping[str, Any]], bool],
    ) -> Sequence[Mapping[str, Any] | None]:
        """Select the items to process, and return initial values for their rows.

        Called once before any file is read, and again whenever a pass is resumed; the rows then hold the
        values returned last.

        Args:
            items: Items of the readers of all inputs, in order.
            has_label: Function that returns whether an item has a label; see `Reader.has_label`.

        Returns:
            For each item ``None`` to skip it, or plain JSON that goes into its row and into `Job.known`. By
            default all items are processed, with empty values.

        Raises:
            CxrError: An item, or the whole set, cannot be used.
        """
        return [{} for _ in items]

    def further_inputs(self, item: Mapping[str, Any], name: str, labels: Sequence[str]) -> Sequence[str]:
        """Return the files besides the image on which the outputs of an item depend; by default none.

        Their SHA-256 is recorded, and a resumed pass processes the item again if a file has changed, appeared
        or vanished.

        Args:
            item: The reader's dict for the radiograph.
            name: Path below the input folder, as in `Job.name`.
            labels: Files of the item's label; see `Reader.files`.
        """
        return ()

    @abstractmethod
    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Process one batch and return one outcome per job, in order.

        Batches have the same members however the work is distributed or resumed.

        Raises:
            CxrError: The whole pass must stop. A fault of a single radiograph is a ``failed`` outcome.
        """

    def unread(self) -> Mapping[str, Any]:
        """Return the row of a radiograph that could not be read; by default an empty one."""
        return {}

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write the outputs that cover all radiographs, and return their paths; by default none.

        Args:
            rows: One row per radiograph over all parts, in order: ``input``, ``status``, ``code``,
                ``reason``, the row of the outcome, and the values from `choose`. Each iteration reads the
                rows from disk again, so that millions of rows need no memory.
            output_dir: Folder of all outputs.
        """
        return []
