"""What a Reader must have, and what it says by default."""

import numpy as np
import pytest

from cxrtk import Radiograph, Reader

GREY = np.full((4, 6), 0.5, dtype=np.float32)


def test_a_reader_without_read_cannot_be_built():
    """A forgotten method fails at construction, by its name."""

    class Half(Reader):
        def items(self):
            return []

    with pytest.raises(TypeError, match="read"):
        Half()


def test_a_reader_without_labels_says_so():
    """The default is: no label, for any item."""

    class Plain(Reader):
        def items(self):
            return [{"image": "a.png", "patient": "a"}]

        def read(self, path):
            return Radiograph(GREY)

    assert Plain().read_label(Plain().items()[0]) is None
    assert Plain().has_label(Plain().items()[0]) is False
