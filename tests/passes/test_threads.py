"""One thread, whoever runs a pass, and as many as before afterwards."""

import pytest
import torch

from cxrtk.passes.threads import fixed_threads


def test_torch_has_one_thread_and_then_as_many_as_before():
    """This holds even if the block raises."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(RuntimeError, match="lost"), fixed_threads():
            assert torch.get_num_threads() == 1
            raise RuntimeError("lost")
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("asked", [None, "3"])
def test_torch_that_is_imported_in_the_block(fresh_python, asked):
    """Has one thread too; the environment is as before."""
    text = (
        "import os, sys\n"
        "from cxrtk.passes.threads import fixed_threads\n"
        "with fixed_threads():\n"
        "    assert 'torch' not in sys.modules\n"
        "    import torch\n"
        "    print(torch.get_num_threads(), os.environ.get('OMP_NUM_THREADS'))\n"
        "print(os.environ.get('OMP_NUM_THREADS'))\n"
    )
    environment = {} if asked is None else {"OMP_NUM_THREADS": asked}
    if asked is None:
        text = "import os; os.environ.pop('OMP_NUM_THREADS', None)\n" + text
    ended = fresh_python("-c", text, **environment)
    assert ended.out.split("\n")[:2] == ["1 1", str(asked)], ended.err


def test_the_bytes_of_a_pass_do_not_depend_on_the_threads(go, folder, tmp_path, content):
    """A step sees one thread, though the process has more."""
    from .conftest import Brightness

    class Counts(Brightness):
        def __call__(self, batch):
            found.append(torch.get_num_threads())
            return super().__call__(batch)

    found = []
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        go(folder, tmp_path / "out", Counts())
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert set(found) == {1}
