"""Radiographs from any source: a path, bytes, an open file, a pydicom dataset, an array."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from cxrtk.api import Radiograph
from cxrtk.data.pixels.dispatch import read as read_path
from cxrtk.errors import ConfigError, CxrReadError

if TYPE_CHECKING:
    from pydicom import Dataset

EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"


def read(source: str | Path | bytes | BinaryIO | Dataset, **settings: Any) -> Radiograph:
    """Read one radiograph; the format is detected by content.

    >>> from pydicom.data import get_testdata_file
    >>> path = get_testdata_file("RG1_UNCI.dcm", download=False)
    >>> with open(path, "rb") as file:
    ...     radiograph = read(file)
    >>> radiograph.pixels.shape, float(radiograph.pixels.min()) >= 0
    ((1955, 1841), True)

    Args:
        source: Path of a PNG, JPEG, DICOM or NIfTI file, its bytes, a file opened in binary mode (read from
            its current position to the end), or a pydicom dataset with pixel data.
        settings: Settings for DICOM files: ``modalities``, ``voi`` and ``refuse``; see `cxrtk.pixels.read`.

    Returns:
        (H, W) float32 in [0, 1], upright, brighter is denser, with its spacing and its provenance.

    Raises:
        CxrReadError: The source cannot be read; the message names the path, or the kind of the source.
        ConfigError: The source has an unsupported type.
    """
    if isinstance(source, str | Path):
        return read_path(source, **settings)
    content, name = _content_of(source)
    with _as_file(content) as path:
        try:
            return read_path(path, **settings)
        except CxrReadError as error:
            error.path = name  # not that of a temporary file
            raise


def radiograph_of(
    values: npt.ArrayLike, value_range: tuple[float, float] | None, name: str = "an array"
) -> Radiograph:
    """Create a radiograph from an array or tensor.

    Args:
        values: (H, W), upright, brighter is denser; any numeric type.
        value_range: Values of black and white: ``(0, 255)`` for 8 bits, ``(0, 1)`` for probabilities; the
            range of the type, not of this image.
        name: Name for error messages.

    Raises:
        ConfigError: The range is missing or invalid.
        CxrReadError: The array is not (H, W), is empty, or has values that are not finite or out of range.
    """
    if value_range is None:
        raise ConfigError(f"State the values of black and white in {name}: value_range=(0, 255) for 8 bits.")
    low, high = (float(end) for end in value_range)
    if not (np.isfinite([low, high]).all() and low < high):
        raise ConfigError(f"value_range must be (black, white) with black < white, not {value_range}.")
    pixels = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, dtype=np.float64)
    if pixels.ndim != 2 or not pixels.size:
        raise CxrReadError(name, f"has the shape {pixels.shape}, not (H, W)", code="size")
    if not np.isfinite(pixels).all():
        raise CxrReadError(name, "holds values that are not finite", code="values")
    if pixels.min() < low or pixels.max() > high:
        what = (
            f"holds values from {pixels.min():g} to {pixels.max():g}, outside value_range {low:g} to {high:g}"
        )
        raise CxrReadError(name, what, code="values")
    return Radiograph(((pixels - low) / (high - low)).astype(np.float32), None, None, {})


def _content_of(source: Any) -> tuple[bytes, str]:
    """Return the bytes of a source, and its name for error messages."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), "<bytes>"
    if hasattr(source, "read"):
        content = source.read()
        if not isinstance(content, bytes):
            raise ConfigError("A file must be open for reading bytes: open(path, 'rb').")
        return content, str(getattr(source, "name", "") or "<file>")
    if type(source).__module__.partition(".")[0] == "pydicom" and hasattr(source, "save_as"):
        return _dicom_bytes(source), "<dataset>"
    kind = type(source).__name__
    raise ConfigError(
        f"Cannot read a radiograph from {kind}; give a path, bytes, a file or a pydicom dataset."
    )


def _dicom_bytes(dataset: Any) -> bytes:
    """Serialise a dataset; the caller's own is left unchanged."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID

    meta = getattr(dataset, "file_meta", None)
    syntax = getattr(meta, "TransferSyntaxUID", None) or EXPLICIT_LITTLE_ENDIAN
    copy = Dataset()
    copy.update(dataset)
    copy.file_meta = FileMetaDataset()
    copy.file_meta.TransferSyntaxUID = UID(syntax)
    for keyword, default in (("SOPClassUID", "1.2.840.10008.5.1.4.1.1.1"), ("SOPInstanceUID", "2.25.1")):
        setattr(copy.file_meta, f"MediaStorage{keyword}", dataset.get(keyword) or default)
    buffer = io.BytesIO()
    try:
        copy.save_as(buffer, enforce_file_format=True)
    except (AttributeError, ValueError, TypeError, KeyError) as error:
        what = f"cannot be written as a DICOM file: {' '.join(str(error).split())}"
        raise CxrReadError("<dataset>", what, code="damaged") from error
    return buffer.getvalue()


@contextmanager
def _as_file(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cxrtk-") as folder:
        path = Path(folder) / "radiograph"
        path.write_bytes(content)
        yield path
