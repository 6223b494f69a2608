"""The contract of readers: which of its tests are collected."""

import pytest

from cxrtk.testing import ReaderContract


def collected(contract: type) -> set[str]:
    """Names of the tests that pytest takes from a class."""
    return {name for name in dir(contract) if name.startswith("test_") and callable(getattr(contract, name))}


@pytest.mark.parametrize("from_files", [True, False])
def test_only_a_reader_of_files_is_tested_with_invalid_ones(from_files):
    """A reader that draws its images has no file to damage and no folder that could be missing."""
    contract = type("Contract", (ReaderContract,), {"plugin": "phantom", "from_files": from_files})
    missing = collected(ReaderContract) - collected(contract)
    of_files = {"test_a_missing_root_is_named", "test_an_empty_root_is_named", "test_a_damaged_file_is_named"}
    assert missing == (set() if from_files else of_files)
