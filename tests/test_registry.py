"""Names -> plugins: registering, creating, and everything that can be wrong with a plugin's file."""

import multiprocessing
import sys

import pytest

from cxrtk import PluginBroken, PluginConflict, PluginNotFound, masks, metrics, networks, readers, writers
from cxrtk.registry import Registry

GOOD = """
from torch import nn
from cxrtk import networks

@networks.register("{name}")
def build(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    '''A convolution.'''
    return nn.Conv2d(in_channels, out_channels, 3, padding=1)
"""


@pytest.fixture
def registry():
    """A registry of its own, which files cannot reach."""
    return Registry("networks", "torch.nn.Module")


def test_a_dropped_in_plugin_is_created(plugin_folder):
    """The arguments reach the plugin, and what it builds comes back."""
    plugin_folder.write("networks", "tiny_net", GOOD.format(name="tiny_net"))
    assert "tiny_net" in networks and "tiny_net" in networks.names()
    assert networks.create("tiny_net", in_channels=3, out_channels=2).weight.shape == (2, 3, 3, 3)


def test_creating_imports_one_file(plugin_folder):
    """Asking for one plugin does not import its neighbours, and listing imports none."""
    plugin_folder.write("networks", "first", GOOD.format(name="first"))
    plugin_folder.write("networks", "second", GOOD.format(name="second"))
    networks.names()
    assert not [name for name in sys.modules if name.startswith("cxrtk.local.networks.")]
    networks.create("first")
    assert [name for name in sys.modules if name.startswith("cxrtk.local.networks.")] == [
        "cxrtk.local.networks.first"
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "basic_unt",
            r"No networks plugin 'basic_unt'\. Did you mean 'basic_unet'\? Available: basic_unet, chexnet,",
        ),
        ("xyz", r"No networks plugin 'xyz'\. Available: basic_unet, chexnet, paper_unet"),
    ],
)
def test_a_typing_error_gets_a_hint(plugin_folder, asked, message):
    """A name that is not there lists those that are, and the nearest one if one is near."""
    with pytest.raises(PluginNotFound, match=message):
        networks.create(asked)


def test_two_files_of_one_name_conflict(plugin_folder):
    """Both files and where they come from are named; other plugins work on."""
    file = plugin_folder.write("networks", "basic_unet", GOOD.format(name="basic_unet"))
    ours = next(source.file for source in networks.sources() if source.origin == "cxrtk")
    networks._factories.pop("basic_unet", None)  # as in a new process
    with pytest.raises(PluginConflict, match="rename one") as conflict:
        networks.get("basic_unet")
    assert f"{file} (from CXRTK_PLUGINS)" in str(conflict.value)
    assert f"{ours.parent / 'basic_unet.py'} (from cxrtk)" in str(conflict.value)
    assert networks.get("paper_unet")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import a_package_nobody_has", "ModuleNotFoundError: No module named 'a_package_nobody_has'"),
        ("def (", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        (
            GOOD.format(name="other"),
            "must register networks 'bad' and no other, but registers networks 'other'",
        ),
        ("x = 1", "must register networks 'bad' and no other, but registers none"),
        (
            GOOD.format(name="bad") + GOOD.format(name="more"),
            "but registers networks 'bad', networks 'more'",
        ),
        (
            "from cxrtk import metrics\n@metrics.register('bad')\ndef f(): ...",
            "but registers metrics 'bad'",
        ),
        (
            "from cxrtk import networks\n@networks.register('bad')\ndef f(**settings): ...",
            r"\*\*settings would hide misspelled arguments",
        ),
        (
            "from cxrtk import networks\n@networks.register('bad')\ndef f(name): ...",
            "cannot be called 'name'",
        ),
    ],
)
def test_a_broken_file_says_why(plugin_folder, text, why):
    """The error names file and cause, the same at a second look, and nothing else is touched."""
    file = plugin_folder.write("networks", "bad", text)
    plugin_folder.write("networks", "good", GOOD.format(name="good"))
    before = dict(metrics._factories)
    for _ in range(2):
        with pytest.raises(PluginBroken, match=why) as broken:
            networks.get("bad")
        assert str(file) in str(broken.value)
    assert metrics._factories == before
    assert networks.create("good")


def test_the_cause_is_chained(plugin_folder):
    """The traceback of a plugin's own error is kept."""
    plugin_folder.write("networks", "bad", "1 / 0")
    with pytest.raises(PluginBroken) as broken:
        networks.get("bad")
    assert isinstance(broken.value.__cause__, ZeroDivisionError)


def test_a_plugin_that_imports_a_good_one_breaks_alone(plugin_folder):
    """It is refused, since it registers two names; the one that it imported can still be used."""
    plugin_folder.write("networks", "good", GOOD.format(name="good"))
    plugin_folder.write(
        "networks", "nosy", "from cxrtk.local.networks.good import build\n" + GOOD.format(name="nosy")
    )
    with pytest.raises(PluginBroken, match="networks 'good', networks 'nosy'"):
        networks.get("nosy")
    assert networks.create("good", out_channels=5).out_channels == 5


