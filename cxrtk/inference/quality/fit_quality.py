"""Fit of a model's quality flag for each structure, on plain images, spoiled images and strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxrtk.classes import HEART, LUNGS, WITH_HEART, lung_indices
from cxrtk.inference.quality.distance import Distance
from cxrtk.inference.quality.fit import FEWEST_BAD, GOOD, fit_flag_rule
from cxrtk.inference.quality.interval import FEWEST, fit_interval
from cxrtk.inference.quality.observe import GridImage, Observation, observe
from cxrtk.inference.quality.rule import FlagRule
from cxrtk.inference.quality.spoil import KINDS, spoiled
from cxrtk.inference.quality.stress import distorted, distortions, strangers
from cxrtk.models.predictor import Predictor

AXES = 8  # principal axes of the outline distance
FOLDS = 5  # distances of training images are computed from the other folds
DISTORTED = 1  # random distortions per image
SPOILED = 3  # copies per image by `cxrtk.inference.quality.spoil`; one more is spoiled and distorted
STRANGERS_EVERY = 4  # strangers are made from every fourth image

Stage = Callable[[Sequence[GridImage], str], Iterable[GridImage]]


@dataclass(frozen=True)
class Sample:
    """An observation used in the fit, its signs including the distance, and the change to the image.

    Attributes:
        seen: The observation.
        signs: All signs.
        image: Number of the image from which it was made.
        kind: ``plain``, ``spoiled`` or ``stranger``.
    """

    seen: Observation
    signs: Mapping[str, float]
    image: int
    kind: str


def fit_quality(
    predictor: Predictor,
    train: Sequence[GridImage],
    validation: Sequence[GridImage],
    *,
    seed: int,
    progress: Stage = lambda images, _: images,
) -> dict[str, Any]:
    """Fit the ``quality`` entry of a model's description; see `cxrtk.inference.quality.flag.Assessor`.

    A structure gets its own flag if enough labels determine it; for the lungs this is required.

    Raises:
        DataError: There are too few good or bad masks of the lungs.
    """
    rng = np.random.default_rng(seed)
    images = [*train, *validation]
    plain = list(observe(predictor, list(progress(images, "as they are"))))
    worse = _made_worse(predictor, progress(images, "distorted"), rng, seed)

    folds = rng.integers(FOLDS, size=len(images))
    folds[len(train) :] = FOLDS  # no distance was fitted on the validation images
    outlines = np.array([each.outline for each in plain[: len(train)]])
    shapes = [
        Distance.fit(outlines[folds[: len(train)] != fold], AXES) for fold in range(FOLDS + 1)
    ]  # the last one leaves no fold out

    def sample(number: int, kind: str, seen: Observation) -> Sample:
        shape = Distance(**shapes[folds[number]])(seen.outline)
        return Sample(seen, {**seen.signs, "shape": shape}, number, kind)

    samples = [sample(number, "plain", seen) for number, seen in enumerate(plain)]
    samples += [sample(*each) for each in worse]
    rules = {LUNGS: _fit_rule(samples, _lungs_are(samples), LUNGS)}
    for structure in (HEART, WITH_HEART):
        if structure in predictor.model.spec.classes and _enough(samples, structure):
            rules[structure] = _fit_rule(samples, structure, structure)
    quality = {**rules.pop(LUNGS), "shape": shapes[-1], "organs": rules}
    if HEART in rules:
        patients = [known.patient or str(number) for number, known in enumerate(images)]
        ratio = _fit_ratio(samples, FlagRule(**rules[HEART], structure=HEART), len(train), patients)
        quality |= {"ratio": ratio} if ratio else {}
    return quality


def _made_worse(
    predictor: Predictor, images: Iterable[GridImage], rng: np.random.Generator, seed: int
) -> list[tuple[int, str, Observation]]:
    """Distort and spoil each image, make strangers of some, and return (image number, kind, observation)."""
    spec = predictor.model.spec
    change = distortions(seed, spec.image_size, lung_indices(spec.classes))
    found: list[tuple[int, str, Observation]] = []
    for number, known in enumerate(images):
        drawn = [GridImage(*distorted(known.image, known.classes, change)) for _ in range(DISTORTED)]
        kinds = [str(kind) for kind in rng.choice(list(KINDS), SPOILED, replace=False)]
        drawn += [GridImage(*spoiled(kind, known.image, known.classes, rng)) for kind in kinds]
        drawn.append(GridImage(*spoiled(kinds[0], drawn[0].image, drawn[0].classes, rng)))
        found += [(number, "spoiled", seen) for seen in observe(predictor, drawn)]
        if number % STRANGERS_EVERY == 0:
            nothing = np.zeros_like(known.classes)
            strange = [GridImage(picture, nothing) for picture in strangers(known.image, rng).values()]
            found += [(number, "stranger", seen) for seen in observe(predictor, strange)]
    return found


def _lungs_are(samples: Sequence[Sample]) -> str:
    """Return the structure that provides the Dice of the lungs: the lungs themselves or lungs with the heart.

    The latter is used for a model that was trained only on lungs with the heart. If there are labels of the
    lungs, it would be misleading, because its Dice does not change if a lung is drawn into the heart.
    """
    return LUNGS if any(each.kind == "plain" and _known(each, LUNGS) for each in samples) else WITH_HEART


def _known(sample: Sample, structure: str) -> bool:
    return not np.isnan(sample.seen.dice.get(structure, np.nan))


def _enough(samples: Sequence[Sample], structure: str) -> bool:
    """Return whether a rule can be fitted.

    The Dice of a plain image must be known, there must be enough good and bad masks, and one of a spoiled
    image must be good.
    """
    known = [each for each in samples if _known(each, structure)]
    good = [each.kind for each in known if each.seen.dice[structure] >= GOOD[structure]]
    enough = min(len(good), len(known) - len(good)) >= FEWEST_BAD
    return enough and "spoiled" in good and any(each.kind == "plain" for each in known)


def _fit_rule(samples: Sequence[Sample], truth: str, structure: str) -> dict[str, Any]:
    """Fit the rule of a structure on the samples with a known Dice for `truth`.

    The usual ranges come from the same samples. Where the labels do not determine the structure, the model
    may have learned it badly: the hearts of children, who have no masks of the heart, would make it usual
    that a mirrored image gives another heart.
    """
    known = [each for each in samples if _known(each, truth)]
    dice = [each.seen.dice[truth] for each in known]
    usual = [each.signs for each in known if each.kind == "plain"]
    kept = [
        each.signs
        for each, value in zip(known, dice, strict=True)
        if each.kind == "spoiled" and value >= GOOD[structure]
    ]
    return fit_flag_rule(usual, [each.signs for each in known], dice, kept, structure)


def _fit_ratio(
    samples: Sequence[Sample], heart: FlagRule, trained: int, patients: Sequence[str]
) -> dict[str, float] | None:
    """Fit the interval of the cardiothoracic ratio on ``ok`` hearts outside the plain training images.

    These are the hearts of the validation images. If there are too few, hearts of spoiled images are added;
    their larger errors make the interval wider.
    """
    known = [
        each for each in samples if not np.isnan(each.seen.ratio_error) and heart(each.signs)["flag"] == "ok"
    ]
    chosen = [each for each in known if each.kind == "plain" and each.image >= trained]
    if len(chosen) < FEWEST:
        chosen += [each for each in known if each.kind == "spoiled"]
    return fit_interval(
        [each.seen.ratio_error for each in chosen],
        [each.signs["ratio_spread"] for each in chosen],
        [patients[each.image] for each in chosen],
    )
