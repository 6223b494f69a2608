"""The mean of each radiograph, as text."""

from collections.abc import Sequence

from cxrtk import Job, Outcome, Step, steps


@steps.register("plugin_name")
class PluginNameStep(Step):
    """Writes <stem>_mean.txt, and the mean into the manifest."""

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """One outcome for each radiograph, in their order."""
        return [self._one(job) for job in batch]

    def _one(self, job: Job) -> Outcome:
        mean = round(float(job.radiograph.pixels.mean()), 3)
        path = job.stem.with_name(f"{job.stem.name}_mean.txt")
        path.write_text(f"{mean}\n")
        return Outcome("ok", {"mean": mean}, [path])
