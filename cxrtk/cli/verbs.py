"""The verbs by use, each with the line that `cxrtk --help` shows, which fits into 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typer.core import TyperGroup

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Segment": {
        "segment": "Segment both lungs and the heart in chest X-rays.",
        "findings": "Classify findings with a model that you trained.",
        "explain": "Show where a network sees each of its classes.",
        "report": "Make a web page of masks, an evaluation or a run.",
        "watch": "Segment incoming studies and store the results.",
        "merge": "Merge the tables of a pass that ran in parts.",
        "models": "List the models that ship, with their licences.",
    },
    "Measure": {
        "evaluate": "Evaluate masks against those of a data set.",
        "bench": "Time networks on the devices of this machine.",
    },
    "Images and data sets": {
        "inspect": "Show what a file contains, and each decision in reading it.",
        "convert": "Write DICOM radiographs as PNG or NIfTI.",
        "check": "Check a data set for errors before training.",
        "masks": "Generate weak lung masks by thresholds.",
        "phantom": "Draw digital chest phantoms with exact masks.",
    },
    "Train": {
        "train": "Train a bundle, after checking its config for mistakes.",
        "runs": "List runs with their best validation metric and their test.",
        "calibrate": "Calibrate the model of a run and fit its quality flag.",
        "export": "Export a model as one file, for cxrtk or other programs.",
        "weights": "Write a checkpoint's weights as safetensors.",
    },
    "Configure and extend": {
        "bundles": "List the bundle configs that ship.",
        "lint": "Check a bundle config for mistakes.",
        "assemble": "Write a bundle config with chosen plugins.",
        "plugins": "List every plugin: kind, name, origin, file.",
        "new": "Create a plugin and its test from a template.",
        "apply": "Apply a step plugin to many radiographs.",
        "doctor": "Show what is installed, what is missing, and what it is for.",
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
