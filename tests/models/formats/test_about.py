"""The description in a file."""

from dataclasses import replace

from cxrtk.models.formats.about import about
from cxrtk.models.licence import NONE_STATED, Licence


def test_a_model_without_temperatures_has_ones(model, licence):
    """So that who runs the file need not ask."""
    plain = replace(model, spec=replace(model.spec, temperature=()))
    assert about(plain, [licence], 4)["temperature"] == [1.0] * 4


def test_a_fixed_size_is_the_only_one(model, licence):
    """0 is no multiple, and the smallest size is the model's."""
    found = about(model, [licence], 0)
    assert (found["multiple"], found["smallest_size"]) == (0, 64)
    assert about(model, [licence], 4)["smallest_size"] == 8


def test_the_licences_of_an_ensemble_are_all_told(model, licence):
    """Each once."""
    found = about(model, [licence, Licence(NONE_STATED), licence], 4)
    assert found["licence"] == f"CC BY 4.0; {NONE_STATED}"
    assert found["licence_text"].count("Give credit.") == 2


def test_a_classifier_gives_probabilities_of_findings(model, licence):
    """And no pixels."""
    classifier = replace(model, spec=replace(model.spec, task="classification", input={"lungs": "masked"}))
    found = about(classifier, [licence], 4)
    assert "pixel" not in found["output"] and found["lung_input"] == {"lungs": "masked"}
