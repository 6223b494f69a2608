"""`cxrtk bench`: training and inference throughput of each device of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.bar import Bar
from cxrtk.cli.options import LONGEST_SECONDS, MOST_IMAGES, MOST_PROCESSES, split_words

if TYPE_CHECKING:
    from cxrtk.bundles.timing import Measured, Setup

IMAGES = 32  # number of phantoms generated for the benchmark
COLUMNS = ("device", "task", "scope", "images/s", "half of the steps", "steps")


def bench(
    network: Annotated[str, typer.Option(help="A network plugin that segments.")] = "paper_unet",
    devices: Annotated[
        str,
        typer.Option("--devices", "-d", help="Comma-separated: cpu, cuda, cuda:1; default: all available."),
    ] = "",
    seconds: Annotated[
        float,
        typer.Option(
            min=0.001, max=LONGEST_SECONDS, help="Seconds to measure each task and scope on each device."
        ),
    ] = 60.0,
    image_size: Annotated[int, typer.Option("--image-size", min=1, max=8192, help="Rows and columns.")] = 256,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, max=MOST_IMAGES, help="Images per batch.")
    ] = 16,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=0,
            max=MOST_PROCESSES,
            help="Processes that load images; 0 loads them in the main process.",
        ),
    ] = 0,
    model: Annotated[
        str,
        typer.Option(
            "--model", help="Time the inference backends with this model instead; see cxrtk models."
        ),
    ] = "",
    fp32: Annotated[bool, typer.Option("--fp32", help="Use 32-bit precision on every device.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time the paper's network on each device: training and inference, the network alone and end to end.

    End to end starts from PNG files and goes through the reader and the transforms of bundles/unet_cxr.json,
    without a cache. The files are phantoms, drawn into a temporary folder. With a CPU and a GPU, the last
    lines give the ratio that the paper gives as 3.0. With --model, the network of a model is timed on the CPU
    of this machine with each installed backend: torch, openvino, onnxruntime.
    """
    if model:
        _bench_backends(model, batch_size, seconds, quiet=quiet, as_json=json)
        return
    from tempfile import TemporaryDirectory

    from cxrtk.bundles.timing import SCOPES, TASKS, Setup, measure, present
    from cxrtk.data import phantom
    from cxrtk.process.device import check_device

    named = list(dict.fromkeys(split_words("--devices", devices)))
    chosen = [check_device(name) for name in named] or present()
    setup = Setup(
        network=network,
        image_size=image_size,
        batch_size=batch_size,
        workers=workers,
        seconds=seconds,
        amp=not fp32,
    )
    with TemporaryDirectory(prefix="cxrtk-bench-") as folder:
        data = phantom.write_nih(Path(folder) / "phantoms", count=IMAGES)
        with Bar("bench", hidden=quiet, unit="") as bar:
            bar.begin(len(chosen) * len(TASKS) * len(SCOPES) * seconds)
            measured = [measure(setup, device, data, report=bar.advance) for device in chosen]
    if json:
        _print_json(setup, measured)
    else:
        _print(setup, measured)


def _bench_backends(name: str, batch_size: int, seconds: float, *, quiet: bool, as_json: bool) -> None:
    """Time the backends for a model, and print a row for each, the fastest first."""
    from cxrtk.cli.tables import print_json, print_table
    from cxrtk.models.backends.timing import runnable, time_backends
    from cxrtk.models.find import find_model
    from cxrtk.process.machine import host, versions

    model = find_model(name)
    with Bar("bench", hidden=quiet, unit="") as bar:
        bar.begin(len(runnable()) * seconds)
        timed = time_backends(model, batch_size, seconds, bar.advance)
    timed.sort(key=lambda each: each.milliseconds)
    if as_json:
        rows = [asdict(each) for each in timed]
        print_json({"model": model.about, "cpu": host()["cpu"], "versions": versions(), "backends": rows})
        return
    print(f"{model.spec.name}, {model.spec.image_size} x {model.spec.image_size}, batches of {batch_size}")
    rows = [
        {
            "backend": each.backend,
            "precision": each.precision,
            "ms/image": f"{each.milliseconds:.1f}",
            "load s": f"{each.load:.1f}",
            "difference": f"{each.difference:.1e}",
        }
        for each in timed
    ]
    print_table(rows, tuple(rows[0]))


def _print_json(setup: Setup, measured: Sequence[Measured]) -> None:
    from cxrtk.bundles.timing import PAPER_RATIO, ratios
    from cxrtk.cli.tables import print_json
    from cxrtk.process.machine import versions

    print_json(
        {
            "setup": asdict(setup),
            "versions": versions(),
            "devices": [asdict(each) for each in measured],
            "ratios": ratios(measured),
            "paper": {"GPU over CPU": PAPER_RATIO},
        }
    )


def _print(setup: Setup, measured: Sequence[Measured]) -> None:
    from cxrtk.bundles.timing import SCOPES, TASKS
    from cxrtk.cli.tables import print_table
    from cxrtk.process.machine import versions

    print(
        f"{setup.network}, {setup.image_size} x {setup.image_size}, {setup.in_channels} channels, batches of "
        f"{setup.batch_size}, {setup.workers} workers; torch {versions()['torch']}, "
        f"monai {versions()['monai']}"
    )
    for each in measured:
        threads = "" if each.threads is None else f", threads: {each.threads}"
        print(f"{each.device}: {each.name}{threads}, {each.precision}")
    rows: list[dict[str, Any]] = []
    for each in measured:
        for task in TASKS:
            for scope in SCOPES:
                found = each.rates[task][scope]
                cells = (
                    each.device,
                    task,
                    scope,
                    f"{found.median:.3g}",
                    f"{found.low:.3g} to {found.high:.3g}",
                    str(found.steps),
                )
                rows.append(dict(zip(COLUMNS, cells, strict=True)))
    print_table(rows, COLUMNS)
    for line in compared(measured):
        print(line)


def compared(measured: Sequence[Measured]) -> list[str]:
    """Compare the devices with each other and with the value in the paper, in sentences."""
    from cxrtk.bundles.timing import PAPER_RATIO, SCOPES, TASKS, ratios

    found = ratios(measured)
    if not found:
        return [
            f"One device ({measured[0].device}): there is no ratio to report. The paper's "
            f"{PAPER_RATIO} compares a GPU with a CPU."
        ]
    (base,) = {each.device for each in measured} - set(found)
    lines = [
        f"{device} over {base}, {task}: "
        + ", ".join(f"{found[device][task][scope]:.2f} ({scope})" for scope in SCOPES)
        for device in found
        for task in TASKS
    ]
    return [*lines, f"The paper reports {PAPER_RATIO} for a GPU over a CPU, without saying for which task."]
