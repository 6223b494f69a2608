"""`torch.export`: a program that keeps its rules on sizes."""

import pytest
import torch


def test_other_sizes_are_refused_by_the_program(exported_files):
    """It was exported for multiples of four."""
    network = torch.export.load(exported_files(".pt2")).module()
    with pytest.raises((RuntimeError, AssertionError)):
        network(torch.zeros(1, 1, 66, 64))
