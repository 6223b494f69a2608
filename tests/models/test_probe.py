"""The known input: part of the file format, so that its values are stated here for ever."""

import torch
from safetensors import safe_open

from cxrtk.models.model_file import read_model, save_model
from cxrtk.models.probe import KEY, probe_images, probe_logits


def test_its_values_never_change():
    """Computed by hand at three pixels: a corner, the middle and the middle of a lung."""
    image = probe_images(3, 5)
    assert image.shape == (1, 3, 5, 5)
    assert torch.equal(image[:, 0], image[:, 2])
    # corner (-1, -1): 1.5 - 1 - .5 - 2.2 sigmoid(8 (1 - (.55/.33)^2 - (.95/.65)^2)) + .15 sin(-18 + 4)
    assert abs(float(image[0, 0, 0, 0]) - (0.0 + 0.15 * -0.9906)) < 1e-3
    # middle (0, 0): 1.5 - 2 * 2.2 sigmoid(8 (1 - (.45/.33)^2 - (.05/.65)^2)) = 1.5 - 4.4 sigmoid(-6.923)
    assert abs(float(image[0, 0, 2, 2]) - (1.5 - 4.4 * 0.000984)) < 1e-3
    # x .5, y 0: 1.25 - 2.2 sigmoid(8 (1 - (.05/.33)^2 - (.05/.65)^2)) + .15 sin(1)
    assert abs(float(image[0, 0, 2, 3]) - (1.25 - 2.2 * 0.99958 + 0.15 * 0.84147)) < 1e-3


def test_a_file_has_its_logits(model_file, network):
    """Of the weights as stored, in 16 bits."""
    found = read_model(model_file).probe
    with torch.no_grad():
        expected = network(probe_images(1, 64))[0]
    assert found.dtype == torch.float16
    assert torch.allclose(found.float(), expected, atol=2e-3)
    assert torch.equal(probe_logits(network, 1, 64), expected)


def test_a_file_without_them_is_read(tmp_path, model_file):
    """As files were written before."""
    from safetensors.torch import save_file

    with safe_open(model_file, "pt") as file:
        header = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys() if name != KEY}  # noqa: SIM118
    save_file(tensors, tmp_path / "old.safetensors", header)
    assert read_model(tmp_path / "old.safetensors").probe is None


def test_logits_beyond_half_precision_are_cut(tmp_path, spec, network):
    """They stay finite, at the largest that 16 bits hold well."""
    state = {name: value.clone() for name, value in network.state_dict().items()}
    last = [name for name in state if name.endswith("bias")][-1]
    state[last] += 1e6
    save_model(spec, state, tmp_path / "huge.safetensors", half=False)
    assert float(read_model(tmp_path / "huge.safetensors").probe.max()) == 6e4