def test_a_file_cannot_slip_a_plugin_of_another_kind_in(plugin_folder):
    """A network's file that also registers a reader is refused, and that reader does not exist."""
    sneaky = GOOD.format(name="sneaky") + "\nfrom cxrtk import readers\nreaders.register('nih_png')(build)\n"
    plugin_folder.write("networks", "sneaky", sneaky)
    readers._factories.pop("nih_png", None)
    with pytest.raises(PluginBroken, match="registers networks 'sneaky', readers 'nih_png'"):
        networks.get("sneaky")
    assert readers.get("nih_png").__module__ == "cxrtk_plugins.readers.nih_png"


def test_broken_lists_all_and_raises_nothing(plugin_folder):
    """Every unusable name has its error; the good ones are not in it."""
    plugin_folder.write("networks", "bad", "1 / 0")
    plugin_folder.write("networks", "good", GOOD.format(name="good"))
    plugin_folder.write("networks", "paper_unet", GOOD.format(name="paper_unet"))
    networks._factories.pop("paper_unet", None)
    errors = networks.broken()
    assert {name: type(error) for name, error in errors.items()} == {
        "bad": PluginBroken,
        "paper_unet": PluginConflict,
    }


@pytest.mark.parametrize(
    ("kind", "built", "message"),
    [
        (networks, "7", "networks 'odd' built int, not Module"),
        (metrics, "7", "metrics 'odd' built int, not CumulativeIterationMetric"),
        (readers, "'x'", "readers 'odd' built str, not Reader"),
        (masks, "None", "masks 'odd' built NoneType, not MaskGenerator"),
        (writers, "7", "writers 'odd' built int, not Writer"),
    ],
    ids=["networks", "metrics", "readers", "masks", "writers"],
)
def test_what_is_built_is_checked(plugin_folder, kind, built, message):
    """A factory that builds something else is broken, by the names of both types."""
    text = f"from cxrtk import {kind.kind}\n@{kind.kind}.register('odd')\ndef f(): return {built}\n"
    plugin_folder.write(kind.kind, "odd", text)
    with pytest.raises(PluginBroken, match=message):
        kind.create("odd")


def test_a_misspelt_argument_is_the_plugin_s_type_error():
    """The plugin's own signature is the schema."""
    with pytest.raises(TypeError, match="in_chanels"):
        networks.create("paper_unet", in_chanels=3)


def test_a_name_typed_in_this_process_wins(plugin_folder):
    """What a notebook registers comes before a file of that name, which is then not imported."""
    plugin_folder.write("networks", "mine", "1 / 0")

    def build(): ...

    networks.register("mine")(build)
    assert networks.get("mine") is build


def test_registering_again_from_one_place_is_quiet(registry):
    """A reloaded module or a re-run cell defines the same function again."""
    source = "def build(): ..."
    for _ in range(2):
        scope = {"__name__": "notes"}
        exec(compile(source, __file__, "exec"), scope)
        registry.register("mine")(scope["build"])
    assert registry.get("mine") is scope["build"]


def test_an_edited_cell_registers_again(registry):
    """A notebook gives each edit of a cell another file name; it is still the same function of `__main__`."""
    for file in ("/tmp/ipykernel_1/1.py", "/tmp/ipykernel_1/2.py"):
        scope = {"__name__": "__main__"}
        exec(compile("def build(): ...", file, "exec"), scope)
        registry.register("mine")(scope["build"])
    assert registry.get("mine") is scope["build"]


def test_registering_from_two_places_conflicts(registry):
    """Two functions cannot have one name; both are named."""

    def first(): ...

    def second(): ...

    registry.register("mine")(first)
    with pytest.raises(PluginConflict, match=r"registered twice: .*first and .*second"):
        registry.register("mine")(second)


def test_repr_lists_the_names(registry):
    """A registry shows its kind and what it holds."""
    names = ", ".join(registry.names())
    assert repr(registry) == f"<Registry networks: {names}>"
    assert "paper_unet" in names


def test_a_dropped_in_plugin_reaches_a_spawned_worker(plugin_folder):
    """What a plugin built can be pickled to a new process, as a DataLoader does with its reader."""
    plugin_folder.write(
        "masks",
        "dark",
        "from cxrtk import masks\n\n@masks.register('dark')\nclass Dark:\n"
        "    '''Dark pixels.'''\n    def __call__(self, image):\n        return (image < 0.5).float()\n",
    )
    generator = masks.create("dark")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(type_name_of, (generator,)) == "cxrtk.local.masks.dark.Dark"


def type_name_of(thing: object) -> str:
    """Runs in the worker."""
    return f"{type(thing).__module__}.{type(thing).__qualname__}"
