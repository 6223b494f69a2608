"""Make masks regular: the nearest ones that a linear model of other masks' shapes can draw.

    python benchmarks/shape_model.py --teach MASKS --masks MASKS --output DIR [--share 0.95]

--teach are masks whose shapes count as possible, --masks those to be made regular; both are folders of
PNG images, 0 outside. Written are masks of the same names and sizes, of 0 and 255.

The model is that of Leventon, Grimson and Faugeras (Statistical shape influence in geodesic active
contours, CVPR 2000): each mask is the signed distance to its outline, on a grid of SIZE x SIZE pixels;
the principal components of those distances that hold a share of their variance span the shapes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from scipy.ndimage import distance_transform_edt

SIZE = 128
SHARE = 0.95

Distances = NDArray[np.float64]


def signed_distance(mask: NDArray[np.bool_]) -> Distances:
    """(H, W) mask -> pixels to its outline: positive inside, negative outside.

    Raises:
        ValueError: The mask has no outline, as it is empty or full.
    """
    if mask.all() or not mask.any():
        raise ValueError("an empty or full mask has no outline")
    return np.asarray(distance_transform_edt(mask)) - np.asarray(distance_transform_edt(~mask))


@dataclass(frozen=True)
class ShapeModel:
    """A mean and orthonormal directions, (H, W) and (K, H, W), of signed distances."""

    mean: Distances
    directions: Distances

    @classmethod
    def fit(cls, shapes: Iterable[Distances], share: float = SHARE) -> ShapeModel:
        """The fewest principal components that hold `share` (0 to 1) of the shapes' variance."""
        stacked = np.stack(list(shapes))
        mean = stacked.mean(axis=0)
        centred = (stacked - mean).reshape(len(stacked), -1)
        _, singular, rows = np.linalg.svd(centred, full_matrices=False)
        held = np.cumsum(singular**2) / np.sum(singular**2)
        count = int(np.searchsorted(held, share - 1e-12)) + 1
        return cls(mean, rows[:count].reshape(count, *mean.shape))

    def project(self, shape: Distances) -> Distances:
        """The nearest shape of the model, by the sum of squared differences."""
        weights = np.tensordot(self.directions, shape - self.mean, axes=([1, 2], [0, 1]))
        return self.mean + np.tensordot(weights, self.directions, axes=1)


def read(path: Path) -> Distances:
    """A mask's signed distances on the grid."""
    with Image.open(path) as image:
        outline = image.convert("L").point(lambda value: 255 if value else 0)
    small = np.asarray(outline.resize((SIZE, SIZE), Image.Resampling.BOX)) > 127
    return signed_distance(small)


def write(shape: Distances, size: tuple[int, int], path: Path) -> None:
    """The mask of a shape at (width, height), 0 and 255."""
    large = np.asarray(Image.fromarray(shape.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.where(large > 0, 255, 0).astype(np.uint8)).save(path)


def make_regular(teach: Path, masks: Path, output: Path, share: float = SHARE) -> int:
    """Write the regular mask of each of `masks`; the number of components."""
    model = ShapeModel.fit([read(path) for path in sorted(teach.rglob("*.png"))], share)
    for path in track(sorted(masks.rglob("*.png")), "Masks"):
        with Image.open(path) as image:
            size = image.size
        try:
            shape = model.project(read(path))
        except ValueError:  # nothing was found: a shape drawn from nothing would be the mean lungs
            shape = np.full_like(model.mean, -1.0)
        write(shape, size, output / path.relative_to(masks))
    return len(model.directions)


def main() -> None:
    """Read, fit, project, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--teach", type=Path, required=True, help="masks whose shapes are possible")
    parser.add_argument("--masks", type=Path, required=True, help="masks to make regular")
    parser.add_argument("--output", type=Path, required=True, help="folder for the regular masks")
    parser.add_argument("--share", type=float, default=SHARE, help="of the variance, 0 to 1")
    options = parser.parse_args()
    count = make_regular(options.teach, options.masks, options.output, options.share)
    print(f"{count} components hold {options.share:.0%} of the variance of the shapes in {options.teach}.")


if __name__ == "__main__":
    main()
