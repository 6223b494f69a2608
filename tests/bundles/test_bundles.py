"""The shipped configs: complete by MONAI's own check, swappable, and described by their metadata."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow
from monai.data import MetaTensor
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.networks.nets import BasicUNet
from monai.transforms import Compose
from monai.utils import set_determinism

import cxrtk
from cxrtk import phantom
from cxrtk.bundles.shipped import ALONE, BASE, BELOW, shipped
from cxrtk.bundles.shipped import metadata as metadata_file
from tests.bundles.open_sources import FEW_PHANTOMS, say_licences

ROOT = Path(__file__).resolve().parents[2]
META = str(metadata_file(BASE))
OVERLAYS = [name for name in shipped() if name not in ALONE]


def files(*overlays: str) -> list[str]:
    below = [each for name in overlays for each in BELOW.get(name, ())]
    return [str(shipped()[name]) for name in (BASE, *below, *overlays)]


def workflow(*overlays: str, **override: Any) -> ConfigWorkflow:
    """A config as MONAI reads it; nothing is built yet."""
    return ConfigWorkflow(
        config_file=files(*overlays),
        meta_file=META,
        logging_file=False,
        workflow_type="train",
        **override,
    )


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> str:
    """Four phantoms of three patients, with masks, in the layout of ChestX-ray14."""
    return str(phantom.write_nih(tmp_path_factory.mktemp("phantoms") / "set", count=4, size=64))


@pytest.fixture(autouse=True)
def undetermined(process_as_it_was):
    """A bundle fixes the seeds of the whole process; afterwards they are free again."""
    yield
    set_determinism(None)


def read(name: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(shipped()[name].read_text(encoding="utf-8"))
    return config


@pytest.mark.parametrize("overlays", [(), *((name,) for name in OVERLAYS), ("human_masks", "basic_unet")])
def test_every_config_has_monais_standard_ids(pairs, tmp_path, monkeypatch, overlays):
    """Alone or laid over the base, MONAI misses nothing, and all it asks for can be built."""
    monkeypatch.chdir(tmp_path)
    for source in read("lungs")["sources"]:  # which says what they are
        shutil.copytree(pairs, tmp_path / source, ignore=shutil.ignore_patterns("about.json"))
        say_licences(tmp_path / source)
    of_four = "lungs" in (*overlays, *(below for name in overlays for below in BELOW.get(name, ())))
    folder = str(tmp_path) if of_four and "fine_tune" not in overlays else pairs
    few = FEW_PHANTOMS if "lungs_open" in overlays else {}
    checked = workflow(*overlays, dataset_dir=folder, image_size=64, batch_size=2, **few)
    checked.initialize()
    assert checked.check_properties() == []
    assert isinstance(checked.trainer, SupervisedTrainer)
    assert isinstance(checked.evaluator, SupervisedEvaluator)


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_changes_what_is_there(name):
    """Each of its ids is one of the base's, or used by the overlay; a mistyped one would do nothing."""
    overlay, base = read(name), ConfigParser(ConfigParser.load_config_files(files(name)[:-1]))
    used = set(re.findall(r"@(\w+)", json.dumps(overlay)))
    keys = [key.removeprefix("+") for key in overlay]  # MONAI's sign for "add to what is there"
    assert [key for key in keys if key not in base and key not in used] == []


@pytest.mark.parametrize("name", list(shipped()))
def test_every_reference_points_at_something(name):
    """No ``@id`` or ``%id`` of a config leads nowhere."""
    merged = [str(shipped()[name])] if name in ALONE else files(name)
    parser = ConfigParser(ConfigParser.load_config_files(merged))
    names = set(re.findall(r"[@%]([a-zA-Z_]\w*(?:#\w+)*)", json.dumps(parser.config)))
    assert len(names) > 5
    assert [reference for reference in sorted(names) if reference not in parser] == []


@pytest.mark.parametrize(
    ("overlays", "override", "network"),
    [
        ((), {}, "PaperUNet"),
        (("basic_unet",), {}, "BasicUNet"),
        ((), {"network_def#name": "basic_unet"}, "BasicUNet"),
        (("human_masks",), {"network_def#name": "basic_unet"}, "BasicUNet"),
    ],
)
def test_the_network_is_swapped_by_overlay_and_by_command_line(overlays, override, network):
    """Three channels in and one logit out in either case."""
    built = workflow(*overlays, **override).parser.get_parsed_content("network_def")
    assert type(built).__name__ == network
    first, *_ = (parameter for parameter in built.parameters() if parameter.dim() == 4)
    assert first.shape[1] == 3


def test_the_overlay_needs_no_registry():
    """It names MONAI's class itself, as any MONAI user may; its parameters are those of the plugin."""
    target = read("basic_unet")["network_def"]["_target_"]
    assert target == "monai.networks.nets.BasicUNet"
    by_overlay = workflow("basic_unet").parser.get_parsed_content("network_def")
    by_name = cxrtk.networks.create("basic_unet")
    assert isinstance(by_overlay, BasicUNet)
    assert [p.shape for p in by_overlay.parameters()] == [p.shape for p in by_name.parameters()]


