"""What a Radiograph refuses."""

import numpy as np
import pytest

from cxrtk import Radiograph

GREY = np.full((4, 6), 0.5, dtype=np.float32)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pixels": GREY[None]}, r"\(H, W\) float32, not \(1, 4, 6\)"),
        ({"pixels": GREY.astype(np.float64)}, "not .* float64"),
        ({"pixels": np.zeros((0, 6), np.float32)}, "empty"),
        ({"pixels": GREY + 1}, "from 1.5 to 1.5"),
        ({"pixels": GREY - 1}, "from -0.5"),
        ({"pixels": np.full((4, 6), np.nan, np.float32)}, "nan"),
        ({"pixels": GREY, "spacing_mm": (0.1, 0.1)}, "together"),
        ({"pixels": GREY, "spacing_source": "table"}, "together"),
        ({"pixels": GREY, "spacing_mm": (0.1, 0.1), "spacing_source": "guess"}, "'guess'"),
        ({"pixels": GREY, "spacing_mm": (0.1, 0.0), "spacing_source": "table"}, "positive"),
        ({"pixels": GREY, "spacing_mm": (0.1, float("nan")), "spacing_source": "table"}, "positive"),
    ],
)
def test_no_invalid_radiograph_exists(arguments, message):
    """What the docstring does not allow is refused when it is made."""
    with pytest.raises(ValueError, match=message):
        Radiograph(**arguments)


@pytest.mark.parametrize(
    "source", [None, "calibrated", "detector", "magnified", "unspecified", "table"], ids=str
)
def test_each_spacing_source_is_taken(source):
    """All five sources, and none, make a Radiograph."""
    spacing = None if source is None else (0.143, 0.143)
    assert Radiograph(GREY, spacing, source).spacing_source == source
