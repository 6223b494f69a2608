"""The steps of `cxrtk segment` as MONAI transforms and an inferer, for the ``scripts/`` of a bundle.

With them a bundle reads every format that cxrtk reads, including DICOM, and its masks equal those of
`cxrtk segment --backend torch --precision fp32` pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.data.meta_tensor import MetaTensor
from monai.inferers.inferer import Inferer
from monai.transforms.transform import MapTransform

from cxrtk.data.pixels.label_map import label_map
from cxrtk.data.pixels.sources import read
from cxrtk.inference.segmentation.masks import cut
from cxrtk.models.views import MOVE, combined, moved, prepare

Data = Mapping[Hashable, Any]


class Radiographd(MapTransform):
    """Read a file: path -> network input, (in_channels, image_size, image_size), with the file's size.

    Args:
        keys: Keys of the paths.
        image_size: Rows and columns of the network's input.
        in_channels: Channels of the network's input, each a copy of the grey image.
    """

    def __init__(self, keys: Any, image_size: int, in_channels: int = 1) -> None:
        super().__init__(keys)
        self.image_size, self.in_channels = image_size, in_channels

    def __call__(self, data: Data) -> dict[Hashable, Any]:
        """Read the files; raise `CxrReadError`, which names the file, if one cannot be read."""
        result = dict(data)
        for key in self.key_iterator(result):
            path = str(result[key])
            pixels = read(path).pixels
            prepared = prepare(pixels, self.image_size).expand(self.in_channels, -1, -1)
            meta = {"filename_or_obj": path, "file_size": list(pixels.shape), "affine": torch.eye(4)}
            result[key] = MetaTensor(prepared.contiguous(), meta=meta)
        return result


class TwoViews(Inferer):
    """Inferer that averages the probabilities of an image and its shifted view, as used for masks.

    Args:
        temperature: Divisor of the logits of each class; empty for none.
    """

    def __init__(self, temperature: Sequence[float] = ()) -> None:
        super().__init__()
        self.temperature = tuple(temperature)

    def __call__(self, inputs: torch.Tensor, network: Any, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Map (B, in_channels, S, S) to (B, C, S, S) probabilities of the classes, in the model's order.

        Args:
            inputs: Batch of `Radiographd`.
            network: Network of the bundle; its first module is the model's network.
            args: Not used.
            kwargs: Not used.
        """
        image = inputs.as_tensor() if isinstance(inputs, MetaTensor) else inputs
        views = [self._probabilities(network, image)]
        views.append(moved(self._probabilities(network, moved(image, MOVE)), -MOVE))
        return torch.from_numpy(combined(torch.stack(views).cpu().numpy()))

    def _probabilities(self, network: Any, image: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = network[0](image)
        scale = torch.tensor(self.temperature or (1.0,) * logits.shape[1], device=logits.device)[
            :, None, None
        ]
        return torch.sigmoid(logits / scale)


class LabelMapd(MapTransform):
    """Cut masks from probabilities: (C, S, S) -> (1, W, H) class numbers at the size of the file.

    W comes first, as in images loaded by MONAI, so that `SaveImaged` writes the map upright.

    Args:
        keys: Keys of the probabilities.
        classes: Class of each channel of the network.
        labels: Classes to cut, a subset of these.
        threshold: Minimum probability for a pixel to belong to a class.
        image_key: Key of the image; its metadata contain the size of the file.
    """

    def __init__(
        self,
        keys: Any,
        classes: Sequence[str],
        labels: Sequence[str],
        threshold: float = 0.5,
        image_key: str = "image",
    ) -> None:
        super().__init__(keys)
        self.classes, self.labels = tuple(classes), tuple(labels)
        self.threshold, self.image_key = threshold, image_key

    def __call__(self, data: Data) -> dict[Hashable, Any]:
        """Return the data with label maps in place of the probabilities."""
        result = dict(data)
        meta = result[self.image_key].meta
        height, width = (int(side) for side in meta["file_size"])
        channels = [self.classes.index(name) for name in self.labels]
        for key in self.key_iterator(result):
            probabilities = np.asarray(result[key], np.float32)[channels]
            masks = cut(probabilities, self.labels, (height, width), self.threshold)
            one = "lungs" in self.labels  # has no number in the label map of cxrtk
            numbers = masks[0] if one else label_map(masks, self.labels)
            about = {"filename_or_obj": meta["filename_or_obj"], "affine": torch.eye(4)}
            result[key] = MetaTensor(torch.from_numpy(np.ascontiguousarray(numbers.T))[None], meta=about)
        return result
