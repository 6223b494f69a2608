"""The command that resumes an interrupted run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from cxrtk.process.command import command_words

OPTIONS = ("--resume_from", "--resume-from", "--run_name")


class Series:
    """Return whether this process trains several runs by one command, such as all folds."""

    runs = False


def resume_command(run_dir: str | Path, argv: Sequence[str] | None = None) -> str:
    """Return the shell command that resumes `run_dir`: the original one, with ``--resume_from``.

    For a series of runs it is the original command, which finds its own position.

    >>> resume_command("runs/a", ["/x/monai/bundle/__main__.py", "run", "--run_name", "a", "--seed", "1"])
    'python -m monai.bundle run --seed 1 --resume_from runs/a'
    >>> resume_command("runs/a", ["/x/bin/cxrtk", "train", "unet_cxr", "--set", "run_name=a"])
    'cxrtk train --resume-from runs/a'
    """
    words = command_words(argv)
    if "cxrtk" in words and words[words.index("cxrtk") :][1:2] == ["train"]:
        if Series.runs:
            return shlex.join(words)  # the same command goes on
        start = words[: words.index("cxrtk") + 2]
        return shlex.join([*start, "--resume-from", str(run_dir)])  # the run's folder contains its config
    return shlex.join([*_without(words, OPTIONS), "--resume_from", str(run_dir)])


def _without(words: Sequence[str], options: Sequence[str]) -> list[str]:
    """Return `words` without these options and their values."""
    kept: list[str] = []
    skip = False
    for word in words:
        name, equals, _ = word.partition("=")
        if skip:
            skip = False
        elif name in options:
            skip = not equals
        else:
            kept.append(word)
    return kept
