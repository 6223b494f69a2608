"""Names looked up on first use, on a package that is made for it; and the names that moved."""

import sys
import warnings

import pytest

import cxrtk
from cxrtk.lazy import MOVED


@pytest.fixture
def package(tmp_path, monkeypatch):
    """``shop``, whose `price` lies in a module, and which binds `VAT` itself."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from cxrtk.lazy import attach\n"
        "VAT = 0.2\n"
        "__getattr__, __dir__, __all__ = attach(__name__, __file__, 'VAT')\n"
    )
    (folder / "__init__.pyi").write_text("from .prices import price as price\n\nVAT: float\n")
    (folder / "prices.py").write_text("price = object()\n")
    monkeypatch.syspath_prepend(tmp_path)
    import shop  # type: ignore[import-not-found]

    yield shop
    for name in ("shop", "shop.prices"):
        sys.modules.pop(name, None)


def test_a_name_comes_from_its_module(package):
    """The very object, and its module is imported no sooner."""
    assert "shop.prices" not in sys.modules
    assert package.price is sys.modules["shop.prices"].price


def test_public_are_the_stubs_names_and_those_that_are_bound(package):
    """Sorted, in `__all__` and by `dir`; `from shop import *` takes them."""
    assert package.__all__ == ["VAT", "price"] and dir(package) == ["VAT", "price"]


def test_an_unknown_name_is_told_as_python_tells_it(package):
    """Word for word."""
    with pytest.raises(AttributeError) as plain:
        _ = sys.nothing
    with pytest.raises(AttributeError) as ours:
        _ = package.nothing
    assert str(ours.value) == str(plain.value).replace("sys", "shop")


@pytest.mark.parametrize("old", sorted(MOVED))
def test_a_name_that_moved_works_and_says_where_it_is(old):
    """The object of the new name; the warning points at the line that uses the old one."""
    room, _, name = old.removeprefix("cxrtk.").rpartition(".")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = getattr(getattr(cxrtk, room), name)
    assert found.__name__ == MOVED[old].rpartition(".")[2]
    assert [str(each.message).split(" is now ")[0] for each in told] == [old]
    assert told[0].category is FutureWarning and told[0].filename == __file__
