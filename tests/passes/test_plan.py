"""Which radiographs a pass takes, and where their outputs go."""

from pathlib import Path, PurePath

import pytest

from cxrtk import ConfigError, DataError
from cxrtk.data.pixels.listing import stem_of
from cxrtk.passes.inputs import Input
from cxrtk.passes.plan import groups, plan


def planned(root: Path, names, output: Path, **about):
    items = [{"image": str(root / name), "patient": name} for name in names]
    return plan([(Input((root,)), items)], output, **about)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_names_and_stems(root, tmp_path):
    """Mirrored, without suffixes, in the order given."""
    found = planned(root, ["a/x.png", "b.dcm"], tmp_path / "out")
    assert [(each.name, each.stem) for each in found] == [
        ("a/x.png", PurePath("a/x")),
        ("b.dcm", PurePath("b")),
    ]
    assert not any(each.named for each in found)


def test_a_step_says_how_stems_are_made(root, tmp_path):
    """A UID's last number is no suffix; stems that would be equal keep their whole names."""
    found = planned(
        root, ["1.2.840.7", "x.dcm", "x"], tmp_path / "out", stem_of=lambda p: p.with_name(stem_of(p.name))
    )
    assert [str(each.stem) for each in found] == ["1.2.840.7", "x.dcm", "x"]


@pytest.mark.parametrize(
    ("images", "output", "error", "said"),
    [
        (["a.png", "a_labels.png"], "out", DataError, "would share one output"),
        (["A_preview.png", "a.png"], "out", DataError, "would share one output"),
        (["a.png"], "in/out", ConfigError, "inside the input"),
        (["a.png"], "in", ConfigError, "inside the input"),
    ],
)
def test_outputs_never_meet(root, tmp_path, images, output, error, said):
    """No output overwrites another output or an input."""
    with pytest.raises(error, match=said):
        planned(root, images, tmp_path / output, endings=("_labels", "_preview"))


def test_one_file_is_not_replaced_by_its_mask(tmp_path):
    """`-i a.png -o .` would write a.png."""
    file = tmp_path / "a.png"
    file.write_bytes(b"x")
    items = [{"image": str(file), "patient": "a"}]
    with pytest.raises(ConfigError, match="might replace"):
        plan([(Input((file,)), items)], tmp_path)
    (found,) = plan([(Input((file,)), items)], tmp_path / "out")
    assert (found.stem, found.named) == (PurePath("a"), True)


def test_the_output_folder_is_no_file(root, tmp_path):
    """An output folder that is a file is refused."""
    (tmp_path / "out").write_text("x")
    with pytest.raises(ConfigError, match="is a file"):
        planned(root, ["a.png"], tmp_path / "out")


def test_batches_are_cut_in_order(root, tmp_path):
    """The last one may be smaller."""
    found = planned(root, [f"{n}.png" for n in range(5)], tmp_path / "out")
    assert [[each.name for each in group] for group in groups(found, 2)] == [
        ["0.png", "1.png"],
        ["2.png", "3.png"],
        ["4.png"],
    ]
