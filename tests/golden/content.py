"""A file -> what is compared of it: its text, or what it is and the digest of what it holds."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
import torch
from PIL import Image
from safetensors import safe_open

TEXTS = (".csv", ".json", ".jsonl", ".md", ".txt", ".py", ".yaml", ".yml")
SHADES = ("_cam.png", "_gradcam.png", "sanity.png")
DIGITS = 16  # of a digest
Normaliser = Callable[[str], str]


@dataclass(frozen=True)
class Content:
    """What is compared of a file.

    Attributes:
        text: Its normalised text, or a description of it.
        inside: Digest of what it holds, apart from how it is packed: pixels, tensors, arrays. Empty for a
            text, all of which is compared, and for a map in colours, whose shades depend on the processor.
        bytes: Digest of the file; empty for a text, and where versions or paths are part of it.
    """

    text: str
    inside: str = ""
    bytes: str = ""


def content_of(path: Path, normalise: Normaliser) -> Content:
    """Look into a file; one of an unknown kind is its bytes alone."""
    name = path.name.lower()
    if name.endswith(TEXTS):
        return Content(normalise(path.read_bytes().decode()))
    for endings, look in KINDS.items():
        if name.endswith(endings):
            return look(path, normalise)
    return Content(f"{path.stat().st_size} bytes", digest(path.read_bytes()), digest(path.read_bytes()))


def digest(content: bytes) -> str:
    """The first digits of the SHA-256."""
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def _picture(path: Path, _: Normaliser) -> Content:
    with Image.open(path) as image:
        about = f"{image.format} {image.mode} {image.width} x {image.height}"
        inside = "" if path.name.endswith(SHADES) else digest(image.tobytes())
        return Content(about, inside, digest(path.read_bytes()))


def _drawing(path: Path, normalise: Normaliser) -> Content:
    """An SVG, whose text is drawn as curves."""
    return Content("SVG", digest(normalise(path.read_text(encoding="utf-8")).encode()))


def _page(path: Path, normalise: Normaliser) -> Content:
    source = normalise(path.read_text(encoding="utf-8"))
    reader = _Visible()
    reader.feed(source)
    reader.close()
    return Content("\n".join(reader.lines()) + "\n", digest(source.encode()))


def _arrays(path: Path, _: Normaliser) -> Content:
    with np.load(path, allow_pickle=False) as held:
        about = "".join(f"{name}: {_array(held[name])}\n" for name in held.files)
        inside = digest(b"".join(held[name].tobytes() for name in held.files))
    return Content(about, inside, digest(path.read_bytes()))


def _array_file(path: Path, _: Normaliser) -> Content:
    array = np.load(path, allow_pickle=False)
    return Content(_array(array), digest(array.tobytes()), digest(path.read_bytes()))


def _array(array: np.ndarray[Any, Any]) -> str:
    return f"{array.dtype} {'x'.join(map(str, array.shape))}"


def _nifti(path: Path, _: Normaliser) -> Content:
    image = nibabel.load(path)
    header = image.header
    spacing = " x ".join(f"{float(side):g}" for side in header.get_zooms())
    about = (
        f"NIfTI {header.get_data_dtype()} {image.shape}, {spacing} mm\n{np.asarray(image.affine).tolist()}"
    )
    raw = path.read_bytes()
    return Content(about, digest(gzip.decompress(raw) if path.suffix == ".gz" else raw), digest(raw))


def _dicom(path: Path, normalise: Normaliser) -> Content:
    held = pydicom.dcmread(path)
    pixels = bytes(held.pop("PixelData").value) if "PixelData" in held else b""
    text = normalise(re.sub(r"(?<=\S) {2,}", " ", f"{held}\n"))
    inside = digest(text.encode() + pixels)
    return Content(f"{text}{len(pixels)} bytes of pixels\n", inside, digest(path.read_bytes()))


def _model(path: Path, normalise: Normaliser) -> Content:
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    about = {key: json.loads(text) if text.startswith("{") else text for key, text in header.items()}
    text = normalise(json.dumps(about, indent=1, sort_keys=True, ensure_ascii=False))
    return Content(f"{text}\n{len(tensors)} tensors\n", _tensors(tensors), digest(path.read_bytes()))


def _weights(path: Path, _: Normaliser) -> Content:
    held = torch.load(path, weights_only=True)
    tensors = held.get("model", held)
    return Content(f"{len(tensors)} tensors\n", _tensors(tensors), digest(path.read_bytes()))


def _tensors(tensors: dict[str, torch.Tensor]) -> str:
    every = (
        (f"{name} {_array(each.numpy())}".encode(), each.numpy().tobytes()) for name, each in tensors.items()
    )
    return digest(b"".join(part for pair in every for part in pair))


class _Visible(HTMLParser):
    """The text of a page as it is read: no script, no style, no picture."""

    HIDDEN = ("script", "style", "svg", "template")
    INLINE = ("a", "b", "span", "td", "th", "code", "em", "strong", "label", "option", "button")

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self.HIDDEN
        self._parts.append(" " if tag in self.INLINE else "\n")
        if tag == "img":
            self._parts.append(f"[picture {dict(attrs).get('alt') or ''}]")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self.HIDDEN
        self._parts.append(" " if tag in self.INLINE else "\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(data)

    def lines(self) -> Iterator[str]:
        """One for each paragraph and row, without spaces that do not show."""
        for line in "".join(self._parts).split("\n"):
            if line.strip():
                yield " ".join(line.split())


KINDS: dict[tuple[str, ...], Callable[[Path, Normaliser], Content]] = {
    (".png", ".jpg"): _picture,
    (".svg",): _drawing,
    (".html",): _page,
    (".npz",): _arrays,
    (".npy",): _array_file,
    (".nii", ".nii.gz"): _nifti,
    (".dcm",): _dicom,
    (".safetensors",): _model,
    (".pt",): _weights,
}
