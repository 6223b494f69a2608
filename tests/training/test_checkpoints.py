"""Checkpoint files: readable by others, whole, and never loaded where a bit of them is wrong."""

import errno
import hashlib
import logging
import os
import pickle
import random
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from ignite.engine import Engine
from monai.handlers import CheckpointLoader

from cxrtk import CheckpointError, StorageError
from cxrtk.training import checkpoints

FLIPS = 200


def state() -> dict:
    """A network's weights and what else a training has."""
    generator = torch.Generator().manual_seed(3)
    weights = {f"layer{n}.weight": torch.rand(4, 5, generator=generator) for n in range(4)}
    return {"model": weights, "progress": {"epoch": 7, "best_metric": 0.25, "best_epoch": 0}}


def same(one: object, other: object) -> bool:
    """Equal to the last bit, containers and tensors alike."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(one[k], other[k]) for k in one)
        )
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    return type(one) is type(other) and one == other


@pytest.fixture
def saved(tmp_path) -> Path:
    """A checkpoint of ours."""
    checkpoints.save(state(), tmp_path / "checkpoint_epoch=7.pt")
    return tmp_path / "checkpoint_epoch=7.pt"


@pytest.fixture
def foreign(tmp_path) -> Path:
    """One that torch wrote, which has no checksum but those of the zip format."""
    torch.save(state(), tmp_path / "foreign.pt")
    return tmp_path / "foreign.pt"


def test_torch_alone_reads_what_was_saved(saved):
    """Reading needs nothing of cxrtk and allows no pickled code."""
    assert same(torch.load(saved, weights_only=True), state())


def test_monai_reads_what_was_saved(saved):
    """MONAI's own loader puts the weights into a network."""
    network = torch.nn.ModuleDict({f"layer{n}": torch.nn.Linear(5, 4, bias=False) for n in range(4)})
    CheckpointLoader(str(saved), {"model": network}, map_location="cpu")(Engine(lambda *_: None))
    assert same(dict(network.state_dict()), state()["model"])


@pytest.mark.parametrize("path", ["saved", "foreign"])
def test_load_gives_back_what_was_saved(path, request):
    """Files with cxrtk's checksum and files with torch's checksums alone are read."""
    assert same(checkpoints.load(request.getfixturevalue(path)), state())


def test_the_zip_comment_is_the_sha256_of_all_before_it(saved):
    """Hashlib gives the same digest for the bytes before the comment that zipfile reports."""
    content, comment = saved.read_bytes(), zipfile.ZipFile(saved).comment
    assert content.endswith(comment)
    assert comment == b"sha256=" + hashlib.sha256(content[: -len(comment)]).hexdigest().encode()


def test_sha256_is_that_of_the_whole_file(saved):
    """It equals the output of ``sha256sum``."""
    assert checkpoints.sha256(saved) == hashlib.sha256(saved.read_bytes()).hexdigest()


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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(0.25), 0.25),
        (np.str_("a"), "a"),
        ({"a": (np.int64(1), [np.float64(2.0), None])}, {"a": (1, [2.0, None])}),
        ({np.int64(4): "a"}, {4: "a"}),
    ],
)
def test_numpys_numbers_become_pythons(tmp_path, value, expected):
    """``weights_only`` can then read them again."""
    checkpoints.save({"value": value}, tmp_path / "a.pt")
    (loaded,) = torch.load(tmp_path / "a.pt", weights_only=True).values()
    assert same(loaded, expected) and type(loaded) is type(expected)


def test_a_tensor_of_no_dimension_stays_a_tensor(tmp_path):
    """Adam counts its steps in one, and goes on with one."""
    checkpoints.save({"step": torch.tensor(3.0)}, tmp_path / "a.pt")
    assert same(checkpoints.load(tmp_path / "a.pt")["step"], torch.tensor(3.0))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"lr": {"groups": [1, object()]}}, r"state\['lr'\]\['groups'\]\[1\] is a object"),
        ({"device": torch.device("cpu")}, r"state\['device'\] is a device"),
        ({"table": np.zeros(3)}, r"state\['table'\] is a ndarray"),
        ({"path": Path("a")}, r"state\['path'\] is a PosixPath"),
        ({"long": np.longdouble(1)}, r"state\['long'\] is a longdouble"),
    ],
)
def test_what_could_not_be_loaded_again_is_not_saved(tmp_path, value, place):
    """The message says where it stands; no file is left."""
    with pytest.raises(TypeError, match=place):
        checkpoints.save(value, tmp_path / "a.pt")
    assert list(tmp_path.iterdir()) == []


class Word(str):
    """A text of another type, as each of MONAI's enumerations is."""


def test_a_kind_of_text_or_number_is_saved_as_text_or_number(tmp_path):
    """``weights_only`` would refuse its class when the run is resumed, which is too late."""
    checkpoints.save({"mode": Word("bilinear"), "flag": stat.S_IFREG}, tmp_path / "a.pt")
    assert same(checkpoints.load(tmp_path / "a.pt"), {"mode": "bilinear", "flag": 0o100000})


