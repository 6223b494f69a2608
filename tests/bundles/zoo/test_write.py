"""An exported bundle: its files, the rules and the recipe of MONAI's zoo, and its masks without cxrtk."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cxrtk
from cxrtk import ConfigError, phantom, pixels
from cxrtk.bundles.shipped import schema
from cxrtk.bundles.zoo import write_bundle
from cxrtk.bundles.zoo.write import backbone_of
from cxrtk.models.model_file import ModelSpec

HERE = Path(__file__).parent
CONFIGS = ("metadata", "train", "evaluate", "inference", "multi_gpu_train", "multi_gpu_evaluate")
FILES = {
    "LICENSE",
    *(f"configs/{name}.json" for name in CONFIGS),
    "configs/logging.conf",
    "models/model.pt",
    "models/model.ts",
    "models/model.onnx",
    "docs/README.md",
    "docs/data_license.txt",
    "docs/example.png",
}
EXACT = "['configs/inference.json','configs/inference_dicom.json']"


def files_of(bundle: Path) -> set[str]:
    return {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * np.sum(one & other) / max(np.sum(one) + np.sum(other), 1)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def drawn(folder: Path, count: int) -> Path:
    """Phantoms in ``images/`` and their label maps in ``labels/``, of two sizes."""
    for sub in ("images", "labels"):
        (folder / sub).mkdir(parents=True)
    for seed in range(count):
        one = phantom.draw(seed, size=64 + 16 * (seed % 2))
        masks = np.stack([one.right_lung, one.left_lung, one.heart])
        numbers = pixels.label_map(masks, ("right_lung", "left_lung", "heart"))
        Image.fromarray((one.pixels * 255).astype(np.uint8)).save(folder / "images" / f"{seed:02}.png")
        Image.fromarray(numbers).save(folder / "labels" / f"{seed:02}.png")
    return folder


@pytest.mark.slow
def test_it_has_the_files_of_the_zoo(small_bundle, zoo_bundle):
    """Those of the zoo, and with --standalone the steps of cxrtk and a config for DICOM."""
    assert files_of(small_bundle) == FILES
    more = files_of(zoo_bundle) - FILES
    assert "configs/inference_dicom.json" in more
    assert all(name.startswith("scripts/") for name in more - {"configs/inference_dicom.json"})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small_bundle", "zoo_bundle"])
def test_it_passes_the_rules_of_the_zoo(name, request, without_cxrtk, tmp_path):
    """In full mode, where no cxrtk is installed."""
    bundle = request.getfixturevalue(name)
    ended = without_cxrtk(tmp_path, HERE / "zoo_rules.py", bundle, schema())
    assert (ended.err[-2000:] if ended.code else "", ended.code) == ("", 0)


@pytest.mark.slow
def test_it_passes_the_recipe_of_the_zoo(zoo_bundle, without_cxrtk, tmp_path):
    """Ten images: an epoch of training, evaluation, inference, where no cxrtk is installed."""
    bundle = tmp_path / "bundle"
    shutil.copytree(zoo_bundle, bundle)  # training replaces its weights
    data = drawn(tmp_path / "data", 10)
    before = (bundle / "models" / "model.pt").read_bytes()
    ended = without_cxrtk(tmp_path, HERE / "zoo_recipe.py", bundle, data)
    assert ended.code == 0, ended.err[-2000:]
    assert 0.5 < float(ended.out.split()[-1]) <= 1
    assert (bundle / "models" / "model.pt").read_bytes() != before
    made = sorted((data / "out").iterdir())
    assert [path.name for path in made] == [f"{n:02}_labels.png" for n in range(10)]
    assert [size_of(path) for path in made] == [size_of(path) for path in sorted((data / "images").iterdir())]


@pytest.fixture(scope="session")
def pictures(made_once, cxrtk_data) -> Path:
    """Eight real PNGs of each of three sources, and DICOM files beside them."""

    def fill(folder: Path) -> None:
        (folder / "png").mkdir()
        (folder / "dicom").mkdir()
        for source in ("jsrt", "openist", "wingspan"):
            for path in sorted((cxrtk_data / source / "images").iterdir())[:8]:
                shutil.copy(path, folder / "png" / f"{source}_{path.name}")
        for path in sorted((cxrtk_data / "dicom").glob("r*.dcm")):
            shutil.copy(path, folder / "dicom")

    return made_once("pictures", fill)


def masks_by_cxrtk(folder: Path) -> dict[str, np.ndarray]:
    """Label maps of `cxrtk segment`, computed as in the bundle: by torch, in 32 bits."""
    segmenter = cxrtk.Segmenter(cxrtk.load_model("lungs"), backend="torch", precision="fp32")
    found = {path.stem: segmenter.segment(path) for path in sorted(folder.iterdir())}
    return {stem: pixels.label_map(each.masks, each.classes) for stem, each in found.items()}


def read_labels(folder: Path) -> dict[str, np.ndarray]:
    return {
        path.name.removesuffix("_labels.png"): np.asarray(Image.open(path))
        for path in sorted(folder.iterdir())
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "dicom"])
def test_with_its_scripts_the_masks_are_those_of_cxrtk_segment(
    zoo_bundle, without_cxrtk, pictures, tmp_path, kind
):
    """Pixel by pixel, where no cxrtk is installed, of PNG and of DICOM."""
    words = ["--dataset_dir", pictures / kind, "--output_dir", tmp_path / "out", "--bundle_root", zoo_bundle]
    ended = without_cxrtk(zoo_bundle, "-m", "monai.bundle", "run", "--config_file", EXACT, *words)
    assert ended.code == 0, ended.err[-2000:]
    wanted, found = masks_by_cxrtk(pictures / kind), read_labels(tmp_path / "out")
    assert list(found) == list(wanted)
    assert [stem for stem in wanted if not np.array_equal(found[stem], wanted[stem])] == []


@pytest.mark.slow
def test_with_monais_own_steps_the_masks_are_nearly_those_of_cxrtk_segment(
    zoo_bundle, without_cxrtk, pictures, tmp_path
):
    """Of 24 real PNGs each class has a mean Dice of .998 and more; the rest is named in docs/ecosystem.md."""
    words = ["--dataset_dir", pictures / "png", "--output_dir", tmp_path / "out", "--bundle_root", zoo_bundle]
    config = ["--config_file", "configs/inference.json"]
    ended = without_cxrtk(zoo_bundle, "-m", "monai.bundle", "run", *config, *words)
    assert ended.code == 0, ended.err[-2000:]
    wanted, found = masks_by_cxrtk(pictures / "png"), read_labels(tmp_path / "out")
    assert list(found) == list(wanted) and len(found) == 24
    for number in (1, 2, 3):
        scores = [dice(found[stem] == number, wanted[stem] == number) for stem in wanted]
        assert np.mean(scores) >= 0.998, (number, scores)


@pytest.mark.slow
def test_dicom_is_refused_by_one_line(zoo_bundle, without_cxrtk, pictures, tmp_path):
    """MONAI's readers would turn its polarity; the line says what takes it."""
    words = ["--dataset_dir", pictures / "dicom", "--output_dir", tmp_path / "out"]
    config = ["--config_file", "configs/inference.json"]
    ended = without_cxrtk(zoo_bundle, "-m", "monai.bundle", "run", *config, *words)
    assert ended.code == 1 and "Traceback" not in ended.err
    assert ended.err.splitlines()[-1].endswith("which `cxrtk export --standalone` adds.")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_exists_is_kept(tmp_path, lung_model):
    """Nothing is written over."""
    (tmp_path / "mine").mkdir()
    with pytest.raises(ConfigError, match="exists; name a folder that does not"):
        write_bundle(str(lung_model), tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_an_ensemble_is_refused(tmp_path, lung_model):
    """It has several networks, and licences."""
    with pytest.raises(ConfigError, match="is an ensemble"):
        write_bundle(f"{lung_model}+lungs", tmp_path / "both")


def test_what_is_no_evaluation_is_named(tmp_path, lung_model):
    """And nothing is left of the bundle."""
    with pytest.raises(ConfigError, match=r"evaluation\.json: cannot be read"):
        write_bundle(str(lung_model), tmp_path / "b", evaluation=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_plugins_network_travels_in_scripts():
    """Its function is the target, its arguments are those of the run."""
    network = {"_target_": "cxrtk.networks.create", "name": "paper_unet", "in_channels": 3, "out_channels": 1}
    definition, files = backbone_of(ModelSpec("m", network, ("lungs",), 64, in_channels=3))
    assert definition == {"_target_": "scripts.paper_unet.paper_unet", "in_channels": 3, "out_channels": 1}
    assert [file.name for file in files] == ["paper_unet.py"]


@pytest.mark.slow
def test_what_the_readme_says_is_in_the_bundle(zoo_bundle):
    """Its terms, its channels, and commands whose configs exist."""
    text = (zoo_bundle / "docs" / "README.md").read_text(encoding="utf-8")
    metadata = json.loads((zoo_bundle / "configs" / "metadata.json").read_text(encoding="utf-8"))
    licence = (zoo_bundle / "LICENSE").read_text(encoding="utf-8")
    assert "Weights: research and education only" in text and "research and education only" in licence
    assert "not fit for MONAI's model zoo" in text
    assert metadata["network_data_format"]["outputs"]["pred"]["channel_def"] == {
        "0": "background", "1": "right_lung", "2": "left_lung", "3": "heart",
    }  # fmt: skip
