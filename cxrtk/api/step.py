"""Contract of a step: the jobs that a pass over a folder gives to it, and their outcomes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from cxrtk.api.label import Label
from cxrtk.api.radiograph import Radiograph


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
