"""Packages that cxrtk requires, and those of its extras, with their versions and licences."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement

from cxrtk.cli.diagnosis.finding import BROKEN, MISSING, OK, Finding

LONGEST = 60  # characters of a licence; some packages state its whole text
PURPOSES = {  # of the extras
    "demo": "the radiographs of `make demo`",
    "dicomweb": "DICOMweb servers and `cxrtk watch`",
    "jpeg": "DICOM in JPEG lossless, JPEG extended and HTJ2K",
    "onnxruntime": "--backend onnxruntime, and export to .onnx",
    "openvino": "--backend openvino, and export to .xml",
    "ray": "--runner ray",
}
OF_DEVELOPERS = ("docs", "test", "twins", "lint")  # extras that users do not need


def examine() -> Iterator[Finding]:
    """Yield a finding for each requirement: those of cxrtk itself, then those of its extras."""
    seen = set()
    for requirement, extra in requirements():
        if extra in OF_DEVELOPERS or (requirement.name, extra) in seen:
            continue
        seen.add((requirement.name, extra))
        yield found(requirement, extra)


def requirements() -> Iterator[tuple[Requirement, str]]:
    """Yield each requirement of the installed cxrtk with its extra, empty for none."""
    for line in requires("cxrtk") or []:
        requirement = Requirement(line)
        extras = metadata("cxrtk").get_all("Provides-Extra") or []
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": ""}):
            yield requirement, ""
            continue
        yield from ((requirement, extra) for extra in extras if marker.evaluate({"extra": extra}))


def found(requirement: Requirement, extra: str) -> Finding:
    """Look for the package of a requirement.

    Args:
        requirement: The requirement.
        extra: The extra that it belongs to; empty for cxrtk itself.
    """
    lacking = MISSING if extra else BROKEN
    purpose = f", for {PURPOSES.get(extra, f'the extra {extra}')}" if extra else ""
    install = f"pip install 'cxrtk[{extra}]'" if extra else "pip install --force-reinstall cxrtk"
    try:
        here = version(requirement.name)
    except PackageNotFoundError:
        return Finding(lacking, requirement.name, f"not installed{purpose}", install)
    if not requirement.specifier.contains(here, prereleases=True):
        return Finding(lacking, requirement.name, f"{here}, needed {requirement.specifier}{purpose}", install)
    return Finding(OK, requirement.name, f"{here}, licence: {licence(metadata(requirement.name))}{purpose}")


def licence(about: PackageMetadata) -> str:
    """Return the licence that a package states: by SPDX expression, by classifier, or in its own words.

    Sources: core metadata 2.4 (PEP 639), `License-Expression`; before that `Classifier` and `License`.
    """
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in about.get_all("Classifier") or []
        if each.startswith("License :: ") and each != "License :: OSI Approved"
    ]
    (expression,), (words,) = (about.get_all(name) or [""] for name in ("License-Expression", "License"))
    stated = expression or ", ".join(classifiers) or words
    first = next((line.strip() for line in stated.splitlines() if line.strip()), "none stated")
    return first if len(first) <= LONGEST else f"{first[:LONGEST]}..."
