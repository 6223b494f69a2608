"""Description of a pass in plain values, from which another process can create its step and readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrtk.errors import ConfigError
from cxrtk.passes.inputs import Input
from cxrtk.passes.options import Options

if TYPE_CHECKING:
    from cxrtk.api import Step
    from cxrtk.passes.reading import ReadAhead


@dataclass(frozen=True)
class Reading:
    """Inputs of a pass and their reader.

    Attributes:
        inputs: Inputs from `cxrtk.passes.inputs_of`.
        reader: Name of the reader plugin.
        arguments: Arguments of the reader except its root, JSON values.
        workers: Number of worker processes.
        ahead: Number of files to read ahead.
    """

    inputs: Sequence[Input]
    reader: str = "files"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1
    ahead: int = 8

    def sources(self) -> list[tuple[Input, ReadAhead]]:
        """Create the reader of each input.

        Raises:
            ConfigError: An input is invalid, or the reader does not accept it.
        """
        from cxrtk.passes.reading import read_ahead

        for each in self.inputs:
            if each.folder is None and len(each.roots) > 1 and self.reader != "files":
                raise ConfigError(f"The reader {self.reader!r} takes one folder; --reader files takes files.")
        how: dict[str, Any] = {"workers": self.workers, "ahead": self.ahead}
        return [
            (each, read_ahead(each.root, reader=self.reader, arguments=self.arguments, **how))
            for each in self.inputs
        ]


@dataclass(frozen=True)
class Recipe:
    """Description of a pass: step, inputs, output folder and options.

    Attributes:
        step: Name of the step plugin.
        arguments: Arguments of the step, JSON values.
        reading: Inputs and their reader.
        output_dir: Folder of the outputs, the manifest and the tables.
        options: Options of the pass.
    """

    step: str
    arguments: Mapping[str, Any]
    reading: Reading
    output_dir: Path
    options: Options = field(default_factory=Options)

    def make_step(self) -> Step:
        """Create the step.

        Raises:
            CxrError: The step rejects its arguments.
        """
        from cxrtk.registry import steps

        return steps.create(self.step, **self.arguments)
