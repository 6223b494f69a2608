"""Options that several verbs share, each stated once."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class OnError(str, Enum):
    """What to do about a file that cannot be read."""

    skip = "skip"
    stop = "stop"


class RunnerName(str, Enum):
    """Who does the work of a pass; `cxrtk.passes.runners.choose.RUNNERS`."""

    local = "local"
    processes = "processes"
    ray = "ray"


_INPUT = typer.Option(
    "--input",
    "-i",
    help="A file, or a folder with all below it; @FILE takes one path from each line. Repeatable.",
)
_OUTPUT = typer.Option("--output", "-o", help="Folder for the results.")
Inputs = Annotated[list[str], _INPUT]
Output = Annotated[Path, _OUTPUT]
OptionalInputs = Annotated[list[str] | None, _INPUT]  # where a verb has a mode without images
OptionalOutput = Annotated[Path | None, _OUTPUT]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        help="One that `cxrtk models` lists, a run's folder, one of its checkpoints, or a model file.",
    ),
]
Device = Annotated[str, typer.Option("--device", "-d", help="cpu, cuda, cuda:1.")]
ReaderName = Annotated[str, typer.Option("--reader", help="Reader of the files.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="ID=VALUE", help="Argument of a plugin, as reader#voi=none. Repeatable."),
]
Modality = Annotated[
    list[str] | None,
    typer.Option(
        "--modality",
        help="Modality of DICOM files to take from a folder, or any. Repeatable. "
        "[default: CR, DX, RG, or none stated]",
    ),
]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, help="Images in one run of the network.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that read files.")]
Runner = Annotated[
    RunnerName,
    typer.Option("--runner", help="Who does the work: this process, several of this machine, or Ray."),
]
Processes = Annotated[
    int | None,
    typer.Option("--processes", help="How many, of --runner processes or ray. [default: one a core]"),
]
Address = Annotated[
    str, typer.Option("--address", help="Of a Ray cluster, as auto. [default: Ray on this machine]")
]
NumParts = Annotated[int, typer.Option("--num-parts", min=1, help="Processes that share the work.")]
PartId = Annotated[int, typer.Option("--part-id", min=0, help="Which of them this is, from 0.")]
GoOn = Annotated[bool, typer.Option("--continue", help="Go on where a run stopped.")]
OnErrorOption = Annotated[OnError, typer.Option("--on-error", help="A file that cannot be read.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
