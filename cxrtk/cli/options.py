"""Options shared by several verbs, each defined once."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.errors import ConfigError

# Limits of meaningful values; a number beyond them is likely a typing error.
MOST_IMAGES = 65_536
MOST_PROCESSES = 1024
MOST_PARTS = 100_000
HIGHEST_SEED = 2**32 - 1  # largest seed accepted by all random number generators
LONGEST_SECONDS = 86_400.0


class OnError(str, Enum):
    """Handling of files that cannot be read."""

    skip = "skip"
    stop = "stop"


class RunnerName(str, Enum):
    """Runners of a pass; see `cxrtk.passes.runners.choose.RUNNERS`."""

    local = "local"
    processes = "processes"
    ray = "ray"


def check_modalities(words: list[str] | None) -> list[str] | None:
    """Check that modalities are DICOM code strings, or ``any``.

    Raises:
        typer.BadParameter: A modality is written in another form, and would match no file.
    """
    for word in words or []:
        if word != "any" and not re.fullmatch(r"[A-Z0-9_]{1,16}", word):
            raise typer.BadParameter("use any, or a modality in capitals, such as CR or DX.")
    return words


def split_words(option: str, text: str) -> list[str]:
    """Split a comma-separated list and strip spaces; an empty text gives an empty list.

    Args:
        option: Name of the option, for messages.
        text: Comma-separated list, such as ``"dice, iou"``.

    Raises:
        ConfigError: An element of the list is empty.

    >>> split_words("--metrics", "dice, iou"), split_words("--metrics", "")
    (['dice', 'iou'], [])
    """
    words = [word.strip() for word in text.split(",")]
    if text and not all(words):
        raise ConfigError(f"{option} {text}: a name is missing next to a comma.")
    return [word for word in words if word]


_INPUT = typer.Option(
    "--input",
    "-i",
    help="A file, or a folder with its subfolders; @FILE reads one path from each line. Repeatable.",
)
_OUTPUT = typer.Option("--output", "-o", help="Folder for the results.")
Inputs = Annotated[list[str], _INPUT]
Output = Annotated[Path, _OUTPUT]
OptionalInputs = Annotated[list[str] | None, _INPUT]  # for verbs with a mode without images
OptionalOutput = Annotated[Path | None, _OUTPUT]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        help="A name from `cxrtk models`, a run's folder, one of its checkpoints, or a model file.",
    ),
]
Device = Annotated[str, typer.Option("--device", "-d", help="cpu, cuda, cuda:1.")]


class BackendName(str, Enum):
    """Names of `cxrtk.models.backends.choice.NAMES`."""

    auto = "auto"
    torch = "torch"
    openvino = "openvino"
    onnxruntime = "onnxruntime"


class PrecisionName(str, Enum):
    """Names of `cxrtk.models.backends.choice.PRECISIONS`."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"


Backend = Annotated[
    BackendName,
    typer.Option(
        "--backend",
        envvar="CXRTK_BACKEND",
        help="Library that computes the network; auto takes the fastest that is installed.",
    ),
]
Precision = Annotated[
    PrecisionName,
    typer.Option(
        "--precision",
        envvar="CXRTK_PRECISION",
        help="Precision of the network; auto takes bf16 where it gives the masks of fp32.",
    ),
]
ReaderName = Annotated[str, typer.Option("--reader", help="Reader of the files.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="ID=VALUE", help="Argument of a plugin, as reader#voi=none. Repeatable."),
]
Modality = Annotated[
    list[str] | None,
    typer.Option(
        "--modality",
        callback=check_modalities,
        help="Modality of DICOM files to take from a folder, or any. Repeatable. "
        "[default: CR, DX, RG, or none stated]",
    ),
]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, max=MOST_IMAGES, help="Images per batch.")]
Workers = Annotated[
    int, typer.Option("--workers", min=1, max=MOST_PROCESSES, help="Processes that read files.")
]
Runner = Annotated[
    RunnerName,
    typer.Option(
        "--runner",
        help="Where the work runs: in this process, in several processes of this machine, or on Ray.",
    ),
]
Processes = Annotated[
    int | None,
    typer.Option(
        "--processes",
        min=1,
        max=MOST_PROCESSES,
        help="Number of processes for --runner processes or ray. [default: one per core]",
    ),
]
Address = Annotated[
    str,
    typer.Option("--address", help="Address of a Ray cluster, such as auto. [default: Ray on this machine]"),
]
NumParts = Annotated[
    int,
    typer.Option(
        "--num-parts", min=1, max=MOST_PARTS, help="Number of parts into which the work is divided."
    ),
]
PartId = Annotated[int, typer.Option("--part-id", min=0, help="Number of this part, from 0.")]
GoOn = Annotated[bool, typer.Option("--continue", help="Continue where an earlier run stopped.")]
OnErrorOption = Annotated[
    OnError, typer.Option("--on-error", help="What to do with a file that cannot be read.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
