"""The user's cache: made once, never seen half filled, and done without where it cannot be written."""

import pytest

from cxrtk.process.cache import cache_root, cached_folder, forget


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CXRTK_CACHE", str(tmp_path / "cache"))


def fill(folder):
    (folder / "file").write_text(f"{len(list(folder.iterdir()))}")


def test_it_is_filled_once():
    """The second user gets what the first one made."""
    made = []
    for _ in range(2):
        with cached_folder("programs/a", lambda folder: (made.append(folder), fill(folder))) as folder:
            assert (folder / "file").read_text() == "0"
    assert len(made) == 1
    assert folder == cache_root() / "programs" / "a"


def test_what_fails_leaves_nothing():
    """Neither the folder nor its parts; the next one makes it."""

    def fail(folder):
        fill(folder)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"), cached_folder("programs/a", fail):
        pass
    assert list((cache_root() / "programs").iterdir()) == []
    with cached_folder("programs/a", fill) as folder:
        assert (folder / "file").exists()


def test_another_process_may_be_faster():
    """Its folder is taken; ours is removed."""

    def slow(folder):
        other = cache_root() / "programs" / "a"
        other.mkdir()
        (other / "file").write_text("theirs")
        fill(folder)

    with cached_folder("programs/a", slow) as folder:
        assert (folder / "file").read_text() == "theirs"
    assert [path.name for path in (cache_root() / "programs").iterdir()] == ["a"]


@pytest.mark.parametrize("where", ["/proc/none", "~/relative"], ids=["not writable", "no home"])
def test_without_a_cache_it_is_temporary(monkeypatch, where):
    """On a read-only system, and for a user without a home."""
    monkeypatch.setenv("CXRTK_CACHE", where)
    with cached_folder("programs/a", fill) as folder:
        assert (folder / "file").read_text() == "0"
    assert not folder.exists()


def test_what_is_forgotten_is_made_again():
    """As after a damaged file."""
    with cached_folder("programs/a", fill) as folder:
        (folder / "file").write_text("damaged")
    forget("programs/a")
    with cached_folder("programs/a", fill) as folder:
        assert (folder / "file").read_text() == "0"
    forget("programs/never made")
