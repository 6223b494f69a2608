"""Contract of the masks of an image, and of their provenance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TRUTHS = ("human", "generated", "model", "exact")
HEARTS = ("excluded", "included", "unknown")


@dataclass(frozen=True, eq=False)
class Label:
    """The masks of one radiograph, and their provenance.

    Attributes:
        masks: (C, H, W) uint8 in {0, 1}, one channel per class; H and W are the radiograph's.
        classes: C names: ``("lungs",)``, or ``("right_lung", "left_lung")``, with ``"heart"`` and so on.
            Right and left are the patient's.
        truth: ``human``, ``generated`` (by thresholds), ``model`` (by a network), or ``exact`` (known by
            construction, as on a phantom). Only ``human`` and ``exact`` are ground truth; the others are weak
            labels.
        heart: Whether the lung mask includes the heart: ``excluded``, ``included`` or ``unknown``.
        ignore: (H, W) uint8 in {0, 1}, 1 where a pixel is excluded from scoring; ``None`` to score all
            pixels.

    Raises:
        ValueError: Any of the above does not hold.
    """

    masks: npt.NDArray[np.uint8]
    classes: tuple[str, ...]
    truth: str
    heart: str = "unknown"
    ignore: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        if self.masks.ndim != 3 or self.masks.dtype != np.uint8:
            raise ValueError(
                f"Label.masks must be (C, H, W) uint8, not {self.masks.shape} {self.masks.dtype}."
            )
        if self.masks.size == 0 or self.masks.max() > 1:
            raise ValueError("Label.masks must hold 0 and 1 only, and must not be empty.")
        if len(self.classes) != self.masks.shape[0] or len(set(self.classes)) < len(self.classes):
            raise ValueError(
                f"Label needs {self.masks.shape[0]} different classes, one a mask, not {self.classes}."
            )
        if self.truth not in TRUTHS:
            raise ValueError(f"Label.truth must be one of {TRUTHS}, not {self.truth!r}.")
        if self.heart not in HEARTS:
            raise ValueError(f"Label.heart must be one of {HEARTS}, not {self.heart!r}.")
        if self.ignore is None:
            return
        if self.ignore.shape != self.masks.shape[1:] or self.ignore.dtype != np.uint8:
            raise ValueError(
                f"Label.ignore must be {self.masks.shape[1:]} uint8 as the masks are, "
                f"not {self.ignore.shape} {self.ignore.dtype}."
            )
        if self.ignore.max() > 1:
            raise ValueError("Label.ignore must hold 0 and 1 only.")

    def lungs(self) -> npt.NDArray[np.uint8]:
        """Return both lungs in one mask, (H, W) uint8 in {0, 1}, never including the heart.

        Raises:
            ValueError: The label holds neither ``lungs`` nor both single lungs.
        """
        wanted = ["lungs"] if "lungs" in self.classes else ["right_lung", "left_lung"]
        if not set(wanted) <= set(self.classes):
            raise ValueError(f"A label of the classes {self.classes} holds no complete lungs.")
        first, *others = (self.masks[self.classes.index(name)] for name in wanted)
        lungs: npt.NDArray[np.uint8] = np.maximum(first, others[0]) if others else first.copy()
        return lungs
