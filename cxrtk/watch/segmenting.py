"""Segmentation of the files of one study, by the pass that `cxrtk segment` makes over a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.api import Step
from cxrtk.passes.inputs import inputs_of
from cxrtk.passes.manifest import Entry
from cxrtk.passes.options import Options
from cxrtk.passes.recipe import Reading
from cxrtk.passes.walk import run
from cxrtk.process.signals import guard_signals
from cxrtk.registry import steps

FORMATS = ("dicom_seg", "dicom_sr")
HOW = ("backend", "precision", "writers", "preview", "probabilities")  # settings without effect on the result


@dataclass(frozen=True)
class Segmented:
    """Results of a study.

    Attributes:
        done: UIDs of the instances that need no further work: segmented, or no radiographs.
        files: DICOM files created from them.
        failures: Reason of the failure of each failed instance, by UID.
    """

    done: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


class Segmenting:
    """Segmentation of studies with one model, which is loaded once.

    Args:
        arguments: Arguments of the step ``segment`` except its formats.
        modalities: Modalities that the reader accepts; empty for its default, ``None`` for all.

    Raises:
        CxrError: The model or the device does not exist.
    """

    def __init__(self, arguments: Mapping[str, Any], modalities: list[str] | None) -> None:
        self._step: Step = steps.create("segment", **arguments, formats=FORMATS)
        # If none are stated, the reader's default applies.
        self._reading: dict[str, Any] = {} if modalities == [] else {"modalities": modalities}

    @property
    def made_by(self) -> str:
        """Model, version and settings; a study is segmented once for each combination."""
        settings = {name: value for name, value in self._step.settings().items() if name not in HOW}
        return json.dumps(settings, sort_keys=True)

    def __call__(self, folder: Path, output_dir: Path) -> Segmented:
        """Segment ``<UID>.dcm`` of a folder.

        Args:
            folder: Folder of the files.
            output_dir: Folder of the results; remains of an earlier attempt are removed.

        Raises:
            CxrError: The pass as a whole fails.
        """
        shutil.rmtree(output_dir, ignore_errors=True)
        reading = Reading(inputs_of([str(folder)]), arguments=self._reading)
        result = run(self._step, reading.sources(), output_dir, Options(batch_size=1))
        guard_signals()  # the pass has released them
        found = Segmented()
        for entry in result.entries:
            _add(found, entry, output_dir)
        return found


def _add(found: Segmented, entry: Entry, output_dir: Path) -> None:
    uid = entry.input.removesuffix(".dcm")
    if entry.status == "failed":
        found.failures[uid] = entry.reason
        return
    found.done.append(uid)
    if entry.status == "ok":
        found.files.extend(output_dir / name for name in entry.outputs if name.endswith(".dcm"))
