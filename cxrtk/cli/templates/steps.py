"""The mean of each radiograph, as text and in one table."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk import Job, Outcome, Step, passes, steps


@steps.register("plugin_name")
class PluginNameStep(Step):
    """Writes <stem>_mean.txt with `digits` decimals, and plugin_name.csv of all radiographs."""

    endings = ("_mean",)

    def __init__(self, digits: int = 3) -> None:
        self.digits = digits

    def settings(self) -> Mapping[str, Any]:
        """All that decides the outputs."""
        return {"digits": self.digits}

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """One outcome for each radiograph, in their order."""
        return [self._one(job) for job in batch]

    def _one(self, job: Job) -> Outcome:
        mean = round(float(job.radiograph.pixels.mean()), self.digits)
        path = job.stem.with_name(f"{job.stem.name}_mean.txt")
        path.write_text(f"{mean}\n")
        return Outcome("ok", {"mean": mean}, [path])

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """The table of all."""
        lines = ({"image": row["input"], "mean": row.get("mean")} for row in rows)
        return [passes.write_table(output_dir / "plugin_name.csv", lines, ("image", "mean"))]
