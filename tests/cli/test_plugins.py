"""`cxrtk plugins`: one row a file, whatever is wrong with some of them."""

import json

import pytest

NETWORK = """
from torch import nn
from cxrtk import networks

@networks.register("{name}")
def build(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    '''A convolution.'''
    return nn.Conv2d(in_channels, out_channels, 3, padding=1)
"""


def test_all_is_well(cxrtk_command, plugin_folder):
    """Every plugin has a line with kind, name, origin and state, and the exit code is 0."""
    plugin_folder.write("networks", "tiny_net", NETWORK.format(name="tiny_net"))
    ended = cxrtk_command("plugins", "--kind", "networks", "--check")
    lines = [line.split() for line in ended.out.splitlines()]
    assert ended.code == 0
    assert lines[0] == ["kind", "name", "origin", "state"]
    assert ["networks", "tiny_net", "CXRTK_PLUGINS", "ok"] in lines
    assert ["networks", "paper_unet", "cxrtk", "ok"] in lines
    assert {line[0] for line in lines[1:]} == {"networks"}


@pytest.mark.parametrize("options", [[], ["--kind", "readers"], ["--json"], ["--long"]])
def test_listing_runs_no_code(cxrtk_command, plugin_folder, tmp_path, options):
    """Without --check no plugin is imported: a stranger's code does not run; with it, it does."""
    marker = tmp_path / "marker"
    plugin_folder.write("readers", "some_reader", f"open({str(marker)!r}, 'w').close()")
    ended = cxrtk_command("plugins", *options)
    assert ended.code == 0 and "some_reader" in ended.out
    assert str(plugin_folder.path / "readers" / "some_reader.py") in ended.out
    assert not marker.exists()
    assert cxrtk_command("plugins", *options, "--check").code == 1 and marker.exists()


@pytest.mark.slow
def test_listing_runs_no_code_of_a_distribution(fresh_python, third_party, tmp_path):
    """The package of an installed plugin is not imported either, nor a package above it."""
    marker = tmp_path / "marker"
    inner = third_party / "acme_good" / "networks" / "acme_net.py"
    for file in (inner, inner.parents[1] / "__init__.py", third_party / "acme_unimportable" / "__init__.py"):
        file.write_text(f"open({str(marker)!r}, 'w').close()")
    ended = fresh_python("-m", "cxrtk", "plugins", "--json", PYTHONPATH=third_party)
    assert ended.code == 0, ended.err
    assert {row["file"] for row in json.loads(ended.out)} >= {str(inner)}
    assert not marker.exists()


def test_json_holds_every_kind(cxrtk_command, plugin_folder):
    """`--json` prints the same rows, of all kinds, with their files, and nothing that a plugin prints."""
    plugin_folder.write("networks", "loud", "print('hello')\n" + NETWORK.format(name="loud"))
    rows = json.loads(cxrtk_command("plugins", "--json", "--check").out)
    assert {row["kind"] for row in rows} >= {"readers", "networks", "metrics"}
    loud = next(row for row in rows if row["name"] == "loud")
    assert loud == {
        "kind": "networks",
        "name": "loud",
        "origin": "CXRTK_PLUGINS",
        "file": str(plugin_folder.path / "networks" / "loud.py"),
        "state": "ok",
    }


def test_brackets_in_an_error_are_no_markup(cxrtk_command, plugin_folder):
    """An error's text is printed as it is."""
    plugin_folder.write("networks", "bad", "raise ValueError('[red]x[/red] [nothing]')")
    assert (
        "ValueError: [red]x[/red] [nothing]" in cxrtk_command("plugins", "--kind", "networks", "--check").out
    )


@pytest.fixture
def third_party(tmp_path):
    """A path entry with three installed distributions: good, broken, and one that takes a name of ours."""
    files = {
        "acme_good": ("acme_net", NETWORK.format(name="acme_net")),
        "acme_broken": ("acme_sick", "import a_package_nobody_has"),
        "acme_greedy": ("paper_unet", NETWORK.format(name="paper_unet")),
    }
    site = tmp_path / "site"
    for package, (name, text) in files.items():
        networks = site / package / "networks"
        networks.mkdir(parents=True)
        (site / package / "__init__.py").touch()
        (networks / f"{name}.py").write_text(text)
        info = site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[cxrtk.plugins]\n{package} = {package}\n")
    unimportable = site / "acme_unimportable"
    unimportable.mkdir()
    (unimportable / "__init__.py").write_text("1 / 0")
    info = site / "acme_unimportable-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme_unimportable\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[cxrtk.plugins]\nacme_unimportable = acme_unimportable.plugins\n")
    return site


