"""Backends against torch in 32 bits, on real radiographs: masks, flags and time.

    pip install -e ".[openvino,onnxruntime]"
    python benchmarks/backends.py --images 300 -o benchmarks/results/backends.json
    python benchmarks/backends.py --layouts --model FILE    # contiguous against channels-last, by torch

The images are spread evenly over all sources of the data folder, labelled or not: what counts is whether a
backend gives the masks and the flags of torch in 32 bits. Dice is that of each class on each image where
either has it; a flag is equal if all of its organs' are. Time is the processor time of one view in a batch of
four at the network's size, with one thread; the backends take turns. Int8 is quantised by ONNX Runtime
itself, with every eighth image to calibrate it, and is in no backend of cxrtk unless it passes.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from cxrtk import CxrReadError, Radiograph, Segmentation, pixels
from cxrtk.inference.quality.overlap import dice
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.backends.base import BF16, FP32, Outputs
from cxrtk.models.backends.choice import CONVERTED, TORCH, installed
from cxrtk.models.backends.onnxruntime_backend import FILE, IMAGES, convert
from cxrtk.models.find import find_model
from cxrtk.models.model_file import Model
from cxrtk.models.probe import probe_images
from cxrtk.process.device import cpu_has_bf16
from cxrtk.process.machine import host, now, versions

FOLDERS = (
    "jsrt", "jsrt512", "openist", "wingspan", "covid_v7", "kermany_v7", "nih", "dicom", "not_chest",
    "not_frontal",
)  # fmt: skip
SUFFIXES = (".png", ".dcm", ".jpg", ".jpeg")
BATCH, REPEATS, EIGHTH = 4, 9, 8
SOUND_DICE, SOUND_FLAGS = 0.9995, 0.995  # what a backend must reach


def radiographs(data: Path, count: int) -> Iterator[Radiograph]:
    """Read about `count` images, evenly spread over the sources; what is no radiograph is left out."""
    for folder in FOLDERS:
        root = data / folder / "images" if (data / folder / "images").is_dir() else data / folder
        files = [path for path in sorted(root.rglob("*")) if path.suffix.lower() in SUFFIXES]
        files = [path for path in files if "mask" not in str(path.relative_to(data)).lower()]
        wanted = max(1, count // len(FOLDERS))
        for number in np.linspace(0, len(files) - 1, min(wanted, len(files))).round().astype(int):
            try:
                yield pixels.read(files[number])
            except CxrReadError as error:
                print(f"left out: {error}")


class Int8:
    """The ONNX program, quantised by ONNX Runtime."""

    name, precision = "onnxruntime", "int8"

    def __init__(self, model: Model, layer: str, prepared: Sequence[torch.Tensor]) -> None:
        import onnxruntime
        from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process

        class Reader(CalibrationDataReader):  # type: ignore[misc]
            def __init__(self) -> None:
                self.left = iter(prepared)

            def get_next(self) -> dict[str, Any] | None:
                """Return the next image for the calibration."""
                image = next(self.left, None)
                return None if image is None else {IMAGES: image[None].numpy()}

        with TemporaryDirectory() as folder:
            convert(model, layer, Path(folder))
            program = Path(folder) / FILE
            quant_pre_process(program, program.with_name("p.onnx"))
            quantize_static(
                program.with_name("p.onnx"),
                program.with_name("q.onnx"),
                Reader(),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
            )
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = torch.get_num_threads()
            self._session = onnxruntime.InferenceSession(
                program.with_name("q.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
            )

    def __call__(self, images: torch.Tensor) -> Outputs:
        """Compute the outputs, as every backend."""
        found = [torch.from_numpy(each) for each in self._session.run(None, {IMAGES: images.numpy()})]
        return Outputs(*found)


def candidates(model: Model, images: Sequence[Radiograph], *, int8: bool) -> dict[str, Segmenter]:
    """A segmenter for each backend and precision that this machine has; torch in 32 bits is the first."""
    made = {}
    for name in installed():
        precisions = [FP32] if name == "onnxruntime" or not cpu_has_bf16() else [FP32, BF16]
        for precision in precisions:
            made[f"{name} {precision}"] = Segmenter(model, backend=name, precision=precision)
    if int8 and "onnxruntime" in installed():
        quantised = Segmenter(model, backend=TORCH, precision=FP32)
        prepared = [quantised.predictor.prepare(each.pixels) for each in images[::EIGHTH]]
        quantised.predictor.backend = Int8(model, str(model.spec.quality.get("layer") or ""), prepared)
        made["onnxruntime int8"] = quantised
    return made


def flags(found: Segmentation) -> Any:
    """The flags of one image: overall and of each organ."""
    return found.quality.get("flag"), found.quality.get("organs")


def compared(reference: Segmentation, found: Segmentation) -> list[float]:
    """Dice of each class that either has."""
    pairs = zip(reference.masks, found.masks, strict=True)
    return [dice(one, other) for one, other in pairs if one.any() or other.any()]


def milliseconds(calls: Mapping[Any, Callable[[], object]]) -> dict[Any, float]:
    """Processor time of a view by calls that compute `BATCH` views, in turns; the median of the repeats."""
    times: dict[Any, list[float]] = {name: [] for name in calls}
    for _ in range(REPEATS + 1):
        for name, call in calls.items():
            begin = time.process_time()
            call()
            times[name].append((time.process_time() - begin) / BATCH * 1000)
    return {name: median(each[1:]) for name, each in times.items()}


def views(model: Model) -> torch.Tensor:
    """A batch of the known input of a model's network."""
    return probe_images(model.spec.in_channels, model.spec.image_size).repeat(BATCH, 1, 1, 1)


