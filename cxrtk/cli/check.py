"""`cxrtk check`: validation of a data set before training."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxrtk.cli.options import HIGHEST_SEED, LONGEST_SECONDS, MOST_PROCESSES
from cxrtk.cli.settings import arguments_of, parse_settings
from cxrtk.cli.tables import print_json, print_table
from cxrtk.errors import ConfigError
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.data.check.report import Report

    Split = Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Sequence[Mapping[str, Any]]]]

TO_BE_FIXED = 3  # exit code
_COLUMNS = ("severity", "code", "count", "meaning", "where")


def check(
    dataset_dir: Annotated[Path, typer.Option("--dataset-dir", help="Folder of the data set.")],
    reader: Annotated[str, typer.Option(help="Reader; default: the only one that fits the folder.")] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="ID=VALUE", help='Argument of the reader: reader#views=["PA"]; repeatable.'
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            help="Compare the masks with those of this model: a name from `cxrtk models`, a run or a file."
        ),
    ] = "",
    split_file: Annotated[
        Path | None, typer.Option("--splits", help="Split file to check for leaks.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=HIGHEST_SEED, help="Check the split that a training makes with this seed."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for check.json and suspicious.png.")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=MOST_PROCESSES, help="Processes that read files.")
    ] = os.cpu_count() or 1,
    timeout: Annotated[
        float, typer.Option(max=LONGEST_SECONDS, help="Time limit for one file, in seconds.")
    ] = 30.0,
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="Count the values of this column too; repeatable.")
    ] = None,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Report this issue as a note only; repeatable.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No table, no progress bar.")] = False,
    show_ids: Annotated[
        bool, typer.Option("--show-ids", help="Show patient ids as they are, not as hashes.")
    ] = False,
) -> None:
    """Check the files, masks, duplicates, split and image content of a data set before training.

    cxrtk check --reader image_mask_folder --dataset-dir DIR --splits runs/RUN/splits.json -o OUT

    Exit codes: 0 nothing must be fixed; 2 the check could not run; 3 something must be fixed.
    """
    from cxrtk import registry
    from cxrtk.data.check.check import check as run
    from cxrtk.data.check.choose import choose_reader
    from cxrtk.data.check.survey import Survey
    from cxrtk.data.outputs import check_output_dir
    from cxrtk.process.progress import track
    from cxrtk.process.signals import guarded_signals
    from cxrtk.registry import check_arguments

    arguments = arguments_of("reader", parse_settings(settings or []))
    if output is not None:
        check_output_dir(output, dataset_dir)
    if timeout <= 0:
        raise ConfigError(f"--timeout must be positive, not {timeout:g}.")
    if not reader:
        reader = choose_reader(dataset_dir)
        print(f"cxrtk: reader: {reader}", file=sys.stderr)
    if (
        "root" in inspect.signature(registry.readers.get(reader)).parameters
    ):  # one of several sources lacks it
        arguments = {"root": str(dataset_dir), **arguments}
    check_arguments(registry.readers, reader, arguments)
    with (
        guarded_signals(hint="the same command; a check starts over"),
        Survey(reader, arguments, num_workers=workers, timeout=timeout, **_comparison(model)) as survey,
    ):
        report = run(
            survey,
            dataset_dir,
            reader_name=reader,
            split=_split(split_file, seed),
            columns=columns or (),
            accepted=_accepted(accept or []),
            show_ids=show_ids,
            output_dir=output,
            progress=lambda examined, total: track(examined, "check", total=total, hidden=quiet),
        )
    if json:
        print_json(report.as_json())
    elif not quiet:
        print_table(report.rows() + _fingerprint(report), _COLUMNS)
    print(sentence(report, output), file=sys.stderr)
    if report.status == "error":
        raise typer.Exit(TO_BE_FIXED)


def _comparison(model: str) -> dict[str, Any]:
    """Return the comparison of masks with their pictures by a model; nothing for the built-in one."""
    if not model:
        return {}
    from cxrtk.inference import Expectation
    from cxrtk.models import find_model

    return {"expect": Expectation(find_model(model))}


def sentence(report: Report, output: Path | None) -> str:
    """Summarise the issues and the location of the report in one line."""
    said = {"error": "must be fixed", "warning": "needs review", "clean": "ready for training"}[report.status]
    where = f"; see {output}" if output is not None else ""
    counts = ", ".join(counted(report.count(level), level) for level in ("error", "warning", "note"))
    return f"{counted(report.summary['images'], 'image')}: {counts}: {said}{where}"


def _fingerprint(report: Report) -> list[dict[str, str]]:
    """Statistics of the data set, as rows below the issues."""
    told = report.summary
    lines = {
        "images": f"{told['readable']} of {told['images']} readable, {told['patients']} patients",
        "size": _pairs(told["sizes"]["common"]),
        "spacing": _pairs(told["spacing"]["sources"]),
        "labels": _pairs(told["labels"]["truth"]) + "; heart: " + _pairs(told["labels"]["heart"]),
        **{name: _pairs(values) for name, values in told["columns"].items()},
        **{
            part: f"{counted(held['images'], 'image')}, {counted(held['patients'], 'patient')}"
            for part, held in told["parts"].items()
        },
    }
    return [
        {"severity": "", "code": name, "count": "", "meaning": "", "where": line}
        for name, line in lines.items()
    ]


def _pairs(histogram: Mapping[str, int]) -> str:
    return ", ".join(f"{value} ({count})" for value, count in list(histogram.items())[:6]) or "none"


def _split(file: Path | None, seed: int | None) -> Split | None:
    from cxrtk.data.split_files import read_parts
    from cxrtk.data.splits import PARTS, split_by_patient

    if file is not None and seed is not None:
        raise ConfigError("--splits and --seed specify two splits; give only one of them.")
    if file is not None:
        return lambda items: read_parts(file, items)
    if seed is None:
        return None

    def drawn(items: Sequence[Mapping[str, Any]]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        split = split_by_patient(items, seed=seed)
        return {part: split.part(part) for part in PARTS}

    return drawn


def _accepted(codes: Sequence[str]) -> frozenset[str]:
    from cxrtk.data.check.codes import CODES

    unknown = sorted(set(codes) - CODES.keys())
    if unknown:
        raise ConfigError(f"--accept {unknown[0]}: is not a code; available: {', '.join(CODES)}.")
    return frozenset(codes)
