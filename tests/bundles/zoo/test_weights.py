"""The files of ``models/``: the weights, TorchScript and ONNX compute the same, at any batch and size."""

import json

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet

from cxrtk.bundles.zoo.weights import write_models
from cxrtk.models.model_file import ModelSpec

ARGUMENTS = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "channels": [4, 8], "strides": [2]}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning")
def test_all_three_compute_the_same(tmp_path, require_module):
    """Of a batch of 3, 48 x 80: sizes other than those with which they were written."""
    runtime = require_module("onnxruntime", "onnxruntime")
    network = torch.nn.Sequential(UNet(**ARGUMENTS), torch.nn.Conv2d(2, 2, 1)).eval()
    spec = ModelSpec("m", {}, ("background", "lungs"), 64)
    write_models(network, spec, tmp_path, {"version": "1"}, {"network_def": 1})
    image = torch.rand(3, 1, 48, 80, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = network(image).numpy()
        extra = {"metadata.json": "", "inference.json": ""}
        script = torch.jit.load(tmp_path / "model.ts", _extra_files=extra)
        np.testing.assert_allclose(script(image).numpy(), wanted, atol=1e-5)
    session = runtime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(["pred"], {"image": image.numpy()})
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert json.loads(extra["metadata.json"])["version"] == "1"  # which MONAI Deploy reads
    assert json.loads(extra["inference.json"]) == {"network_def": 1}
    state = torch.load(tmp_path / "model.pt", weights_only=True)
    assert state.keys() == network.state_dict().keys()
