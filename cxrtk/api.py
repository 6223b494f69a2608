"""The contracts: Radiograph, Label, Reader, MaskGenerator, Segmentation, Writer, Job, Outcome and Step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

SPACING_SOURCES = ("calibrated", "detector", "magnified", "unspecified", "table")
TRUTHS = ("human", "generated", "model", "exact")
HEARTS = ("excluded", "included", "unknown")


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One radiograph, upright as displayed.

    Attributes:
        pixels: (H, W) float32 in [0, 1] of the *declared* range (the stored bits or the VOI's ends for
            DICOM, 255 or 65535 for PNG); brighter is denser.
        spacing_mm: (row, column) distance of pixel centres in mm; ``None`` where the file does not say,
            never 1.0 for want of a better value.
        spacing_source: One of `SPACING_SOURCES`, ``None`` exactly where `spacing_mm` is:
            ``calibrated`` (a PixelSpacing with a calibration type, or one that differs from
            ImagerPixelSpacing), ``detector`` (ImagerPixelSpacing), ``magnified`` (the same divided by
            EstimatedRadiographicMagnificationFactor), ``unspecified`` (PixelSpacing alone or equal to
            ImagerPixelSpacing), ``table`` (a data set's own table).
        meta: Provenance of each decision the reader took; allow-listed JSON values only.

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
    """The masks that belong to one radiograph, and where they come from.

    Attributes:
        masks: (C, H, W) uint8 in {0, 1}, one channel a class; H and W are the radiograph's.
        classes: C names: ``("lungs",)``, or ``("right_lung", "left_lung")``, with ``"heart"`` and so on.
            Right and left are the patient's.
        truth: ``human``, ``generated`` (thresholds), ``model`` (a network), or ``exact`` (known by
            construction, as on a phantom). Only the first and last are truths; the others are weak labels.
        heart: Does the lung mask run through the heart? ``excluded``, ``included`` or ``unknown``.
        ignore: (H, W) uint8 in {0, 1}, 1 where a pixel counts neither way; ``None`` where all count.

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
        """(H, W) uint8 in {0, 1}: both lungs in one mask, never the heart.

        Raises:
            ValueError: Where the label holds neither ``lungs`` nor both single lungs.
        """
        wanted = ["lungs"] if "lungs" in self.classes else ["right_lung", "left_lung"]
        if not set(wanted) <= set(self.classes):
            raise ValueError(f"A label of the classes {self.classes} holds no complete lungs.")
        lungs: npt.NDArray[np.uint8] = self.masks[[self.classes.index(name) for name in wanted]].max(axis=0)
        return lungs


class Reader(ABC):
    """A source of radiographs: which there are, their pixels, and their labels where it has any."""

    @abstractmethod
    def items(self) -> list[dict[str, Any]]:
        """One dict per radiograph, in a stable order.

        Each holds ``"image"`` (its path, a str), ``"patient"`` (a str key, for splits by patient) and the
        columns that the source has. The dicts of one reader share their keys.

        Raises:
            DataError: The root does not exist or holds no radiograph.
        """

    @abstractmethod
    def read(self, path: str | Path) -> Radiograph:
        """Read one radiograph.

        Raises:
            CxrReadError: The file cannot be read; names the path, what is wrong and what to do.
        """

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """The label of one of `items()`, or ``None`` where the source has no label for it.

        Raises:
            CxrReadError: There is a label, but it cannot be read, or does not fit its image.
        """
        return None

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """The files that the image and label of one of `items()` are read from.

        A cache on disk looks whether they have changed. A reader whose labels lie in files of their own adds
        those.
        """
        return [str(item["image"])]

    def ignored(self) -> int:
        """How many files below the root `items` passed over, since their names are none of images."""
        return 0

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Whether `read_label` would give a label; readers of large sets answer without decoding it."""
        return self.read_label(item) is not None


@runtime_checkable
class MaskGenerator(Protocol):
    """A lung mask from the image alone; any callable of this shape, so a MONAI transform qualifies."""

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """(1, H, W) float in [0, 1] -> (1, H, W) float of zeros and ones, of the same size."""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What a model found on one radiograph, at the radiograph's own size and orientation.

    Attributes:
        source: The file it was found on.
        radiograph: What the file held.
        masks: (C, H, W) uint8 in {0, 1}, one channel a class; H and W are the radiograph's.
        classes: C names, as in `Label`; no pixel is in both lungs.
        probabilities: (C, S, S) float32 in [0, 1] on the network's grid, over the whole image.
        measures: Areas, ratios and boxes, plain JSON; see docs/measures.md.
        quality: ``flag`` (``ok``, ``review`` or ``failed``), ``score`` in [0, 1] and ``reasons``, plain JSON;
            empty where the model has no quality flag.
        model: ``name``, ``sha256`` and ``version`` of what made it.

    Raises:
        ValueError: The masks do not fit the radiograph or the classes.
    """

    source: Path
    radiograph: Radiograph
    masks: npt.NDArray[np.uint8]
    classes: tuple[str, ...]
    probabilities: npt.NDArray[np.float32]
    measures: Mapping[str, Any]
    quality: Mapping[str, Any]
    model: Mapping[str, Any]

    def __post_init__(self) -> None:
        expected = (len(self.classes), *self.radiograph.pixels.shape)
        if self.masks.shape != expected or self.masks.dtype != np.uint8:
            raise ValueError(
                f"Segmentation.masks must be {expected} uint8, not {self.masks.shape} {self.masks.dtype}."
            )

    def lungs(self) -> npt.NDArray[np.uint8]:
        """(H, W) uint8 in {0, 1}: both lungs in one mask, never the heart."""
        return Label(self.masks, self.classes, "model").lungs()


