"""The verbs by use, each with the line that `cxrtk --help` shows, which fits into 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typer.core import TyperGroup

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Segment": {
        "segment": "Find both lungs and the heart in chest X-rays.",
        "findings": "Tell findings by a classifier that you trained.",
        "explain": "Show where a network sees each of its classes.",
        "report": "Make one web page of masks, an evaluation or a run.",
        "watch": "Segment what arrives, and store the results back.",
        "merge": "Make the tables of a pass that was done in parts.",
        "models": "List the models that ship, with their licences.",
    },
    "Measure": {
        "evaluate": "Measure masks against a data set's own masks.",
        "bench": "Time networks on the devices of this machine.",
    },
    "Images and data sets": {
        "inspect": "Say what a file is, and each decision taken in reading it.",
        "convert": "Write DICOM radiographs as PNG or NIfTI.",
        "check": "Look for faults of a data set before a training.",
        "masks": "Make weak lung masks by thresholds.",
        "phantom": "Draw chest radiographs of patients who do not exist.",
    },
    "Train": {
        "train": "Train a bundle, after a look for mistakes in it.",
        "runs": "List runs with their best metric and their test.",
        "calibrate": "Give the model of a run temperatures and a quality flag.",
        "export": "Write a model as one file, for cxrtk or other programs.",
        "weights": "Write a checkpoint's weights as safetensors.",
    },
    "Configure and extend": {
        "bundles": "List the bundle configs that ship.",
        "lint": "Look for mistakes in a bundle config.",
        "assemble": "Write a bundle config of chosen plugins.",
        "plugins": "List every plugin: kind, name, origin, file.",
        "new": "Write a plugin and its test, to change from there.",
        "apply": "Do a step of your own with many radiographs.",
        "doctor": "Say what is installed, what is missing, and for what.",
    },
}
VERBS = tuple(verb for group in GROUPS.values() for verb in group)
LINES = {verb: line for group in GROUPS.values() for verb, line in group.items()}


class GroupedVerbs(TyperGroup):
    """The command `cxrtk`, whose help lists the verbs by `GROUPS`."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the verbs with their lines, a section for each group."""
        for title, lines in GROUPS.items():
            rows = [(verb, line) for verb, line in lines.items() if verb in self.commands]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
