"""What parts leave behind for `cxrtk merge`."""

import pytest

from cxrtk import DataError
from cxrtk.passes import Options, inputs_of
from cxrtk.passes.recipe import Reading, Recipe
from cxrtk.passes.record import Record, read_record, write_record


def test_it_is_read_as_it_was_written(tmp_path):
    """The record is the only file in a hidden folder."""
    recipe = Recipe("convert", {"bits": 8}, Reading(inputs_of(["x"])), tmp_path, Options(3, 4, 1))
    record = Record.of(recipe, 17)
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record == Record("convert", {"bits": 8}, 3, 4, 17)
    assert [path.name for path in tmp_path.rglob("*")] == [".cxrtk", "step.json"]


@pytest.mark.parametrize("inputs", [0, 1, 5, 17, 24, 25])
@pytest.mark.parametrize(("size", "parts"), [(1, 1), (3, 4), (4, 2)])
def test_each_radiograph_is_of_one_part(inputs, size, parts):
    """The division is that of the batches."""
    record = Record("x", {}, size, parts, inputs)
    batches = [range(first, min(first + size, inputs)) for first in range(0, inputs, size)]
    dealt = [sum(map(len, batches[part::parts])) for part in range(parts)]
    assert [record.inputs_of(part) for part in range(parts)] == dealt


@pytest.mark.parametrize("text", ["{", "[]", '{"step": "x", "other": 1}'])
def test_a_damaged_one_is_named(tmp_path, text):
    """The message states how to create it again."""
    write_record(tmp_path, Record("x"))
    (tmp_path / ".cxrtk" / "step.json").write_text(text)
    with pytest.raises(DataError, match=r"step\.json: cannot be read.*run one part again"):
        read_record(tmp_path)


def test_a_pass_in_one_part_has_none(tmp_path):
    """Such a pass writes its tables itself."""
    with pytest.raises(DataError, match=r"made at its end.*--continue"):
        read_record(tmp_path)
