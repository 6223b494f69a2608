"""The golden networks give the same bits on every processor."""

from tests.golden import rounding
from tests.golden.command import run
from tests.golden.conftest import PLUGINS

FAR = 1e-5  # an image that is resized differs by 5e-7 between two processors


def test_no_value_is_rounded_up_here_and_down_there(work, hurry, use_plugin_folders):
    """What the networks see of the inputs keeps off the borders between two whole numbers."""
    use_plugin_folders(PLUGINS)
    rounding.nearest.clear()
    for number, folder in enumerate(("mixed", "phantoms/images", "findings/images")):
        for verb, model in (("segment", "whole.safetensors"), ("findings", "runs/findings-2")):
            output = f"out/borders-{verb}-{number}"
            ended = run([verb, "-i", folder, "-o", output, "--model", model, "-q"], work)
            assert ended.exit in ("0", "3"), ended.err
    assert len(rounding.nearest) > 10
    assert min(rounding.nearest) > FAR