def test_epochs_are_sorted_by_their_number(tmp_path):
    """Ten comes after nine, whatever the times of the files say; other files are not looked at."""
    for rank, epoch in enumerate([10, 9, 2, 100, 1]):
        (tmp_path / f"checkpoint_epoch={epoch}.pt").write_bytes(b"")
        os.utime(tmp_path / f"checkpoint_epoch={epoch}.pt", (1e9 * (rank % 2), 1e9 * (rank % 2)))
    for name in (
        "best.pt",
        ".1.checkpoint_epoch=200.pt",
        "checkpoint_epoch=300.pt.old",
        "checkpoint_epoch=x.pt",
    ):
        (tmp_path / name).write_bytes(b"")
    assert [epoch for epoch, _ in checkpoints.epoch_files(tmp_path)] == [100, 10, 9, 2, 1]


@pytest.mark.parametrize(
    ("found", "kept"), [((8, 9, 10, 11), (10, 11)), ((1,), (1,)), ((), ())], ids=["four", "one", "none"]
)
def test_pruning_keeps_the_newest(tmp_path, found, kept):
    """Two of them, by their epoch; all where there are no more."""
    for epoch in found:
        (tmp_path / f"checkpoint_epoch={epoch}.pt").write_bytes(b"")
        os.utime(tmp_path / f"checkpoint_epoch={epoch}.pt", (100 - epoch, 100 - epoch))
    (tmp_path / "best.pt").write_bytes(b"")
    checkpoints.prune(tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"best.pt"} | {
        f"checkpoint_epoch={e}.pt" for e in kept
    }


def three(folder: Path) -> None:
    for epoch in (8, 9, 10):
        checkpoints.save({"progress": {"epoch": epoch}}, folder / f"checkpoint_epoch={epoch}.pt")


def test_the_newest_is_that_of_the_last_epoch(tmp_path, caplog):
    """Nothing is logged."""
    three(tmp_path)
    found = checkpoints.newest(tmp_path)
    assert found is not None
    assert (found[0].name, found[1]["progress"]["epoch"]) == ("checkpoint_epoch=10.pt", 10)
    assert [line.message for line in caplog.records if line.levelno >= logging.WARNING] == []


def test_a_damaged_newest_falls_back_aloud(tmp_path, caplog):
    """The warning names the damaged file and the one that is taken."""
    three(tmp_path)
    (tmp_path / "checkpoint_epoch=10.pt").write_bytes(b"")
    found = checkpoints.newest(tmp_path)
    assert found is not None and found[1]["progress"]["epoch"] == 9
    (record,) = (record for record in caplog.records if record.levelno == logging.WARNING)
    assert (
        "checkpoint_epoch=10.pt is damaged" in record.message
        and "back to checkpoint_epoch=9.pt" in record.message
    )


def test_none_good_is_an_error_of_its_own(tmp_path):
    """Exit code 5, with the folder and the count; no silent start from nothing."""
    three(tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    with pytest.raises(CheckpointError, match="none of its 3 checkpoints is good") as caught:
        checkpoints.newest(tmp_path)
    assert str(tmp_path) in str(caught.value) and caught.value.exit_code == 5


def test_a_run_without_checkpoints_has_no_newest(tmp_path):
    """It was stopped in its first epoch."""
    (tmp_path / "best.pt").write_bytes(b"")
    assert checkpoints.newest(tmp_path) is None


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o002])
def test_the_files_mode_follows_the_umask(tmp_path, mask):
    """The mode is that of any file of the user, not the 0600 of temporary files."""
    before = os.umask(mask)
    try:
        checkpoints.save(state(), tmp_path / "a.pt")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.pt").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_costs_nothing_that_was(saved, monkeypatch, number):
    """The old file is as it was, no other is left, and the folder is named; exit code 2."""
    before = saved.read_bytes()

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match=f"no space left on {saved.parent}") as caught:
        checkpoints.save({"model": {}}, saved)
    assert caught.value.exit_code == 2
    assert saved.read_bytes() == before and list(saved.parent.iterdir()) == [saved]


def test_what_is_on_the_disk_is_synced_before_it_gets_its_name(saved, monkeypatch):
    """The file, then the rename, then the folder: a power cut at any place leaves a whole file."""
    done: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def replaced(part: Path, target: Path) -> Path:
        done.append("rename")
        return replace(part, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    checkpoints.save(state(), saved)
    assert done == ["file", "rename", "folder"]


def test_exported_weights_are_plain_safetensors(saved, tmp_path):
    """Hugging Face's own library reads equal tensors; nothing else of the training is in the file."""
    checkpoints.export_weights(saved, tmp_path / "weights.safetensors")
    assert same(safetensors.torch.load_file(tmp_path / "weights.safetensors"), state()["model"])
    with safetensors.safe_open(tmp_path / "weights.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt"}
        assert set(file.keys()) == set(state()["model"])


def test_exported_weights_may_be_views_and_shared(tmp_path):
    """Tied layers and transposed ones, which the format itself refuses."""
    shared = torch.rand(3, 4)
    torch.save({"net": {"a": shared, "b": shared, "c": shared.T}}, tmp_path / "a.pt")
    checkpoints.export_weights(tmp_path / "a.pt", tmp_path / "a.safetensors", key="net")
    expected = {"a": shared, "b": shared, "c": shared.T}
    assert same(safetensors.torch.load_file(tmp_path / "a.safetensors"), expected)


def test_no_weights_to_export(tmp_path):
    """The keys that are there are listed, and nothing is written."""
    torch.save({"net": {}, "epoch": 3}, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match=r"a\.pt: has no 'model'; available: net, epoch"):
        checkpoints.export_weights(tmp_path / "a.pt", tmp_path / "a.safetensors")
    assert not (tmp_path / "a.safetensors").exists()
