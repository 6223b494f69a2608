"""A model file: what was saved comes back; what is damaged, foreign or hostile is refused."""

import hashlib

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cxrtk.errors import CheckpointError, ConfigError
from cxrtk.models.model_file import ModelSpec, read_model, save_model


def test_it_comes_back(model_file, network, spec):
    """Weights bit for bit, the description, and the digest that sha256sum prints."""
    model = read_model(model_file)
    assert model.spec == spec
    assert model.sha256 == hashlib.sha256(model_file.read_bytes()).hexdigest()
    image = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    assert torch.equal(model.network(image), network(image))
    assert not model.network.training


def test_half_precision_halves_the_file(tmp_path, network, spec):
    """To 16 bits a weight; computed with as 32."""
    save_model(spec, network.state_dict(), tmp_path / "half.safetensors")
    with safe_open(tmp_path / "half.safetensors", "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
    weights = read_model(tmp_path / "half.safetensors").network.state_dict()
    for name, value in network.state_dict().items():
        assert torch.equal(weights[name], value.half().float())


def test_another_checksum_is_refused(model_file):
    """With both digests."""
    with pytest.raises(CheckpointError, match=r"not the original file.*SHA-256"):
        read_model(model_file, sha256="0" * 64)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda content: content[: len(content) // 2], "is damaged"),
        (lambda content: b"", "is damaged"),
        (lambda content: b"PK" + content, "is damaged"),
    ],
    ids=["half", "empty", "shifted"],
)
def test_a_damaged_file_is_refused(model_file, tmp_path, damage, said):
    """One line with the path."""
    path = tmp_path / "bad.safetensors"
    path.write_bytes(damage(model_file.read_bytes()))
    with pytest.raises(CheckpointError, match=said) as raised:
        read_model(path)
    assert str(path) in str(raised.value) and "\n" not in str(raised.value)


def test_weights_alone_are_no_model(tmp_path, network):
    """Nothing says what they are for."""
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointError, match="without a description"):
        read_model(tmp_path / "weights.safetensors")


def test_weights_of_another_network_are_refused(tmp_path, network, spec):
    """As a description that was edited would give."""
    save_model(spec, network.state_dict(), tmp_path / "m.safetensors")
    content = (tmp_path / "m.safetensors").read_bytes()
    edited = content.replace(b'\\"channels\\": [4, 8, 8]', b'\\"channels\\": [4, 8, 9]')
    assert edited != content
    (tmp_path / "m.safetensors").write_bytes(edited)
    with pytest.raises(CheckpointError, match="to a different network than this UNet: "):
        read_model(tmp_path / "m.safetensors")


def test_weights_of_another_network_are_not_written(tmp_path, network, spec):
    """There is no file afterwards."""
    other = ModelSpec(**{**vars(spec), "network": {**spec.network, "channels": [4, 8, 16]}})
    with pytest.raises(CheckpointError, match="to a different network than this UNet: "):
        save_model(other, network.state_dict(), tmp_path / "m.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file(tmp_path):
    """Is named."""
    with pytest.raises(CheckpointError, match=r"none\.safetensors cannot be read \(No such file"):
        read_model(tmp_path / "none.safetensors")


def test_another_suffix(tmp_path, network, spec):
    """Is refused before anything is written."""
    with pytest.raises(ConfigError, match="safetensors"):
        save_model(spec, network.state_dict(), tmp_path / "m.pt")
