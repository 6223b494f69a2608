"""The disk cache of prepared images at scale: seconds to fill, to stream, and memory by the number of images.

    python benchmarks/cache.py --images 10000 --workers 2

Smooth noise of 256 x 256 pixels with a mask is prepared by the transforms of `bundles/unet_cxr.json` and
kept; then an epoch is streamed in random order. Memory is resident, read at every tenth of the epoch, and
its slope is a straight line through the second half of them, since caches of the allocator grow at first.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from configs import shipped_config
from monai.data.dataloader import DataLoader
from monai.transforms.compose import Compose
from PIL import Image

from cxrtk import readers
from cxrtk.data import DiskCacheDataset
from cxrtk.data.fill_cache import fill

ALL = 112_120  # images of ChestX-ray14
MB = 1024 * 1024


def resident() -> float:
    """Resident memory of this process, MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB


def processor() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def write_images(folder: Path, count: int, size: int) -> None:
    """Write noise that is smooth over 16 pixels, with a mask of its bright part."""
    for sub in ("images", "masks"):
        (folder / sub).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (size // 16, size // 16), dtype=np.uint8))
        picture = coarse.resize((size, size), Image.Resampling.BICUBIC)
        picture.save(folder / "images" / f"{number:06}.png", compress_level=1)
        picture.point(lambda grey: 255 if grey > 128 else 0).save(folder / "masks" / f"{number:06}.png")


def transforms(reader: Any, size: int) -> Compose:
    """Steps of the bundle up to the first random one."""
    config = shipped_config("unet_cxr", reader=reader, image_size=size)
    return Compose(config.get_parsed_content("train#deterministic_transforms"))


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Fill, stream, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch_size", type=int, default=16)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "set")
        write_images(folder, args.images, args.image_size)
        reader = readers.create("image_mask_folder", root=str(folder))
        entries = [{"image": str(item["image"]), "label": item} for item in reader.items()]
        dataset = DiskCacheDataset(entries, transforms(reader, args.image_size), Path(temporary, "c"), reader)
        began, used = time.perf_counter(), processor()
        filled = fill(dataset, args.workers)
        fill_wall, fill_used = time.perf_counter() - began, processor() - used
        loader = DataLoader(dataset, batch_size=args.batch_size, shuffle=True, num_workers=0)
        seen, memory, images = 0, [], []
        used, step = processor(), max(1, len(loader) // 10)
        for number, batch in enumerate(loader, 1):
            seen += len(batch["image"])
            if number % step == 0:
                memory.append(resident())
                images.append(seen)
        stream = (processor() - used) / seen
        half = len(memory) // 2
        slope = float(np.polyfit(images[half:], memory[half:], 1)[0]) if len(memory) - half > 1 else 0.0
        disk = sum(file.stat().st_size for file in Path(temporary, "c").rglob("*.pt")) / filled / 1e6
    found = {
        "images": filled,
        "fill_images_per_second": filled / fill_wall,
        "fill_ms": 1000 * fill_used / filled,
        "stream_ms": 1000 * stream,
        "memory_mb": memory[-1],
        "slope_kb_per_image": 1024 * slope,
        "disk_mb": disk,
    }
    print(f"{'':24}{torch.get_num_threads()} threads, {args.workers} processes fill")
    for name, value in found.items():
        print(f"{name:24}{value:12.3f}")
    print(f"{ALL} images: {ALL * disk / 1000:.0f} GB of disk, {memory[-1] + ALL * slope:.0f} MB of memory")
    return found


if __name__ == "__main__":
    main()
