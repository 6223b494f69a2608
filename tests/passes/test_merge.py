"""The rows of parts, put together in the order of the inputs."""

import pytest

from cxrtk import DataError
from cxrtk.passes.manifest import Entry, Manifest, file_of
from cxrtk.passes.merge import rows_of

NAMES = [f"{number}.png" for number in range(7)]


def parts(folder, count, batch_size=2, missing=()):
    """Manifests of so many parts: each has every nth batch."""
    batches = [NAMES[first : first + batch_size] for first in range(0, len(NAMES), batch_size)]
    for part in set(range(count)) - set(missing):
        manifest = Manifest(folder / file_of(part, count))
        names = [name for batch in batches[part::count] for name in batch]
        manifest.append([Entry(name, "ok", settings={"batch_size": batch_size}) for name in names])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_rows_are_in_the_order_of_the_inputs(tmp_path, count):
    """Whatever the number of parts; they can be gone through again."""
    parts(tmp_path, count)
    rows = rows_of(tmp_path)
    assert [row["input"] for row in rows] == [row["input"] for row in rows] == NAMES


def test_a_missing_part_is_missed(tmp_path):
    """And a folder without any manifest."""
    parts(tmp_path, 3, missing=[1])
    with pytest.raises(DataError, match="2 of 3 parts"):
        rows_of(tmp_path)
    with pytest.raises(DataError, match=r"no manifest\.jsonl"):
        rows_of(tmp_path / "nowhere")
