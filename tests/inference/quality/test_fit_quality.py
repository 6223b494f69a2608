"""The quality flag of a model is fitted to images as they are, spoiled and strange."""

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet

from cxrtk.inference.quality import fit_quality as fitting
from cxrtk.inference.quality.fit_quality import Sample, fit_quality
from cxrtk.inference.quality.observe import GridImage, Observation
from cxrtk.models.model_file import Model, ModelSpec
from cxrtk.models.predictor import Predictor

FOUR = ("right_lung", "left_lung", "heart", "lungs_with_heart")
PATIENTS = [str(number) for number in range(10)]  # of ten images


@pytest.fixture(scope="module")
def predictor():
    """A small network that was never trained."""
    arguments = {"spatial_dims": 2, "in_channels": 1, "out_channels": 4, "channels": [4, 8], "strides": [2]}
    torch.manual_seed(0)
    network = UNet(**arguments).eval()
    spec = ModelSpec("m", {"_target_": "monai.networks.nets.UNet", **arguments}, FOUR, image_size=32)
    return Predictor(Model(spec, network, "0" * 64))


@pytest.fixture
def populations(monkeypatch):
    """The populations whose distances were fitted; a distance is the number of the population it is from."""
    found: list[set[bytes]] = []

    class Numbered:
        def __init__(self, number):
            self.number = number

        def __call__(self, vector):
            return self.number

        @staticmethod
        def fit(vectors, axes):
            found.append({np.asarray(vector).tobytes() for vector in vectors})
            return {"number": len(found) - 1}

    monkeypatch.setattr(fitting, "Distance", Numbered)
    return found


def drawn(count):
    """Images of noise with classes of noise."""
    rng = np.random.default_rng(1)
    return [
        GridImage(rng.random((32, 32), dtype=np.float32), rng.integers(2, size=(4, 32, 32), dtype=np.int8))
        for _ in range(count)
    ]


def test_an_image_is_no_part_of_the_population_its_distance_is_from(predictor, populations, monkeypatch):
    """Nor are its distorted versions'; of what validates, and of the model, the population is all images."""
    given: list[Sample] = []

    def rule(samples, truth, structure):
        given[:] = samples
        return {}

    monkeypatch.setattr(fitting, "_fit_rule", rule)
    monkeypatch.setattr(fitting, "_enough", lambda *_: False)
    images = drawn(14)
    found = fit_quality(predictor, images[:11], images[11:], seed=0)

    own = [np.asarray(sample.seen.outline).tobytes() for sample in given[:14]]
    assert len(set(own)) == 14
    for number, sample in enumerate(given[:11]):
        population = populations[int(sample.signs["shape"])]
        assert own[number] not in population and population < set(own[:11])
    assert len({sample.signs["shape"] for sample in given[:11]}) > 1
    for sample in given[11:14]:
        assert populations[int(sample.signs["shape"])] == set(own[:11])
    assert populations[found["shape"]["number"]] == set(own[:11])
    # five of each image, distorted or spoiled; of every fourth image the strangers besides
    worse = given[14:]
    strange = len(fitting.strangers(images[0].image, np.random.default_rng(0)))
    assert [sample.image for sample in worse if sample.kind == "spoiled"] == [
        n for n in range(14) for _ in range(5)
    ]
    assert [sample.image for sample in worse if sample.kind == "stranger"] == [
        n for n in range(0, 14, 4) for _ in range(strange)
    ]
    assert all(sample.signs["shape"] == given[sample.image].signs["shape"] for sample in worse)


def sample(kind, image=0, heart=0.9, lungs=0.95, error=0.01, sign=0.9):
    """An observation whose numbers are given."""
    dice = {"lungs": lungs, "heart": heart, "lungs_with_heart": float("nan")}
    signs = {"heart_agreement": sign, "agreement": sign, "ratio_spread": 0.0, "heart_share": 0.2, "area": 0.3}
    return Sample(Observation(signs, [0.0], dice, error), signs, image, kind)


