"""No false alarm: our own bundles, and configs as those of MONAI's model zoo."""

import sys
from pathlib import Path

import pytest

from cxrtk.bundles import folder, shipped
from cxrtk.bundles.lint import lint

GOOD = Path(__file__).parent / "good"
OVERLAYS = {"spleen_multi_gpu_train", "spleen_evaluate"}
CONFIGS = sorted(GOOD.iterdir())


def files(config: Path) -> list[Path]:
    """A config, with its base before it if it is an overlay."""
    return [GOOD / "spleen_train.json", config] if config.stem in OVERLAYS else [config]


@pytest.mark.parametrize(
    "names",
    [
        ["unet_cxr"],
        ["unet_cxr", "human_masks"],
        ["unet_cxr", "basic_unet"],
        ["unet_cxr", "evaluate"],
        ["unet_cxr", "chexnet_cxr"],
        ["unet_cxr", "lungs"],
        ["unet_cxr", "lungs", "evaluate"],
        ["unet_cxr", "lungs", "lungs_light"],
        ["unet_cxr", "lungs", "lungs_open"],
        ["unet_cxr", "lungs", "lungs_light", "lungs_open"],
        ["unet_cxr", "lungs", "fine_tune"],
        ["unet_cxr", "multi_gpu"],
        ["unet_cxr", "lungs", "multi_gpu"],
        ["unet_cxr", "dice_ce"],
        ["unet_cxr", "focal"],
        ["unet_cxr", "human_masks", "attention_unet"],
        ["unet_cxr", "segresnet", "dice_ce", "multi_gpu"],
        ["unet_cxr", "flexible_unet"],
        ["unet_cxr", "lungs", "mlflow"],
        ["unet_cxr", "mlflow", "wandb"],
        ["inference"],
        ["unet_cxr", "human_masks", "basic_unet", "evaluate"],
    ],
)
def test_our_own(names):
    """The shipped configs, alone and laid over one another, are without issues."""
    assert lint([shipped()[name] for name in names]) == []


def test_all_of_ours_are_covered():
    """Each config that ships is in the list above."""
    (marker,) = test_our_own.pytestmark
    assert shipped().keys() == {name for names in marker.args[1] for name in names}
    assert {path.stem for path in folder().glob("*.json")} == {*shipped(), "metadata", "metadata_schema"}


def test_there_are_enough():
    """The corpus is there."""
    assert len(CONFIGS) == 30


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_as_in_the_model_zoo(config):
    """A well-formed config is without issues, unless it has a network's weights fetched."""
    fetched = {"pathology_train": ["network_def#pretrained"]}.get(config.stem, [])
    assert [issue.id for issue in lint(files(config))] == fetched
    assert lint(files(config), allow_code=True) == []


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_monai_agrees(config):
    """They are well-formed: MONAI resolves every id, and finds and signs each target with its arguments."""
    import inspect
    from pydoc import locate

    from monai.bundle import ConfigParser
    from monai.bundle.config_item import ConfigComponent

    parser = ConfigParser()
    parser.read_config([str(file) for file in files(config)])
    parser.parse()
    for id, item in list(parser.ref_resolver.items.items()):
        parser.get_parsed_content(id, instantiate=False, eval_expr=False)
        if isinstance(item, ConfigComponent):
            target = locate(item.resolve_module_name())
            assert target is not None, id
            inspect.signature(target).bind(**item.resolve_args())


@pytest.mark.parametrize(
    ("name", "id", "kind"),
    [
        ("spleen_train.json", "network_def", "UNet"),
        ("spleen_train.json", "validate#preprocessing", "Compose"),
        ("spleen_inference.json", "postprocessing", "Compose"),
        ("brats_train.json", "optimizer", "Adam"),
        ("brats_train.json", "train#key_metric#train_mean_dice", "MeanDice"),
        ("classification_train.yaml", "postprocessing", "Compose"),
        ("registration_train.yaml", "net", "LocalNet"),
        ("nodule_detection_train.json", "anchor_generator", "AnchorGeneratorWithAnchorShape"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # MONAI's own, of optional packages and changed defaults
def test_monai_makes_parts_of_them(name, id, kind):
    """Light parts of them can really be made."""
    from monai.bundle import ConfigParser

    parser = ConfigParser()
    parser.read_config(str(GOOD / name))
    assert type(parser.get_parsed_content(id)).__name__ == kind


def test_neither_torch_nor_monai(fresh_python):
    """Linting imports neither torch, nor MONAI, nor a plugin."""
    program = (
        "import sys; from pathlib import Path; from cxrtk.bundles.lint import lint\n"
        f"assert not lint([Path({str(shipped()['unet_cxr'])!r})])\n"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('torch', 'monai', 'ignite', 'numpy', 'cxrtk_plugins') or m.startswith('cxrtk.local.')])"
    )
    ended = fresh_python("-c", program)
    assert (ended.code, ended.out.strip()) == (0, "[]"), ended.err


def test_quick(fresh_python):
    """Linting the shipped config takes at most a second of the processor, in the best of three processes."""
    program = (
        "import time; from pathlib import Path; from cxrtk.bundles.lint import lint\n"
        f"begin = time.process_time(); lint([Path({str(shipped()['unet_cxr'])!r})])\n"
        "print(time.process_time() - begin)"
    )
    assert min(float(fresh_python("-c", program).out) for _ in range(3)) < 1


def test_a_plugin_of_the_user(plugin_folder):
    """A plugin of CXRTK_PLUGINS is found, its arguments are checked, and it is not imported."""
    plugin_folder.write(
        "networks",
        "tiny",
        "raise SystemExit\nfrom cxrtk import networks\n"
        "@networks.register('tiny')\ndef tiny(width: int = 8): ...\n",
    )
    overrides = {"network_def": {"_target_": "cxrtk.networks.create", "name": "tiny", "width": 4}}
    assert lint([shipped()["unet_cxr"]], overrides) == []
    overrides["network_def"]["widht"] = 4
    (issue,) = lint([shipped()["unet_cxr"]], overrides)
    assert "did you mean 'width'?" in str(issue)
    assert not any(name.startswith("cxrtk.local.networks") for name in sys.modules)
