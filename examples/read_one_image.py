"""From one file to a mask and a picture, without any bundle.

python examples/read_one_image.py dicom FILE.dcm mean_threshold picture.png
"""

import sys
from pathlib import Path

import torch
from PIL import Image

from cxrtk import masks, readers
from cxrtk.data.overlay import overlay


def main(reader: str, image: str, generator: str, picture: str) -> None:
    """Read `image`, make a mask of it, and draw one over the other."""
    radiograph = readers.create(reader, root=str(Path(image).parent)).read(image)
    mask = masks.create(generator)(torch.from_numpy(radiograph.pixels)[None])[0].numpy()
    Image.fromarray(overlay(radiograph.pixels, mask)).save(picture)
    height, width = radiograph.pixels.shape
    print(f"{width} x {height} pixels, spacing {radiograph.spacing_mm} mm ({radiograph.spacing_source})")
    print(f"lungs: {mask.mean():.1%} of the image, see {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:])
