"""`cxrtk explain --layers` and `--sanity`: the layers that give maps, and the sanity check of maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import torch

from cxrtk.api import Radiograph
from cxrtk.cli.bar import Bar
from cxrtk.cli.tables import print_json, print_table
from cxrtk.cli.walk import Walk, sources_of
from cxrtk.data.table import write_table
from cxrtk.errors import ConfigError
from cxrtk.explain.explainer import Explainer
from cxrtk.explain.layers import map_sizes
from cxrtk.explain.pictures import save_cascade
from cxrtk.explain.sanity import Cascade, cascade, step_count
from cxrtk.inference.explanation.preparing import Preparer, explainer_of, readable
from cxrtk.models.find import find_model
from cxrtk.passes.plan import plan
from cxrtk.passes.reading import Read
from cxrtk.passes.walk import SOME_FAILED
from cxrtk.process.device import check_device
from cxrtk.process.signals import guarded_signals

COLUMNS = ("randomised down to", "Spearman", "|Spearman|", "SSIM", "constant")


def print_layers(model: str, device: str) -> None:
    """Print the layers of a model that give maps, with the size of their maps."""
    found = find_model(model, check_device(device))
    spec = found.spec
    place = next(found.network.parameters()).device
    like = torch.zeros(1, spec.in_channels, spec.image_size, spec.image_size, device=place)
    modules = dict(found.network.named_modules())
    rows = [
        {"layer": name, "type": type(modules[name]).__name__, "pixels": str(area)}
        for name, area in map_sizes(found.network, like).items()
    ]
    print_table(rows, ("layer", "type", "pixels"))


@dataclass(frozen=True)
class Check:
    """The sanity check of a model's maps.

    Attributes:
        model: Name of the model as given by the user.
        device: ``cpu``, ``cuda`` or ``cuda:1``.
        method: ``cam`` or ``grad-cam``.
        layer: Name of the layer; empty to choose it automatically.
        classes: Subset of the model's classes; empty for the classes that `cxrtk segment` writes.
        images: Number of images; the first readable ones are used.
        draws: Number of draws of random weights.
        seed: Seed of the random weights.
    """

    model: str
    device: str
    method: str
    layer: str
    classes: Sequence[str]
    images: int
    draws: int
    seed: int

    def __call__(self, options: Walk, *, as_json: bool) -> int:
        """Write ``sanity.csv`` and ``sanity.png``, print the steps, and return the exit code.

        Raises:
            ConfigError: No image can be read, or the model allows no such map.
        """
        model = find_model(self.model, check_device(self.device))
        explainer, names = explainer_of(model, method=self.method, layer=self.layer, classes=self.classes)
        with guarded_signals("the same command"):
            radiographs, failed = self._first(options)
            prepare = Preparer(model)
            prepared = [prepare(each) for each in radiographs]
            x = torch.stack([each.tensor for each in prepared]).to(next(model.network.parameters()).device)
            with Bar("randomise", hidden=options.quiet, unit="networks") as bar:
                bar.begin(step_count(explainer.network, x[:1], self.draws))
                found = cascade(explainer, x, draws=self.draws, seed=self.seed, report=lambda: bar.advance(1))
            box = prepared[0].box
            seen = radiographs[0].pixels[box.top : box.bottom, box.left : box.right]
            save_cascade(found, seen, options.output / "sanity.png", names=names)
            steps = [asdict(step) for step in (*found.steps, found.image)]
            write_table(options.output / "sanity.csv", steps)
            _print_steps(found, explainer, len(radiographs), as_json=as_json)
        return SOME_FAILED if failed else 0

    def _first(self, options: Walk) -> tuple[list[Radiograph], int]:
        """The first readable images, and the number of unreadable ones before them."""
        with ExitStack() as opened:
            sources = sources_of(options)
            for _, files in sources:
                opened.enter_context(files)
            planned = plan([(each, files.reader.items()) for each, files in sources], options.output)

            def reads() -> Iterator[Read]:
                for number, (_, files) in enumerate(sources):
                    yield from files.read(job.image for job in planned if job.source == number)

            radiographs, failed = readable(reads(), self.images)
        if not radiographs:
            raise ConfigError("None of the images can be read, so there is nothing to check.")
        return radiographs, failed


def _print_steps(found: Cascade, explainer: Explainer, images: int, *, as_json: bool) -> None:
    about: dict[str, Any] = {"method": explainer.method, "layer": explainer.layer, "images": images}
    if as_json:
        print_json({**about, "steps": [asdict(step) for step in found.steps], "image": asdict(found.image)})
        return
    rows = [
        dict(
            zip(
                COLUMNS,
                (
                    step.layer,
                    f"{step.spearman:.3f}",
                    f"{step.strength:.3f}",
                    f"{step.ssim:.3f}",
                    f"{step.constant} of {step.maps}",
                ),
                strict=True,
            )
        )
        for step in (*found.steps, found.image)
    ]
    print_table(rows, COLUMNS)
    last = found.steps[-1]
    print(
        f"With all weights random, the maps by {explainer.method} at {explainer.layer} have a rank "
        f"correlation of {last.strength:.2f} with the trained ones (absolute, {last.maps} maps); the image "
        f"itself has {found.image.strength:.2f}."
    )