@pytest.mark.slow
def test_good_broken_and_colliding_distributions(fresh_python, third_party):
    """Each file has its row and its reason, nothing stops at the broken ones, and the exit code is 1."""
    ended = fresh_python("-m", "cxrtk", "plugins", "--json", "--check", PYTHONPATH=third_party)
    assert ended.code == 1
    states = {(row["name"], row["origin"]): row["state"] for row in json.loads(ended.out)}
    assert states["acme_net", "acme_good"] == "ok"
    assert states["basic_unet", "cxrtk"] == "ok"
    assert "ModuleNotFoundError: No module named 'a_package_nobody_has'" in states["acme_sick", "acme_broken"]
    for origin in ("cxrtk", "acme_greedy"):
        assert states["paper_unet", origin].startswith(
            "2 networks plugins are called 'paper_unet'; rename one:"
        )
        assert "(from cxrtk)" in states["paper_unet", origin]
        assert "(from acme_greedy)" in states["paper_unet", origin]
    assert "Plugins of acme_unimportable are ignored: ZeroDivisionError" in ended.err


@pytest.mark.slow
def test_a_good_distribution_works_beside_them(fresh_python, third_party):
    """The good plugin and ours can be created where the others are broken."""
    create = "print(networks.create('acme_net', in_channels=2), networks.create('basic_unet'))"
    ended = fresh_python("-c", f"from cxrtk import networks; {create}", PYTHONPATH=third_party)
    assert ended.code == 0, ended.err
    assert ended.out.startswith("Conv2d(2, 1")


READER = """
import a_package_nobody_has
from cxrtk import readers

DATASET{annotation} = {{
    "title": "Ten images",
    "home": "https://example.org/ten",
    "licence": "CC0",
    "terms": (
        "none, but "
        "be kind"
    ),
    "citation": "Doe J [2020]",
}}
"""


@pytest.mark.parametrize("annotation", ["", ": dict[str, str]"])
def test_long_shows_the_data_set(cxrtk_command, plugin_folder, annotation):
    """Home, licence, terms and citation are read from the file, even where it cannot be imported."""
    plugin_folder.write("readers", "ten", READER.format(annotation=annotation))
    ended = cxrtk_command("plugins", "--kind", "readers", "--long", "--check")
    paragraph = next(part for part in ended.out.split("\n\n") if part.startswith("readers ten "))
    first, *facts = paragraph.splitlines()
    assert first.startswith("readers ten (CXRTK_PLUGINS): ")
    assert "a_package_nobody_has" in first
    assert facts == [
        "  title: Ten images",
        "  home: https://example.org/ten",
        "  licence: CC0",
        "  terms: none, but be kind",
        "  citation: Doe J [2020]",
    ]
    assert ended.code == 1


def test_long_in_json(cxrtk_command, plugin_folder):
    """Each row has all facts, empty where the plugin says nothing."""
    plugin_folder.write("networks", "tiny_net", NETWORK.format(name="tiny_net"))
    ended = cxrtk_command("plugins", "--json", "--long", "--check")
    rows = {row["name"]: row for row in json.loads(ended.out)}
    assert ended.code == 0
    assert rows["jsrt"]["licence"].startswith("none of the common ones")
    assert "redistribution" in rows["jsrt"]["terms"]
    assert rows["chexmask"]["licence"].startswith("CC BY 4.0")
    facts = ("title", "home", "licence", "terms", "citation")
    assert [rows["tiny_net"][fact] for fact in facts] == [""] * 5
    assert all(set(facts) <= set(row) for row in rows.values())


@pytest.mark.parametrize("name", ["nih_png", "jsrt", "montgomery", "shenzhen", "chexmask"])
def test_each_data_set_of_ours_is_complete(cxrtk_command, name):
    """A reader of a public data set names its home, licence, terms and what to cite, by address or DOI."""
    rows = json.loads(cxrtk_command("plugins", "--kind", "readers", "--json", "--long").out)
    row = next(row for row in rows if row["name"] == name)
    assert all(row[fact] for fact in ("title", "home", "licence", "terms", "citation"))
    assert "http" in row["home"]
    assert "doi:10." in row["citation"]


@pytest.mark.parametrize(
    ("dataset", "state"),
    [
        ("{'home': 'x'}", "DATASET: must be a dict with the keys title, home"),
        ("['home']", "DATASET: must be a dict"),
        ("dict(home='x')", "DATASET: malformed node"),
        ("dict.fromkeys(['title'])", "DATASET: malformed node"),
        (
            "{'title': 1, 'home': '', 'licence': '', 'terms': '', 'citation': ''}",
            "DATASET: must hold texts only",
        ),
    ],
)
def test_a_wrong_dataset_is_said(cxrtk_command, plugin_folder, dataset, state):
    """A plugin that works and has such a `DATASET` is told so, and the exit code is 1."""
    plugin_folder.write("networks", "tiny_net", f"DATASET = {dataset}\n" + NETWORK.format(name="tiny_net"))
    ended = cxrtk_command("plugins", "--kind", "networks", "--long", "--check")
    line = next(line for line in ended.out.splitlines() if line.startswith("networks tiny_net"))
    assert state in line
    assert ended.code == 1
    assert cxrtk_command("plugins", "--kind", "networks", "--check").code == 0
