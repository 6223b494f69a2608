"""The rows of parts, put together in the order of the inputs."""

import shutil

import pytest

from cxrtk import ConfigError, DataError
from cxrtk.passes import Options, inputs_of
from cxrtk.passes.manifest import Entry, Manifest, file_of
from cxrtk.passes.merge import merge, rows_of
from cxrtk.passes.recipe import Reading, Recipe
from cxrtk.passes.walk import run

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


def test_a_missing_part_is_named(tmp_path):
    """And a folder without any manifest, or with those of two ways to part the work."""
    parts(tmp_path, 4, missing=[1, 3])
    with pytest.raises(DataError, match="2 of 4 parts; run --part-id 1, 3 of --num-parts 4"):
        rows_of(tmp_path)
    parts(tmp_path, 3, missing=[1])
    with pytest.raises(DataError, match="parts of 3 and of 4"):
        rows_of(tmp_path)
    with pytest.raises(DataError, match=r"no manifest\.jsonl"):
        rows_of(tmp_path / "nowhere")


@pytest.fixture
def in_parts(folder, tmp_path):
    """Three parts of `cxrtk convert` over the mixed folder, taken as PNG and not as DICOM alone."""
    output = tmp_path / "out"
    for part in (2, 0, 1):
        how = Options(2, 3, part)
        recipe = Recipe("convert", {"bits": 8}, Reading(inputs_of([str(folder)])), output, how)
        run(recipe.make_step(), recipe.reading.sources(), output, how, recipe=recipe)
    return output


def test_the_tables_are_made_from_the_manifests(in_parts, content):
    """The same bytes, though images and outputs are gone."""
    before = content(in_parts)
    for path in [*in_parts.rglob("*.png"), in_parts / "converted.csv"]:
        path.unlink()
    shutil.rmtree(in_parts.parent / "in")
    assert merge(in_parts) == [in_parts / "converted.csv"]
    assert content(in_parts)["converted.csv"] == before["converted.csv"]


def test_a_part_that_has_not_ended_is_named(in_parts):
    """The message gives its progress; no table is made from incomplete rows."""
    path = in_parts / "manifest_1_of_3.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:1]))
    (in_parts / "converted.csv").unlink()
    with pytest.raises(DataError, match=r"part 1 of 3 has done 1 of 2 images; run it again with --continue"):
        merge(in_parts)
    path.unlink()
    with pytest.raises(DataError, match="2 of 3 parts; run --part-id 1 of"):
        merge(in_parts)
    assert not (in_parts / "converted.csv").exists()


def test_a_step_that_is_another_by_now(in_parts):
    """Its tables would not fit the rows."""
    path = in_parts / ".cxrtk" / "step.json"
    path.write_text(path.read_text().replace('"bits": 8', '"bits": 16'))
    with pytest.raises(
        ConfigError, match="a different model or different settings than step 'convert' has now"
    ):
        merge(in_parts)
