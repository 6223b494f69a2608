"""The page of one image."""

from dataclasses import replace

import pytest

from cxrtk.report.limits import UNKNOWN

from .conftest import HOSTILE, UNREADABLE, write_manifest


def words(element):
    """Its text, with single spaces."""
    return " ".join(element.text.split())


@pytest.fixture
def alone(folders):
    """A function: name -> the folder with this image alone."""

    def keep(name, **new):
        write_manifest(folders.outputs, [replace(folders.entries()[name], **new)])
        return folders

    return keep


def test_it_has_the_picture_and_the_answers(alone, parse):
    """One picture, the rows of `cxrtk segment`, the limits of the model, and no card."""
    folders = alone("b/two.png")
    page = parse(folders.page())
    (picture,) = page.all("img")
    assert (
        picture.attributes["src"].startswith("data:image/jpeg") and "right lung" in picture.attributes["alt"]
    )
    said = words(page.all("table")[0])
    ratio = folders.entries()["b/two.png"].measures["cardiothoracic_ratio"]
    assert "quality flag review, score 0.62 one lung is much smaller" in said
    assert f"cardiothoracic ratio {ratio:.2f}" in said and "0.5 x 0.5 mm (table)" in said
    assert "model exact 7.1" in said and UNKNOWN in words(page.all("p", class_="limits")[0])
    assert page.all("li", class_="card") == []


def test_colours_have_names(alone, parse):
    """A legend, and whose right it is."""
    said = words(parse(alone("a/one.png").page()).all("figcaption")[0])
    assert said == "Right lung Left lung Heart R and L are the patient’s right and left."  # noqa: RUF001


def test_a_withheld_ratio_has_its_reason(alone, parse):
    """In the row of the ratio."""
    folders = alone("a/one.png")
    measures = folders.entries()["a/one.png"].measures
    withheld = {"cardiothoracic_ratio": None, "cardiothoracic_reason": "the heart may be wrong: ragged"}
    page = parse(alone("a/one.png", measures={**measures, **withheld}).page())
    assert "cardiothoracic ratio withheld: the heart may be wrong: ragged" in words(page.all("table")[0])


def test_a_file_that_was_not_read(alone, parse):
    """Its reason, and no picture."""
    page = parse(alone(UNREADABLE).page())
    assert page.all("img") == [] and "failed is truncated" in words(page.all("table")[0])
    assert "Nobody" not in page.text


def test_a_hostile_name_is_text(alone, parse):
    """In the title, too."""
    html = alone(HOSTILE).page()
    assert "<script>alert" not in html and parse(html).all("h1")[0].text == HOSTILE


def test_the_same_image_gives_the_same_bytes(alone, other_day):
    """Whatever the time."""
    folders = alone("a/one.png")
    first = folders.page()
    with other_day():
        assert folders.page() == first