def test_a_structure_without_labels_has_no_flag():
    """Strangers, whose every structure is known to be missing, are not enough."""
    known = [sample("plain", heart=0.95)] * 30 + [sample("spoiled", heart=0.2)] * 30
    assert fitting._enough([*known, sample("spoiled", heart=0.95)], "heart")
    assert not fitting._enough(known, "heart")  # no spoiled one is good, so nothing sets the bound of ok
    assert not fitting._enough(known[:30], "heart")  # none is bad
    unknown = [sample("plain", heart=float("nan"))] * 30 + [sample("stranger", heart=0.0)] * 30
    assert not fitting._enough(unknown, "heart")


def test_lungs_with_the_heart_stand_for_the_lungs_where_no_label_has_these():
    """One label of the lungs is enough to be compared with them alone."""
    nan = float("nan")
    assert (
        fitting._lungs_are([sample("plain", lungs=nan), sample("stranger", lungs=0.0)]) == "lungs_with_heart"
    )
    assert fitting._lungs_are([sample("plain", lungs=nan), sample("plain")]) == "lungs"


def test_good_masks_of_spoiled_images_bound_what_is_ok():
    """A quarter of them is flagged, whatever the scores of plain images."""
    rng = np.random.default_rng(0)
    plain = [sample("plain", sign=value) for value in rng.normal(0.97, 0.01, 200)]
    fine = [sample("spoiled", sign=value) for value in rng.normal(0.93, 0.02, 1000)]
    bad = [sample("spoiled", lungs=0.5, sign=value) for value in rng.normal(0.80, 0.05, 400)]
    fitted = fitting._fit_rule([*plain, *fine, *bad], "lungs", "lungs")
    rule = fitting.FlagRule(**fitted)
    flagged = [rule(each.signs)["flag"] != "ok" for each in fine]
    assert np.mean(flagged) == pytest.approx(0.25, abs=0.003)
    assert not any(rule(each.signs)["flag"] != "ok" for each in plain)


@pytest.mark.parametrize("structure", ["lungs", "heart"])
def test_what_is_usual_comes_from_images_whose_labels_determine_the_structure(structure):
    """Images of which nothing is known to be segmented well do not widen the range, nor do spoiled ones."""
    rng = np.random.default_rng(0)
    known = [sample("plain", sign=value) for value in rng.normal(0.97, 0.01, 200)]
    unknown = [sample("plain", **{structure: float("nan")}, sign=value) for value in rng.uniform(0, 1, 200)]
    fine = [sample("spoiled", sign=value) for value in rng.normal(0.93, 0.02, 100)]
    bad = [sample("spoiled", **{structure: 0.5}, sign=value) for value in rng.normal(0.80, 0.05, 100)]
    fitted = fitting._fit_rule([*known, *unknown, *fine, *bad], structure, structure)
    signs = [each.signs["agreement"] for each in known]
    assert fitted["signs"]["agreement"]["low"] == pytest.approx(np.percentile(signs, 0.5), abs=1e-4)
    assert fitted["signs"]["agreement"]["high"] == pytest.approx(np.percentile(signs, 99.5), abs=1e-4)


def test_the_interval_is_fitted_on_hearts_that_are_ok():
    """And on no image as it was trained on; on spoiled ones where validation images are few."""
    heart = fitting.FlagRule(
        {"heart_agreement": {"mean": 0.5, "scale": 0.1, "weight": 1.0, "low": 0.0, "high": 1.0}},
        bias=0.0, ok_from=0.5, failed_below=0.1, structure="heart",
    )  # fmt: skip
    counted = [sample("plain", image=9, error=0.02)] * 20 + [sample("spoiled", image=1, error=0.02)] * 40
    ignored = [sample("plain", image=1, error=0.5)] * 50 + [sample("spoiled", sign=0.2, error=0.5)] * 50
    ignored += [sample("spoiled", error=float("nan"))] * 50
    assert fitting._fit_ratio([*counted, *ignored], heart, 5, PATIENTS) == {"floor": 0.02, "factor": 1.0}
    assert fitting._fit_ratio(ignored, heart, 5, PATIENTS) is None
    many = [sample("plain", image=9, error=0.01)] * 30
    assert fitting._fit_ratio([*many, *counted[20:]], heart, 5, PATIENTS) == {"floor": 0.02, "factor": 0.5}
