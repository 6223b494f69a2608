"""Reader of several data sets as one, for training on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk import ConfigError, CxrReadError, DataError, Label, Radiograph, Reader, pixels, readers


@readers.register("several")
class Several(Reader):
    """Combination of readers: their items are listed in sequence, each with the column ``source``.

    Patients of different sources are different patients: their keys are prefixed by the name of the source.
    If two sources show the same people, list them in `same_patients`, so that a split keeps all images of a
    person together. Only columns common to all sources are kept.

    Args:
        root: Parent folder of the roots of the sources; an absolute root of a source is used as is.
        sources: Arguments of `cxrtk.readers.create` per source, ``{"name": ..., "root": ...}``; the default
            root of a source is its name.
        same_patients: Map from a source to another source of the same people, ``{"jsrt512": "jsrt"}``: an
            image gets the patient of the image with the same stem in the other source, if there is one.

    Raises:
        ConfigError: There is no source, a source has no reader name, or `same_patients` names a source that
            does not exist or that is itself mapped to a third one.
        DataError: A reader cannot read its data, two images of a source in `same_patients` share a stem, or
            no stem of it exists in the other source.
    """

    def __init__(
        self,
        root: str | Path,
        sources: Mapping[str, Mapping[str, Any]],
        same_patients: Mapping[str, str] | None = None,
    ) -> None:
        if not sources:
            raise ConfigError("The reader 'several' needs at least one source.")
        self._readers: dict[str, Reader] = {}
        for source, arguments in sources.items():
            if "name" not in arguments:
                raise ConfigError(f"The source {source!r} has no 'name'; name its reader.")
            folder = Path(root) / arguments.get("root", source)
            self._readers[source] = readers.create(**{**arguments, "root": folder})
        self._items: list[dict[str, Any]] = []
        self._own: dict[tuple[str, str], dict[str, Any]] = {}
        self._source_of: dict[str, str] = {}
        for source, reader in self._readers.items():
            for item in reader.items():
                self._own[source, item["image"]] = item
                self._source_of[item["image"]] = source
        patients = self._patients(same_patients or {})
        common = set.intersection(*(set(item) for item in self._own.values())) - {"source"}
        for (source, image), own in self._own.items():
            kept = {key: value for key, value in own.items() if key in common}
            self._items.append({**kept, "patient": patients[source, image], "source": source})

    def items(self) -> list[dict[str, Any]]:
        """List the items of all sources, in the order of the sources and of their readers."""
        return [dict(item) for item in self._items]

    def read(self, path: str | Path) -> Radiograph:
        """Read a radiograph with the reader that listed its path.

        Raises:
            CxrReadError: No reader listed the path, or its reader cannot read it.
        """
        if str(path) not in self._source_of:
            what = f"is in none of the sources {', '.join(self._readers)}"
            raise CxrReadError(path, what, cure="use the paths that items() lists", code="no_source")
        return self._readers[self._source_of[str(path)]].read(path)

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read a label with the reader of its source."""
        return self._reader(item).read_label(self._own[item["source"], item["image"]])

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of an item's files, from the reader of its source."""
        return self._reader(item).files(self._own[item["source"], item["image"]])

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether an item has a label, from the reader of its source."""
        return self._reader(item).has_label(self._own[item["source"], item["image"]])

    def _patients(self, same: Mapping[str, str]) -> dict[tuple[str, str], str]:
        """Map (source, image) to the patient key."""
        patients = {
            (source, image): f"{source}/{own['patient']}" for (source, image), own in self._own.items()
        }
        for source, other in same.items():
            self._check_same(source, other, same)
            stems, others = self._by_stem(source), self._by_stem(other)
            common = stems.keys() & others.keys()
            if not common:
                raise DataError(
                    f"same_patients says that {source!r} shows the people of {other!r}, but no image of one "
                    "has the stem of an image of the other; correct same_patients, or the files' names."
                )
            patients |= {(source, stems[stem]): patients[other, others[stem]] for stem in common}
        return patients

    def _check_same(self, source: str, other: str, same: Mapping[str, str]) -> None:
        for name in (source, other):
            if name not in self._readers:
                raise ConfigError(
                    f"same_patients names {name!r}, which is none of the sources {', '.join(self._readers)}."
                )
        if other in same:
            raise ConfigError(
                f"same_patients says that {source!r} shows the people of {other!r}, and {other!r} those of "
                f"{same[other]!r}; name {same[other]!r} for both."
            )

    def _by_stem(self, source: str) -> dict[str, str]:
        """Map stems to images, for one source."""
        images: dict[str, str] = {}
        for own_source, image in self._own:
            if own_source == source:
                stem = pixels.stem_of(Path(image).name)
                if stem in images:
                    raise DataError(
                        f"{image} and {images[stem]} share a stem and same_patients cannot tell which "
                        "of them the image of another source belongs to; rename one of them."
                    )
                images[stem] = image
        return images

    def _reader(self, item: Mapping[str, Any]) -> Reader:
        return self._readers[item["source"]]
