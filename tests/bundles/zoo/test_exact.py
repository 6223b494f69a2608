"""``inference_dicom.json``: laid over ``inference.json``, with targets that `copy_steps` writes."""

from cxrtk.bundles.zoo.exact import MODULE, exact
from cxrtk.bundles.zoo.inference import inference
from cxrtk.bundles.zoo.steps import HOME, closure
from cxrtk.classes import CLASSES
from cxrtk.inference.segmentation import monai_steps
from cxrtk.models.model_file import ModelSpec

LUNGS = ModelSpec("m", {}, CLASSES, 64, temperature=(1.0, 2.0, 3.0, 4.0))


def test_its_ids_are_those_of_the_config_below():
    """It replaces what is there and adds nothing."""
    assert set(exact(LUNGS)) <= set(inference(LUNGS, {"_target_": "UNet"}))


def test_its_targets_travel_in_scripts():
    """Each is a class of the module that is copied."""
    steps = exact(LUNGS)
    parts = [*steps["preprocessing"]["transforms"], steps["inferer"], *steps["postprocessing"]["transforms"]]
    own = [part["_target_"] for part in parts if part["_target_"] != "SaveImaged"]
    assert MODULE in closure([MODULE])
    home, names = zip(*(target.rsplit(".", 1) for target in own), strict=True)
    assert set(home) == {MODULE.replace("cxrtk", HOME, 1)} and all(
        hasattr(monai_steps, name) for name in names
    )


def test_dicom_is_not_refused():
    """The check of suffixes is left out."""
    assert "is_picture" not in str(exact(LUNGS))
    assert exact(LUNGS)["inferer"]["temperature"] == [1.0, 2.0, 3.0, 4.0]
