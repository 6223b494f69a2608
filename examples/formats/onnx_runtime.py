"""Lungs and heart of a radiograph by ONNX Runtime, without cxrtk.

python examples/formats/onnx_runtime.py model.onnx chest.png OUT
"""

import json
import sys

import numpy as np
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession(sys.argv[1])
about = json.loads(session.get_modelmeta().custom_metadata_map["cxrtk"])
picture = Image.open(sys.argv[2]).convert("F")
low, high = np.percentile(picture, about["percentiles"])
stretched = np.clip((np.asarray(picture, np.float32) - low) / (high - low), 0, 1).astype(np.float32)
small = Image.fromarray(stretched).resize(about["image_size"][::-1], Image.Resampling.BILINEAR)
images = (np.asarray(small)[None, None] - np.float32(about["mean"])) / np.float32(about["std"])
(logits,) = session.run(None, {"images": images.repeat(about["in_channels"], axis=1)})
for name, values, temperature in zip(about["classes"], logits[0], about["temperature"], strict=True):
    probabilities = Image.fromarray(1 / (1 + np.exp(-values / np.float32(temperature))))
    probabilities = probabilities.resize(picture.size, Image.Resampling.BILINEAR)
    Image.fromarray(np.asarray(probabilities) >= about["threshold"]).save(f"{sys.argv[3]}_{name}.png")
