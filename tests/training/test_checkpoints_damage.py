"""Checkpoint files that are damaged, foreign or hostile: none is loaded, and no code in one runs."""

import pickle
import random
from pathlib import Path

import pytest
import torch

from cxrtk import CheckpointError
from cxrtk.training import checkpoints

from .saving import same, state

FLIPS = 200


def flips(content: bytes) -> list[int]:
    """Positions of bits: 200 anywhere, and the 46 bytes of a record in the zip format's directory."""
    entry = 8 * content.rindex(b"PK\x01\x02")
    return [*random.Random(0).sample(range(8 * len(content)), FLIPS), *range(entry, entry + 8 * 46)]


@pytest.mark.parametrize("path", ["saved", "foreign"])
def test_no_flipped_bit_gives_other_weights(path, request):
    """It is refused as damaged, or what is loaded is what was saved; of ours nearly all are refused."""
    file = request.getfixturevalue(path)
    whole = file.read_bytes()
    harmless = 0
    for bit in flips(whole):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        try:
            loaded = checkpoints.load(file)
        except CheckpointError as error:
            assert str(error).startswith(f"checkpoint {file} is damaged (") and "\n" not in str(error)
        else:
            assert same(loaded, state()), bit
            harmless += 1
    comment = 8 * len(b"sha256=")  # where it is lost, the checksums of the records stand in
    assert path == "foreign" or harmless <= comment


def record_flipped(content: bytes) -> bytes:
    """One bit in the bytes of a tensor."""
    damaged = bytearray(content)
    damaged[content.index(state()["model"]["layer1.weight"].numpy().tobytes()) + 10] ^= 1
    return bytes(damaged)


@pytest.mark.parametrize("path", ["saved", "foreign"])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda content: b"", "0 bytes"),
        (lambda content: content[: len(content) // 2], "no whole zip file"),
        (lambda content: content[:-40], "no whole zip file"),
        (lambda content: b"<html>502 Bad Gateway</html>\n" * 9, "261 bytes, no whole zip file"),
        (lambda content: bytes(len(content)), "no whole zip file"),
        (record_flipped, "checksum"),
    ],
    ids=["empty", "half", "minus 40 bytes", "text", "zeros", "one bit of a record"],
)
def test_damage_is_one_line_with_the_file(path, damage, said, request):
    """Damage raises the error of exit code 5."""
    file = request.getfixturevalue(path)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(CheckpointError, match=said) as caught:
        checkpoints.load(file)
    assert str(caught.value).startswith(f"checkpoint {file} is damaged")
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.exit_code == 5


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(tmp_path, as_zip):
    """Neither in torch's zip format nor in the plain one; the same file does run for Python's pickle."""
    marker, file = tmp_path / "marker", tmp_path / "evil.pt"
    torch.save({"model": Evil(marker)}, file, _use_new_zipfile_serialization=as_zip)
    with pytest.raises(CheckpointError, match="is damaged"):
        checkpoints.load(file)
    assert not marker.exists()
    pickle.loads(pickle.dumps(Evil(marker)))
    assert marker.exists()


@pytest.mark.parametrize("content", [[1, 2], 3.0, "text"])
def test_what_is_no_dictionary_is_no_checkpoint(tmp_path, content):
    """The type that was found is named."""
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match=f"holds a {type(content).__name__}, no dictionary"):
        checkpoints.load(tmp_path / "a.pt")


@pytest.mark.parametrize(
    ("make", "said"), [(None, "there is no such checkpoint"), (Path.mkdir, "cannot be read")]
)
def test_what_cannot_be_read_is_named(tmp_path, make, said):
    """A file that is not there, and a folder of its name."""
    path = tmp_path / "best.pt"
    if make is not None:
        make(path)
    with pytest.raises(CheckpointError, match=rf"best\.pt.*{said}"):
        checkpoints.load(path)
