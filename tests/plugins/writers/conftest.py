"""A DICOM file to derive objects from, the same with other tags, and the checker of what is derived."""

from tests.plugins.writers.dicom_sources import changed, dciodvfy, dog

__all__ = ["changed", "dciodvfy", "dog"]
