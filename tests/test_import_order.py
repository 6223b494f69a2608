"""Who may import whom: rooms in their order, and plugins nothing but the public names."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

import cxrtk

ROOT = Path(__file__).resolve().parent.parent
# In reading order; each imports only what stands before it, or itself. A room with wings has a line for each.
ROOMS = [
    ("api", "errors", "classes", "cardiothoracic", "lazy", "wording"),
    ("registry", "discovery", "local", "models.shipping"),
    ("process",),
    ("data",),
    ("passes",),
    ("models.residual_unet",),
    ("models.network_def", "models.weights", "models.description", "models.probe", "models.model_file"),
    ("models.run_config", "models.run_spec"),
    ("training",),
    ("models",),
    ("evaluation",),
    ("explain",),
    ("inference.quality",),
    ("inference.segmentation",),
    ("inference.classification",),
    ("inference.explanation",),
    ("inference.scoring",),
    ("inference",),
    ("dicomweb",),
    ("watch",),
    ("report",),
    ("bundles",),
    ("testing",),
    ("cli",),
    ("__main__",),
]
RANK = {module: rank for rank, modules in enumerate(ROOMS) for module in modules}
# Public, so that configs can name them, but no plugin's business.
NOT_FOR_PLUGINS = ("bundles", "data", "training")
MODULES = [path for path in sorted((ROOT / "cxrtk").rglob("*.py")) if path != ROOT / "cxrtk" / "__init__.py"]
TEMPLATES = ROOT / "cxrtk" / "cli" / "templates"
PLUGINS = [
    path
    for folder in (ROOT / "plugins", ROOT / "examples", TEMPLATES)
    for path in sorted(folder.rglob("*.py"))
    if path.parent.name in ("readers", "masks", "networks", "metrics", "writers", "steps")
    or (folder == TEMPLATES and not path.stem.startswith("__") and not path.stem.endswith("_test"))
]


def imports(text: str) -> list[tuple[str, str]]:
    """(module, name) of each import of a file; the name is empty for ``import module``."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [("." * node.level + (node.module or ""), alias.name) for alias in node.names]
    return found


def rank(parts: Sequence[str]) -> int:
    """Of a module, by its dotted name below ``cxrtk``: that of its wing, or of its room."""
    return RANK.get(".".join(parts[:2]), RANK.get(parts[0], len(ROOMS)))


def wrong_rooms(room: str, text: str) -> list[str]:
    """What a file of a room or wing imports from a later one, relatively, or from a room without a rank."""
    wrong = []
    for module, name in imports(text):
        top, _, rest = module.partition(".")
        if top == "":
            wrong.append(module)
        elif top == "cxrtk":
            target = [*rest.split("."), name] if rest else [name]
            if target != ["__version__"] and rank(target) > rank(room.split(".")):
                wrong.append(f"{module} {name}".strip())
        elif top in ("plugins", "cxrtk_plugins"):
            wrong.append(module)
    return wrong


def wrong_in_plugin(text: str) -> list[str]:
    """What a plugin imports of cxrtk that is not public, or of other plugins."""
    wrong = []
    for module, name in imports(text):
        top = module.partition(".")[0]
        if top in ("", "plugins", "cxrtk_plugins") or (top == "cxrtk" and module != "cxrtk"):
            wrong.append(module)
        elif module == "cxrtk" and name and (name in NOT_FOR_PLUGINS or name not in cxrtk.__all__):
            wrong.append(f"cxrtk.{name}")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_what_stands_before_it(path):
    """No module imports from a later room, nor a plugin."""
    room = ".".join(path.relative_to(ROOT / "cxrtk").with_suffix("").parts)
    if TEMPLATES in path.parents:
        return  # what `cxrtk new` writes is a plugin; see below
    assert wrong_rooms(room, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_plugin_imports_the_public_names_only(path):
    """A plugin could be a stranger's: it imports from `cxrtk` itself, and from no other plugin."""
    assert wrong_in_plugin(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("folder", ["readers", "masks", "networks", "metrics", "writers", "steps"])
def test_kind_folders_hold_no_init(folder):
    """An `__init__.py` would hide the same folder of other plugin packages."""
    assert not (ROOT / "plugins" / folder / "__init__.py").exists()


@pytest.mark.parametrize(
    ("room", "text", "wrong"),
    [
        ("data", "from cxrtk.training import runs", ["cxrtk.training runs"]),
        ("data", "def f():\n    import cxrtk.cli", ["cxrtk.cli"]),
        ("data", "from cxrtk import cli", ["cxrtk cli"]),
        ("data", "from . import splits", ["."]),
        (
            "inference.quality.fit",
            "from cxrtk.inference.scoring import folds",
            ["cxrtk.inference.scoring folds"],
        ),
        ("inference.scoring.folds", "from cxrtk.inference.quality import fit", []),
        ("data", "from cxrtk.somewhere import x", ["cxrtk.somewhere x"]),
        ("cli", "from cxrtk_plugins.networks import paper_unet", ["cxrtk_plugins.networks"]),
        ("data", "from cxrtk.errors import DataError\nimport cxrtk.data.splits\nimport torch", []),
    ],
)
def test_the_room_check_sees_it(room, text, wrong):
    """The check itself finds an import that is out of order, wherever it stands."""
    assert wrong_rooms(room, text) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("from cxrtk.registry import networks", ["cxrtk.registry"]),
        ("from cxrtk import discovery", ["cxrtk.discovery"]),
        ("from cxrtk import training", ["cxrtk.training"]),
        ("from .dice import dice", [".dice"]),
        ("from cxrtk_plugins.metrics.dice import dice", ["cxrtk_plugins.metrics.dice"]),
        ("from cxrtk import networks, regions\nimport cxrtk\nimport torch", []),
    ],
)
def test_the_plugin_check_sees_it(text, wrong):
    """The check itself finds an import that a stranger could not make."""
    assert wrong_in_plugin(text) == wrong
