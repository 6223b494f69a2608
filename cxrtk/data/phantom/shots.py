"""Plan of a phantom set: patients and their number of images, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cxrtk.data.phantom.draw import Phantom, draw
from cxrtk.errors import ConfigError

_PATIENTS = 0.75  # patients per image; 0.27 in the 112,120 images of the NIH, too few for a small set
_MOST = 99_999

# With findings: patients with an artificially widened heart, besides those with cardiomegaly by build; images
# with 0, 1, 2 and 3 other findings; and the weights of each. Together half of the images show none.
_WIDE_HEARTS = 0.06
_NUMBER = (0.64, 0.22, 0.11, 0.03)
_KINDS = {"Nodule": 0.24, "Mass": 0.2, "Effusion": 0.22, "Consolidation": 0.2, "Pneumothorax": 0.14}


@dataclass(frozen=True)
class Shot:
    """One image of a set; ``shot.draw(size)`` draws it.

    Attributes:
        patient: Patient number, from 1.
        follow_up: Index of the image among those of the patient, from 0.
        seed: Seed of pose, exposure and noise.
        patient_seed: Seed of the build.
        inverted: True if the image is stored as a negative.
        findings: Findings to plant; ``None`` where findings are not requested.
    """

    patient: int
    follow_up: int
    seed: int
    patient_seed: int
    inverted: bool = False
    findings: tuple[str, ...] | None = None

    @property
    def stem(self) -> str:
        """File name without suffix, in the NIH's scheme: ``00000001_000``."""
        return f"{self.patient:08d}_{self.follow_up:03d}"

    def draw(self, size: int) -> Phantom:
        """Draw the image with `size` rows and columns."""
        return draw(
            self.seed,
            size,
            inverted=self.inverted,
            patient_seed=self.patient_seed,
            findings=self.findings,
        )


def shots(count: int, seed: int, inverted: float = 0.0, findings: bool = False) -> list[Shot]:
    """Plan `count` images of 0.75 x `count` patients, in the order of their stems.

    Args:
        count: Number of images.
        seed: Seed of the whole set.
        inverted: Fraction of the images stored as negatives.
        findings: Plant findings; the rest of the images is unchanged.

    Raises:
        ConfigError: `count` is not between 1 and 99,999, `seed` is negative, or `inverted` is outside [0, 1].
    """
    if not 1 <= count <= _MOST or seed < 0:
        raise ConfigError(
            f"A phantom set needs a count from 1 to {_MOST} and a seed of 0 or more, not {count} and {seed}."
        )
    if not 0 <= inverted <= 1:
        raise ConfigError(f"The share of inverted phantoms must be between 0 and 1, not {inverted}.")
    patients = max(1, round(_PATIENTS * count))
    again = np.random.default_rng([2, seed]).integers(0, patients, count - patients)
    images = 1 + np.bincount(again, minlength=patients)
    first = seed * (_MOST + 1)
    numbers = iter(range(first, first + count))
    negative = iter(np.random.default_rng([3, seed]).random(count) < inverted)
    made = [
        Shot(patient + 1, follow_up, next(numbers), first + patient, bool(next(negative)))
        for patient in range(patients)
        for follow_up in range(images[patient])
    ]
    return _with_findings(made, seed) if findings else made


def _with_findings(plain: list[Shot], seed: int) -> list[Shot]:
    """Add random findings to each image; cardiomegaly affects all images of a patient."""
    rng = np.random.default_rng([5, seed])
    wide = rng.random(plain[-1].patient) < _WIDE_HEARTS
    names, shares = list(_KINDS), np.array(list(_KINDS.values()))
    made = []
    for shot in plain:
        many = int(rng.choice(len(_NUMBER), p=_NUMBER))
        drawn = [str(name) for name in rng.choice(names, many, replace=False, p=shares)]
        heart = ["Cardiomegaly"] if wide[shot.patient - 1] else []
        made.append(replace(shot, findings=(*heart, *drawn)))
    return made
