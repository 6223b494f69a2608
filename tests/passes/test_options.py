"""How a pass may be run."""

import pytest

from cxrtk import ConfigError
from cxrtk.passes import Options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 0}, "at least 1"),
        ({"num_parts": 2, "part_id": 2}, "from 0 to 1"),
        ({"part_id": -1}, "from 0 to 0"),
        ({"num_parts": 0}, "from 0 to -1"),
        ({"on_error": "ignore"}, "skip, stop"),
    ],
)
def test_impossible_options(options, said):
    """Each is refused with what is possible."""
    with pytest.raises(ConfigError, match=said):
        Options(**options)
