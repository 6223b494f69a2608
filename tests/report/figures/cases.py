"""What the tests of figures are made of: pixels whose truth is known, and rows of a table."""

import numpy as np

from cxrtk.evaluation.table import Case


def pixels(seed):
    rng = np.random.default_rng(seed)
    truth = (rng.random(3000) < 0.4).astype(np.uint8)
    return np.round(np.clip(rng.normal(0.35 + 0.3 * truth, 0.2), 0, 1), 3).astype(np.float32), truth


def case(number, prediction, truth, spacing=None, failure=""):
    return Case(
        image=f"{number}.png", patient=f"p{number}", truth="human", heart="excluded", shape=(10, 10),
        values={}, prediction_pixels=prediction, truth_pixels=truth, failure=failure, spacing_mm=spacing,
    )  # fmt: skip
