"""``configs/metadata.json`` and ``docs/README.md`` of an exported bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from cxrtk import __version__
from cxrtk.bundles.metadata import WORDS, data_format, versions
from cxrtk.bundles.zoo.head import BACKGROUND, labels_of
from cxrtk.bundles.zoo.licences import is_fit_for_the_zoo
from cxrtk.models.licence import Licence
from cxrtk.models.model_file import ModelSpec

NEEDED = ("nibabel", "pillow", "pytorch-ignite", "scikit-image", "scipy")
NEEDED_BY_STEPS = ("lazy-loader", "pydicom")


@dataclass(frozen=True)
class About:
    """Facts about a bundle for its README and metadata.

    Attributes:
        name: Name of the bundle, which is also the name of its folder.
        spec: Description of the model.
        step: Number of which the sides of an image must be multiples.
        licence: Licence of the weights.
        standalone: Whether ``scripts/`` contains the steps of cxrtk.
        evaluation: Content of ``evaluation.json`` of `cxrtk evaluate`; empty if the model was not measured.
    """

    name: str
    spec: ModelSpec
    step: int
    licence: Licence
    standalone: bool
    evaluation: Mapping[str, Any]

    @property
    def network_spec(self) -> ModelSpec:
        """The spec with the channels of the bundle's network as classes."""
        return replace(self.spec, classes=(BACKGROUND, *labels_of(self.spec)), temperature=())


def metadata(about: About) -> dict[str, Any]:
    """Return the content of ``metadata.json``."""
    names = labels_of(about.spec)
    numbers = ", ".join(f"{n} {WORDS[name]}" for n, name in enumerate(names, start=1))
    what = ", ".join(WORDS[name] for name in names)
    needed = (*NEEDED, *(NEEDED_BY_STEPS if about.standalone else ()))
    return {
        **versions(),
        "required_packages_version": {name: version(name) for name in needed},
        "version": __version__,
        "changelog": {__version__: f"model {about.spec.name}, exported by cxrtk {__version__}"},
        "name": "Lungs and heart in chest X-rays",
        "task": f"Segmentation of {what} in frontal chest X-rays",
        "description": f"A network that segments {what} in frontal chest X-rays (model {about.spec.name}).",
        "authors": "The cxrtk authors",
        "copyright": "Copyright (c) the cxrtk authors",
        "data_source": "see docs/data_license.txt",
        "data_type": "png, nibabel",
        "image_classes": "frontal chest X-ray, brighter is denser; percentiles 1 and 99 at -2 and 2",
        "label_classes": f"1 channel: 0 background, {numbers}",
        "pred_classes": f"{len(names) + 1} channels of logits: 0 background, whose logit is that of the "
        f"threshold, {numbers}; sigmoid gives the probability of each class",
        "eval_metrics": measured(about.evaluation),
        "intended_use": "Research. Not a medical device.",
        "references": [
            "Kerfoot et al. Left-Ventricle Quantification Using Residual U-Net. STACOM 2018. "
            "doi:10.1007/978-3-030-12029-0_40"
        ],
        "network_data_format": data_format(about.network_spec, about.step),
    }


def measured(evaluation: Mapping[str, Any]) -> dict[str, float]:
    """Return the mean of each metric of an evaluation; empty without an evaluation."""
    return {row["metric"]: round(float(row["mean"]), 4) for row in rows(evaluation)}


def rows(evaluation: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the summaries of an evaluation."""
    found: Sequence[Mapping[str, Any]] = evaluation.get("summary", [])
    return found


def readme(about: About) -> str:
    """Return ``docs/README.md``, with the sections of the zoo's template."""
    text = files("cxrtk.bundles.zoo").joinpath("templates/README.md").read_text(encoding="utf-8")
    # The page is Markdown, not HTML, so nothing is escaped.
    page = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return page.from_string(text).render(
        about=about,
        version=__version__,
        words=[WORDS[name] for name in labels_of(about.spec)],
        rows=rows(about.evaluation),
        truth=about.evaluation.get("truth", ""),
        fit=is_fit_for_the_zoo(about.licence),
    )
