"""MONAI Deploy's bundle operator on an exported bundle: python monai_deploy.py BUNDLE DATA.

An application of three operators runs on Holoscan: one hands over the first PNG of DATA's ``images/``, MONAI
Deploy's `MonaiBundleInferenceOperator` loads the bundle's folder and segments it, one keeps the label map.
Prints the Dice of each class with the label of that image. Needs MONAI Deploy and no cxrtk; `make apps` runs
it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from monai.deploy.core import AppContext, Application, Fragment, IOType, Operator, OperatorSpec
from monai.deploy.operators.monai_bundle_inference_operator import IOMapping, MonaiBundleInferenceOperator
from PIL import Image


class Source(Operator):
    """Emits one array (W, H, 1), as MONAI's readers give it."""

    def __init__(self, fragment: Fragment, *args: Any, array: np.ndarray, **kwargs: Any) -> None:
        self.array, self.done = array, False
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """One output."""
        spec.output("image")

    def compute(self, op_input: Any, op_output: Any, context: Any) -> None:
        """Hand it over."""
        op_output.emit(self.array, "image")


class Sink(Operator):
    """Keeps what it receives."""

    def __init__(self, fragment: Fragment, *args: Any, kept: list[np.ndarray], **kwargs: Any) -> None:
        self.kept = kept
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """One input."""
        spec.input("pred")

    def compute(self, op_input: Any, op_output: Any, context: Any) -> None:
        """Keep it."""
        self.kept.append(op_input.receive("pred").asnumpy())  # an `Image` of MONAI Deploy


class App(Application):
    """Source, bundle, sink."""

    def __init__(self, bundle: Path, array: np.ndarray) -> None:
        self.bundle, self.array, self.kept = bundle, array, []
        super().__init__([])

    def compose(self) -> None:
        """Connect the operators."""
        from holoscan.conditions import CountCondition

        source = Source(self, CountCondition(self, 1), name="source", array=self.array)
        inference = MonaiBundleInferenceOperator(
            self,
            name="bundle",
            app_context=AppContext({}),
            input_mapping=[IOMapping("image", np.ndarray, IOType.IN_MEMORY)],
            output_mapping=[IOMapping("pred", np.ndarray, IOType.IN_MEMORY)],
            bundle_path=str(self.bundle),
            bundle_config_names=None,
        )
        sink = Sink(self, name="sink", kept=self.kept)
        self.add_flow(source, inference, {("image", "image")})
        self.add_flow(inference, sink, {("pred", "pred")})


def main(bundle: Path, data: Path) -> None:
    """Segment one image, and print the Dice of each class as JSON."""
    image = sorted((data / "images").iterdir())[0]
    grey = np.asarray(Image.open(image).convert("L"))
    app = App(bundle, grey.T[..., None].astype(np.float32))
    app.run()
    found = np.squeeze(app.kept[0]).T
    truth = np.asarray(Image.open(data / "labels" / image.name))
    metadata = json.loads((bundle / "configs" / "metadata.json").read_text())
    names = metadata["network_data_format"]["outputs"]["pred"]["channel_def"]
    print(json.dumps({"shape": found.shape, "values": np.unique(found).tolist(), "names": names}))
    for value in (1, 2):
        one, other = found == value, truth == value
        print(names[str(value)], round(float(2 * (one & other).sum() / (one.sum() + other.sum())), 4))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
