"""Every metric in MONAI's Ignite handler, as a bundle uses it."""

import pytest
import torch
from ignite.engine import Engine
from monai.handlers import IgniteMetricHandler, from_engine

from cxrtk import metrics, scores

LEFT = torch.cat([torch.ones(1, 8, 4), torch.zeros(1, 8, 4)], dim=2)
EMPTY = torch.zeros_like(LEFT)


@pytest.mark.parametrize("name", metrics.names())
def test_works_in_an_ignite_engine(name):
    """One number for the epoch and one an image, an empty prediction counting fully."""
    batch = [{"pred": LEFT, "label": LEFT}, {"pred": EMPTY, "label": LEFT}]
    engine = Engine(lambda *_: batch)
    handler = IgniteMetricHandler(
        metric_fn=metrics.create(name), output_transform=from_engine(["pred", "label"])
    )
    handler.attach(engine, name)
    engine.run([0], max_epochs=1)
    each = engine.state.metric_details[name]
    assert each.shape == (2, 1)
    assert engine.state.metrics[name] == pytest.approx(float(each.mean()))


@pytest.mark.parametrize(
    ("higher", "unit", "expected"),
    [(True, "", 0.0), (False, "length", 10.0), (False, "area", 48.0), (False, "", 1.0)],
)
def test_what_the_worst_is(higher, unit, expected):
    """An image of 3 rows of 2 mm and 4 columns of 2 mm: 6 x 8 mm, its diagonal 10 mm."""
    metric = type("M", (scores.ImageMetric,), {"higher_is_better": higher, "unit": unit})()
    assert metric.worst((3, 4), (2.0, 2.0)) == expected


def test_without_an_image_there_is_no_mean():
    """Not even 0."""
    with pytest.raises(ValueError, match="no image"):
        metrics.create("hd95").aggregate()