def prepared(part: str, data: dict[str, Any]) -> dict[str, Any]:
    """What the network is fed, from a loaded image: all but the three steps that load."""
    parser, steps = workflow(image_size=32).parser, f"{part}#preprocessing#transforms"
    transforms = [parser.get_parsed_content(f"{steps}#{number}") for number in range(3, len(parser[steps]))]
    result: dict[str, Any] = Compose(transforms)(dict(data))
    return result


@pytest.mark.parametrize("part", ["validate", "test"])
@pytest.mark.parametrize(("scale", "shift"), [(0.5, 0.0), (0.25, 0.6), (0.1, 0.05)])
def test_no_linear_rescaling_of_the_input_changes_what_the_network_sees(part, scale, shift):
    """Another bit depth or window of the same picture gives the same tensor."""
    picture = torch.rand(1, 70, 50, generator=torch.Generator().manual_seed(0))
    label = (picture > 0.5).float()
    one, other = (
        prepared(part, {"image": MetaTensor(image.clone()), "label": MetaTensor(label)})["image"]
        for image in (picture, scale * picture + shift)
    )
    assert one.shape == (3, 32, 32)
    torch.testing.assert_close(one.as_tensor(), other.as_tensor(), atol=1e-4, rtol=0)


def test_validation_and_test_see_the_same_image_and_the_test_keeps_its_label():
    """One picture, 70 x 50: equal tensors for the network; the label of the test stays 70 x 50."""
    picture = torch.rand(1, 70, 50, generator=torch.Generator().manual_seed(0))
    data = {"image": MetaTensor(picture), "label": MetaTensor((picture > 0.5).float())}
    validation, test = prepared("validate", data), prepared("test", data)
    assert torch.equal(validation["image"], test["image"])
    assert validation["label"].shape == (1, 32, 32) and test["label"].shape == (1, 70, 50)
    assert set(validation["label"].unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("name", list(shipped()))
def test_after_the_reader_there_are_monai_transforms_only(name):
    """So that an exported bundle runs where only MONAI is installed; what varies a training may be ours."""
    config = read(name)
    config.pop("train#random_transforms", None)
    named = re.findall(r'"_target_": "(cxrtk\.data\.\w+)"', json.dumps(config))
    labels = {"LoadLabeld", "LoadClassesd", "LoadFindingsd", "GenerateMaskd", "ResizeClassesd"}
    loading = {"LoadRadiographd", *labels}
    assert {target.split(".")[-1] for target in named} <= loading | {"DataLists", "cached"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("image_size", 256),
        ("in_channels", 3),
        ("batch_size", 16),
        ("seed", 0),
        ("network_def#name", "paper_unet"),
        ("optimizer#_target_", "torch.optim.Adam"),
        ("loss_function#_target_", "cxrtk.training.BinaryCrossEntropy"),
        ("val_interval", 1),
        ("train#deterministic_transforms#3#_target_", "ScaleIntensityRangePercentilesd"),
    ],
)
def test_the_papers_settings_are_the_defaults(key, value):
    """What the README says, and what the command line changes."""
    assert workflow().parser[key] == value


def test_the_channels_of_the_image_reach_the_network():
    """``--in_channels 1`` gives the grey network of 5,468,897 parameters."""
    network = workflow(in_channels=1).parser.get_parsed_content("network_def")
    assert sum(parameter.numel() for parameter in network.parameters()) == 5_468_897


@pytest.mark.parametrize("name", list(shipped()))
def test_the_metadata_has_the_keys_that_monai_requires(name):
    """Those of the MONAI bundle specification's table of ``metadata.json``."""
    metadata = json.loads(metadata_file(name).read_text(encoding="utf-8"))
    versions = {f"{name}_version" for name in ("monai", "pytorch", "numpy", "required_packages")}
    about = {"schema", "version", "changelog", "task", "description", "authors", "copyright"}
    assert versions | about | {"network_data_format"} <= set(metadata)
    assert metadata["version"] in metadata["changelog"]
    for side in ("inputs", "outputs"):
        for data in metadata["network_data_format"][side].values():
            wanted = {"type", "format", "num_channels", "spatial_shape", "dtype", "value_range"}
            assert wanted | {"is_patch_data", "channel_def"} <= set(data)
            assert len(data["channel_def"]) == data["num_channels"]


@pytest.mark.parametrize("name", list(shipped()))
def test_the_metadata_names_the_tested_versions(name):
    """Those that constraints.txt pins, and cxrtk's own."""
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    metadata = json.loads(metadata_file(name).read_text(encoding="utf-8"))
    named = dict(metadata["required_packages_version"])
    assert named.pop("cxrtk") == cxrtk.__version__
    named |= {name: metadata[f"{key}_version"] for name, key in (("monai", "monai"), ("torch", "pytorch"))}
    named["numpy"] = metadata["numpy_version"]
    assert named == {name: pins[name] for name in named}


def test_a_batch_larger_than_the_data_set_holds_all_of_it(pairs, tmp_path, monkeypatch):
    """Nothing is dropped, and an epoch is one step."""
    monkeypatch.chdir(tmp_path)
    built = workflow(dataset_dir=pairs, image_size=32, batch_size=64)
    built.initialize()
    (batch,) = built.trainer.data_loader
    assert batch["image"].shape[0] == len(built.trainer.data_loader.dataset) < 64
