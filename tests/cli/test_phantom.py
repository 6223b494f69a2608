"""`cxrtk phantom`: the set that Python writes, from the command line."""

from cxrtk import phantom


def _files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_writes_what_python_writes(cxrtk_command, tmp_path):
    """The files are those of `write_nih`, and one line counts them."""
    ended = cxrtk_command(
        "phantom", tmp_path / "a", "--count", 3, "--seed", 4, "--size", 32, "--inverted", 0.5
    )
    assert ended.code == 0
    assert "3 images of 2 patients" in ended.err
    assert _files(tmp_path / "a") == _files(phantom.write_nih(tmp_path / "b", 3, 4, 32, 0.5))


def test_findings(cxrtk_command, tmp_path):
    """With --findings there are masks and boxes of them, and the line counts each."""
    ended = cxrtk_command("phantom", tmp_path / "a", "--count", 4, "--seed", 2, "--size", 128, "--findings")
    assert ended.code == 0
    assert _files(tmp_path / "a") == _files(phantom.write_nih(tmp_path / "b", 4, 2, 128, findings=True))
    names = {path.stem.split("_")[2] for path in (tmp_path / "a" / "findings").iterdir()}
    assert names and all(name in ended.err for name in names)


def test_a_mistake_is_one_line(cxrtk_command, tmp_path):
    """Too small a size, and a folder with something in it: exit code 2 and one line."""
    (tmp_path / "mine.txt").write_text("mine")
    for arguments in ((tmp_path / "new", "--size", 64, "--findings"), (tmp_path, "--size", 32)):
        ended = cxrtk_command("phantom", *arguments, "--count", 2)
        assert ended.code == 2
        assert len(ended.err.strip().splitlines()) == 1 and "Traceback" not in ended.err


def test_quiet(cxrtk_command, tmp_path):
    """No summary; the images are there."""
    ended = cxrtk_command("phantom", "-o", tmp_path / "a", "--count", 2, "--size", 32, "-q")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert len(list((tmp_path / "a" / "images").iterdir())) == 2
