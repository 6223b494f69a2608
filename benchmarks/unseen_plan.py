"""The trainings behind the table of sources left out: their recipes, folds, sizes and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
RECIPES = HERE / "recipes"
FOLDS = {"jsrt": ("jsrt", "jsrt512"), "openist": ("openist",), "wingspan": ("wingspan",)}
# What the ablation changes, one at a time, in the recipe of "sources".
CHANGES = (
    "area",
    "average",
    "light",
    "balance",
    "outer",
    "anatomy",
    "bases",
    "grey",
    "frame",
    "phantoms",
    "deeper",
    "larger",
    "together",
)
WINNER: tuple[str, ...] = ("anatomy",)  # kept, of the changes that were tried so far
SHIPPED: tuple[str, ...] = ("lungs",)  # the bundle of this name, in place of ``before`` and any changes


def name_of(recipe: Sequence[str]) -> str:
    """Return the changes, joined by ``+``; ``before`` where there are none."""
    return "+".join(recipe) or "before"


@dataclass(frozen=True)
class Training:
    """One network to train.

    Attributes:
        recipe: Changes laid over ``before``; none is the recipe of before, and `SHIPPED` that of today.
        fold: The source left out.
        size: Rows and columns of the network's images.
        epochs: How many.
        seed: Of the split, the weights and the augmentation.
    """

    recipe: tuple[str, ...]
    fold: str
    size: int
    epochs: int
    seed: int = 0

    @property
    def recipe_name(self) -> str:
        """See `name_of`."""
        return name_of(self.recipe)

    @property
    def name(self) -> str:
        """As its run and its results are called."""
        return f"{self.recipe_name}-{self.fold}-{self.size}px-{self.epochs}ep-seed{self.seed}"


def plan(name: str, size: int | None, epochs: int | None) -> list[Training]:
    """The trainings of a plan, those that matter most first."""
    if name == "ablation":
        recipes: list[tuple[str, ...]] = [("sources",), *(("sources", change) for change in CHANGES), ()]
        folds, seeds, size, epochs = ("wingspan", "jsrt"), (0,), size or 128, epochs or 40
    elif name == "winner":
        recipes = [("sources", *WINNER)]
        folds, seeds, size, epochs = ("wingspan", "jsrt"), (0,), size or 128, epochs or 40
    else:
        recipes = [SHIPPED, ()]
        folds, seeds, size, epochs = tuple(FOLDS), (0, 1, 2), size or 256, epochs or 40
    return [
        Training(recipe, fold, size, epochs, seed) for seed in seeds for recipe in recipes for fold in folds
    ]


def configs(training: Training) -> list[Path]:
    """The bundle and what is laid over it."""
    bundles = HERE.parent / "bundles"
    if training.recipe == SHIPPED:
        return [bundles / "unet_cxr.json", bundles / "lungs.json"]
    return [bundles / "unet_cxr.json"] + [RECIPES / f"{name}.json" for name in ("before", *training.recipe)]
