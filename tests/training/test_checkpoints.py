"""Checkpoint files: readable by others, whole, and never loaded where a bit of them is wrong."""

import errno
import hashlib
import os
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

from .saving import same, state


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
