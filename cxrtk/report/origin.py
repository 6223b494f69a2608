"""Provenance of an evaluation or a run, from its records: model, data, ground truth and versions."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from cxrtk.evaluation.table import Evaluation
from cxrtk.report.words import Fact, printable


def name_of(evaluation: Evaluation) -> str:
    """Return the name of the evaluated mask generator, folder or model; for a run, with its folder's name."""
    about = evaluation.about.get("predictions") or {}
    name, paths = str(about.get("name") or "Masks"), list(about.get("paths") or [])
    if about.get("kind") != "model" or len(paths) != 1:
        return name
    path = PurePath(str(paths[0]))
    file = path.suffix in (".safetensors", ".ts")
    run = path.parent.name if path.suffix == ".pt" else path.stem if file else path.name
    return name if run == name else f"{run} ({name})"


def data_of(evaluation: Evaluation) -> str:
    """Return the name of the data set."""
    return str((evaluation.about.get("dataset") or {}).get("name") or "a data set")


def of_evaluation(evaluation: Evaluation) -> dict[str, list[Fact]]:
    """Return facts about an evaluation by heading."""
    about = evaluation.about
    predictions = dict(about.get("predictions") or {})
    trained = predictions.pop("trained", None) or {}
    split, dataset = about.get("split") or {}, about.get("dataset") or {}
    ran = [*_command(about.get("command")), *facts(predictions)]
    others = {key: about[key] for key in ("metric_settings", "bootstrap", "by") if about.get(key)}
    return _filled(
        {
            "Method": ran,
            "Data": [*facts(dataset), *facts(split, "split")],
            "Ground truth": [Fact("Truth", evaluation.truth), *facts(others)],
            "Training of the model": facts(trained),
            "Versions": facts(about.get("versions") or {"cxrtk": about.get("cxrtk", "unknown")}),
        }
    )


def of_run(record: Mapping[str, Any]) -> dict[str, list[Fact]]:
    """Return facts about a run by heading, from ``run.json``."""
    settings = dict(record.get("settings") or {})
    settings.pop("command", None)
    data = {
        key: settings.pop(key)
        for key in ("dataset_dir", "reader", "labels", "images", "data")
        if key in settings
    }
    commands: Sequence[Any] = record.get("commands") or ()
    ran = [fact for command in commands for fact in _command(command)]
    state = {key: record[key] for key in ("status", "reason", "started", "updated") if record.get(key)}
    state["epochs"] = f"{record.get('epoch', 0)} of {record.get('max_epochs', 'unknown')}"
    return _filled(
        {
            "Method": [*ran, *facts(state)],
            "Data": facts({DATA.get(key, key): value for key, value in data.items()}),
            "Settings": facts(settings),
            "Versions": [*facts(record.get("versions") or {}), *facts(record.get("git") or {}, "git")],
            "Machine": facts(record.get("host") or {}),
        }
    )


# Keys of the record -> terms on the page.
DATA = {"data": "SHA-256 of the list of images", "labels": "truth"}


def facts(about: Mapping[str, Any], before: str = "") -> list[Fact]:
    """Convert a record to facts, one per entry; empty values are left out."""
    return [
        Fact(_term(f"{before} {key}".strip()), said)
        for key, value in about.items()
        if (said := _value(value)) != ""
    ]


def _command(words: object) -> list[Fact]:
    if not isinstance(words, list) or not words:
        return []
    return [Fact("Command", printable(shlex.join(map(str, words))))]


def _term(key: str) -> str:
    text = printable(key.replace("_", " "))
    text = text.replace("sha256", "SHA-256")
    return text if text in KEEP else text[:1].upper() + text[1:]


KEEP = frozenset({"cxrtk", "monai", "torch", "numpy", "pydicom", "pillow", "nibabel", "pytorch-ignite"})


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{printable(str(key))} {_value(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    return printable(str(value))


def _filled(made: dict[str, list[Fact]]) -> dict[str, list[Fact]]:
    return {heading: found for heading, found in made.items() if found}
