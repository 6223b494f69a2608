"""Where outputs go: no two inputs in one file, never among the inputs."""

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrtk import ConfigError, DataError
from cxrtk.data.outputs import check_output_dir, output_stems, relative_paths

NAMES = st.lists(
    st.sampled_from(["a", "a.png", "a.dcm", "A.png", "a.png.dcm", "b/a.png", "b.png"]), unique=True
)


@pytest.mark.parametrize(
    ("paths", "stems"),
    [
        (["a.png", "b.png"], ["a", "b"]),
        (["x/a.png", "y/a.png"], ["x/a", "y/a"]),
        (["a.png", "a.dcm", "b.png"], ["a.png", "a.dcm", "b"]),
        (["a.png", "A.dcm"], ["a.png", "A.dcm"]),  # some file systems ignore case
        (["1.2.840.1", "1.2.840.2"], ["1.2.840.1", "1.2.840.2"]),  # DICOM UIDs as names
        (["IM0001"], ["IM0001"]),
    ],
)
def test_stems(paths, stems):
    """A path loses its suffix, but for those that would then be equal."""
    assert [stem.as_posix() for stem in output_stems([PurePath(path) for path in paths])] == stems


@given(NAMES)
def test_no_two_share_a_stem(names):
    """Whatever the names, the stems differ even without case, or it is refused."""
    try:
        stems = output_stems([PurePath(name) for name in names])
    except DataError as error:
        assert "would share one output file" in str(error)
    else:
        assert len({stem.as_posix().casefold() for stem in stems}) == len(names)


@pytest.mark.parametrize("paths", [["a.png", "A.png"], ["a.png", "a.dcm", "a.png.dcm"]])
def test_a_clash_is_refused(paths):
    """Where no name is free, both inputs are named."""
    with pytest.raises(DataError, match=r"a\.png.* would share one output file"):
        output_stems([PurePath(path) for path in paths])


@pytest.mark.parametrize("output", ["in", "in/out", "in/../in/out", "link/out"])
def test_output_inside_the_input_is_refused(tmp_path, output):
    """Also through a link or `..`."""
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in", target_is_directory=True)
    with pytest.raises(ConfigError, match="inside the input"):
        check_output_dir(tmp_path / output, tmp_path / "in")


@pytest.mark.parametrize("output", ["out", "in_out", "in/../out", "."])
def test_output_elsewhere_is_taken(tmp_path, output):
    """A folder beside the input, or one that holds it, is fine."""
    (tmp_path / "in").mkdir()
    check_output_dir(tmp_path / output, tmp_path / "in")


def test_output_that_is_a_file_is_refused(tmp_path):
    """A file of that name is not replaced."""
    (tmp_path / "out").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        check_output_dir(tmp_path / "out", tmp_path / "in")


def test_links_go_by_their_own_paths(tmp_path):
    """Two links to one file, and a file in a linked folder that lies elsewhere."""
    (tmp_path / "else" / "deep").mkdir(parents=True)
    (tmp_path / "else" / "deep" / "a.png").touch()
    (tmp_path / "in").mkdir()
    for name, target in (("b.png", "deep/a.png"), ("c.png", "deep/a.png"), ("folder", "deep")):
        (tmp_path / "in" / name).symlink_to(tmp_path / "else" / target)
    images = [str(tmp_path / "in" / name) for name in ("b.png", "c.png", "folder/a.png")]
    found = [path.as_posix() for path in relative_paths(images, tmp_path / "in")]
    assert found == ["b.png", "c.png", "folder/a.png"]


def test_a_linked_input_folder_is_the_folder(tmp_path):
    """Images may be named by its target."""
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    paths = relative_paths([str(tmp_path / "in" / "a.png")], tmp_path / "link")
    assert [path.as_posix() for path in paths] == ["a.png"]


def test_relative_paths(tmp_path):
    """Names are relative to the input folder; an image from elsewhere goes by its name alone."""
    images = [
        str(tmp_path / "in" / "x" / "a.png"),
        str(tmp_path / "in" / ".." / "in" / "b.png"),
        "/else/c.png",
    ]
    assert [path.as_posix() for path in relative_paths(images, tmp_path / "in")] == [
        "x/a.png",
        "b.png",
        "c.png",
    ]
