"""Results of one radiograph as rows of a table: printed by `cxrtk segment`, and shown by `cxrtk report`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrtk.classes import in_words
from cxrtk.errors import DataError

if TYPE_CHECKING:
    from cxrtk.passes.manifest import Entry

PIXELS_OF = {"inverted": "inverted, as the file requires", "as stored": "as stored"}
Row = tuple[str, str]


def rows_of(entry: Entry, output: Path) -> list[Row]:
    """Return all rows of the table: the `answers`, and the files written.

    Args:
        entry: Entry of the radiograph in the manifest of `cxrtk segment`.
        output: Folder of the results.

    Raises:
        DataError: The JSON file among the results cannot be read.
    """
    return [*answers(entry, output), *(("written", str(output / name)) for name in sorted(entry.outputs))]


def answers(entry: Entry, output: Path) -> list[Row]:
    """Return the results as label and text: flag, measures, what the file states, and the model.

    A row without a label continues the one above it.

    Args:
        entry: Entry of the radiograph in the manifest of `cxrtk segment`.
        output: Folder of the results.

    Raises:
        DataError: The JSON file among the results cannot be read.
    """
    measures, quality = entry.row.get("measures") or {}, entry.row.get("quality") or {}
    rows = [("image", entry.input)]
    if entry.status == "failed":
        rows.append(("failed", entry.reason))
    if quality:
        rows += _flag(quality)
    if measures:
        rows += [_ratio(measures), *_areas(measures), _spacing(measures)]
    rows += _file(entry, output)
    name = " ".join(str(entry.model[key]) for key in ("name", "version") if entry.model.get(key))
    return [*rows, ("model", name)] if name else rows


def _flag(quality: Mapping[str, Any]) -> Iterator[Row]:
    yield "quality flag", f"{quality['flag']}, score {quality['score']:.2f}"
    for reason in quality.get("reasons", ()):
        yield "", str(reason)


def _ratio(measures: Mapping[str, Any]) -> Row:
    ratio, interval = (measures.get(f"cardiothoracic_{name}") for name in ("ratio", "interval"))
    reason, note = (measures.get(f"cardiothoracic_{name}") for name in ("reason", "note"))
    if ratio is None:
        text = f"withheld: {reason}" if reason else "none: the model or the convention has no heart"
    else:
        ends = f" (90 % interval {interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
        text = f"{ratio:.2f}{ends}"
    return "cardiothoracic ratio", f"{text}; {note}" if note else text


def _areas(measures: Mapping[str, Any]) -> Iterator[Row]:
    for name, pixels in measures["area_px"].items():
        area = (measures.get("area_mm2") or {}).get(name)
        if pixels is None:
            yield f"area of the {in_words(name)}", "withheld with the ratio"
        else:
            yield (
                f"area of the {in_words(name)}",
                f"{pixels:,} pixels" if area is None else f"{area / 100:,.1f} cm²",
            )
    if measures.get("right_to_left_lung_area") is not None:
        yield "right over left lung", f"{measures['right_to_left_lung_area']:.2f}"


def _spacing(measures: Mapping[str, Any]) -> Row:
    spacing = measures.get("spacing_mm")
    if spacing is None:
        return "pixel spacing", f"none: {measures.get('spacing_reason') or 'the file states none'}"
    rows, columns = spacing
    return "pixel spacing", f"{rows:g} x {columns:g} mm ({measures['spacing_source']})"


def _file(entry: Entry, output: Path) -> Iterator[Row]:
    """Return the statements of the file about itself, as far as the JSON file of the results has them."""
    about = _radiograph(entry.outputs, output)
    view, polarity = about.get("ViewPosition"), about.get("polarity")
    if about:
        yield "view", str(view or "not stated")
    if polarity:
        yield "grey values", PIXELS_OF.get(polarity, str(polarity))
    flags = about.get("flags") or dict.fromkeys(entry.flags, "")
    for name, why in flags.items():
        yield "flag of the file", f"{name}: {why}" if why else name


def _radiograph(outputs: Sequence[str] | Mapping[str, str], output: Path) -> Mapping[str, Any]:
    name = next((each for each in outputs if each.endswith(".json")), None)
    if name is None:
        return {}
    try:
        content = json.loads((output / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{output / name}: cannot be read back ({error}); segment the image again."
        ) from error
    found: Mapping[str, Any] = content.get("radiograph", {})
    return found