class Writer(ABC):
    """A format of results. Whoever calls it sees to it that files appear whole or not at all."""

    @abstractmethod
    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write the files of one radiograph and return their paths.

        Args:
            segmentation: What to write.
            stem: Their paths less an ending, as ``out/a/chest``: write ``chest.png`` or ``chest_labels.png``
                beside it, and nothing else. The folder exists.

        Raises:
            CxrReadError: This segmentation cannot be written so, as a PNG has no place in a DICOM study.
        """

    def finish(self, output_dir: Path, rows: Iterable[Mapping[str, Any]]) -> list[Path]:
        """Write what is about all radiographs together, and return the paths; by default nothing.

        Args:
            output_dir: Holds all outputs.
            rows: Of each radiograph, in order: ``input``, ``status``, ``measures``, ``quality``. They can
                be gone through more than once.
        """
        return []


@dataclass(frozen=True, eq=False)
class Job:
    """One radiograph that a step does something with.

    Attributes:
        item: The reader's own dict of it, with ``"image"`` and ``"patient"``.
        name: Its path below the input, as tables name it.
        radiograph: As it was read.
        stem: Path of its outputs, less an ending: write ``<stem>.png`` or ``<stem>_labels.png``, and nothing
            else. The folder exists, and is not the one where the files will be found: they are moved there,
            whole, when the step has returned.
        read_label: Gives its label, or ``None`` where it has none; raises `cxrtk.CxrReadError`.
        known: As `Step.choose` gave it.
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
    """What a step made of one radiograph.

    Attributes:
        status: ``ok``; ``left_out``, where it is nothing that was asked for; or ``failed``.
        row: What is known of it, plain JSON: goes into the manifest, and from there to `Step.finish`.
        files: Those that were written; a failed radiograph may have some.
        code: Why it failed or was left out, one of `cxrtk.errors.READ_CODES` or a word of the step's own.
        reason: The same in words that hold no value of a header.
        cure: What a user can do about it, as an imperative; for the log alone.

    Raises:
        ValueError: The status is none of the three.
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
    """What a pass over a folder does with the radiographs, a batch at a time.

    A step holds no state of a call: several threads may use one step, and processes one each, made with the
    same arguments.

    Attributes:
        endings: What the step may add to a stem. Where ``a_labels.png`` belongs to ``a``, an input called
            ``a_labels`` is refused beside it.
        folder: Folder of all outputs of radiographs below the output folder; empty for the output folder.
    """

    endings: Sequence[str] = ()
    folder: str = ""

    def stem_of(self, path: PurePath) -> PurePath:
        """The stem of an input's outputs; by default its path without the suffix.

        Inputs that would share a stem keep their whole names.
        """
        return path.with_suffix("")

    def settings(self) -> Mapping[str, Any]:
        """All that decides the outputs, plain JSON; a pass with other settings cannot be continued.

        ``model``, if there is one, is ``{"name": ..., "sha256": ..., "version": ...}``.
        """
        return {}

    def choose(
        self,
        items: Sequence[Mapping[str, Any]],
        has_label: Callable[[Mapping[str, Any]], bool],
    ) -> Sequence[Mapping[str, Any] | None]:
        """Which items to do, and what their rows say of them whether or not they can be read.

        It is asked once, before any file is read, and again by each pass that goes on: the rows then say what
        is known by then.

        Args:
            items: Of the readers of all inputs, in order.
            has_label: Whether an item's reader has a label for it; see `Reader.has_label`.

        Returns:
            For each item ``None``, to pass it over, or plain JSON that goes into its row and into
            `Job.known`; by default all are done, and nothing is known of them.

        Raises:
            CxrError: An item, or all together, cannot be used.
        """
        return [{} for _ in items]

    @abstractmethod
    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Do it: one outcome for each job, in their order.

        The members of a batch are always the same, however the work is shared or continued.

        Raises:
            CxrError: The whole pass cannot go on. What concerns one radiograph is a ``failed`` outcome.
        """

    def unread(self) -> Mapping[str, Any]:
        """The row of a radiograph that could not be read; by default an empty one."""
        return {}

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write what is about all radiographs together, and return the paths; by default nothing.

        Args:
            rows: Of each radiograph of all parts, in order: ``input``, ``status``, ``code``, ``reason``,
                what the outcome's row held, and what `choose` said. They are read from the disk each time
                they are gone through, so that millions of them take no memory.
            output_dir: Holds all outputs.
        """
        return []