@torch.no_grad()
def layouts(model: Model) -> str:
    """Milliseconds of processor time of a view by torch, in each precision and layout, as a table."""
    formats = (torch.contiguous_format, torch.channels_last)
    images = {each: views(model).contiguous(memory_format=each) for each in formats}

    def run(precision: str, layout: torch.memory_format) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == BF16):
            model.network(images[layout])

    precisions = (FP32, BF16) if cpu_has_bf16() else (FP32,)
    cost = milliseconds({way: partial(run, *way) for way in product(precisions, formats)})
    lines = ["| precision | contiguous, ms a view | channels-last, ms a view |", "| --- | --- | --- |"]
    for precision in precisions:
        lines.append(f"| {precision} | {' | '.join(f'{cost[precision, each]:.1f}' for each in formats)} |")
    return "\n".join(lines)


def measure(model: Model, images: Sequence[Radiograph], *, int8: bool) -> list[dict[str, Any]]:
    """One row a backend and precision."""
    segmenters = candidates(model, images, int8=int8)
    reference = next(iter(segmenters))
    overlaps: dict[str, list[float]] = {name: [] for name in segmenters}
    equal = dict.fromkeys(segmenters, 0)
    furthest = dict.fromkeys(segmenters, 0.0)
    for image in tqdm(images):
        expected = segmenters[reference].segment(image)
        for name, segmenter in segmenters.items():
            found = segmenter.segment(image)
            overlaps[name] += compared(expected, found)
            equal[name] += flags(found) == flags(expected)
            distance = float(np.abs(found.probabilities - expected.probabilities).max())
            furthest[name] = max(furthest[name], distance)
    batch = views(model)
    cost = milliseconds({name: partial(each.predictor.backend, batch) for name, each in segmenters.items()})
    return [
        {
            "backend": name,
            "ms": cost[name],
            "faster": cost[reference] / cost[name],
            "dice": float(np.mean(overlaps[name])),
            "lowest_dice": min(overlaps[name]),
            "flags_equal": equal[name] / len(images),
            "largest_difference": furthest[name],
            "sound": float(np.mean(overlaps[name])) >= SOUND_DICE
            and equal[name] >= SOUND_FLAGS * len(images),
        }
        for name in segmenters
    ]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """In markdown."""
    lines = [
        "| backend | ms a view | faster | Dice to torch fp32 | lowest | flags equal | largest difference |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row['backend']} | {row['ms']:.1f} | {row['faster']:.2f} | {row['dice']:.5f} | "
        f"{row['lowest_dice']:.4f} | {row['flags_equal']:.1%} | {row['largest_difference']:.2g} |"
        for row in rows
    ]
    return "\n".join(lines)


def write(path: Path, model: Model, images: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of a table as JSON, with what they depend on."""
    about = {"at": now(), "cpu": host()["cpu"], "versions": versions(), "images": images}
    path.write_text(json.dumps({**about, "model": model.about, "rows": rows}, indent=1) + "\n")


def main() -> None:
    """Compare the backends of this machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs")
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--int8", action="store_true", help="Also try ONNX Runtime's static quantisation.")
    parser.add_argument("--layouts", action="store_true", help="Only time the layouts of images by torch.")
    parser.add_argument("--output", "-o", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = Path(os.environ.get("CXRTK_DATA", "../shared/data"))
    model = find_model(options.model)
    if options.layouts:
        print(f"{options.model}, {host()['cpu']}\n{layouts(model)}")
        return
    images = list(radiographs(data, options.images))
    rows = measure(model, images, int8=options.int8)
    missing = sorted(set(CONVERTED) - set(installed()))
    print(f"{options.model}, {len(images)} images, {host()['cpu']}; not installed: {missing or 'none'}")
    print(table(rows))
    if options.output:
        write(options.output, model, len(images), rows)


if __name__ == "__main__":
    main()
