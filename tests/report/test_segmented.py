"""The page of a folder that `cxrtk segment` wrote: what is on it, and what is not."""

import base64
import hashlib
import io
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import DataError
from cxrtk.passes import manifest

from .conftest import write_manifest

HOSTILE = '"><script>alert(1)<!--&amp; ünï 图.png'


def card(page, name):
    """The card of an image."""
    return next(each for each in page.all("li", class_="card") if each.attributes["data-name"] == name)


def opened(uri: str) -> Image.Image:
    """The picture in a `data:` URI."""
    return Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2])))


def alpha(card, layer):
    """(H, W) opacity of a mask's layer."""
    return np.asarray(opened(card.all("img", class_=f"layer-{layer}")[0].attributes["src"]).convert("RGBA"))[
        ..., 3
    ]


def shades(card):
    """(H, W) of the picture below the layers, in [0, 1]."""
    return np.asarray(opened(card.all("img")[0].attributes["src"]).convert("L"), np.float32) / 255


def words(element):
    """Its text, with single spaces."""
    return " ".join(element.text.split())


def test_what_wants_a_look_comes_first(html, parse):
    """Files that were not read, then failed, review and ok masks, each by score."""
    names = [each.attributes["data-name"] for each in parse(html).all("li", class_="card")]
    assert names == ["c/cut off.png", HOSTILE, "b/two.png", "a/ten.png", "a/one.png"]


def test_each_flag_is_counted(html, parse):
    """In words beside the number."""
    counts = [words(each) for each in parse(html).all("li", class_="count")]
    assert [
        re.match(r"(\d+)(\D+?)[A-Z][a-z]+ (?:file|mask|this|unusual)", each).group(1) for each in counts
    ] == list("1112")
    assert [name for name in ("Not read", "Failed", "Review", "OK") for each in counts if name in each] == [
        "Not read", "Failed", "Review", "OK",
    ]  # fmt: skip


def test_a_flag_is_a_word_and_a_sign(html, parse):
    """Never a colour alone."""
    for each in parse(html).all(class_="flag"):
        assert words(each) in ("Not read", "Failed", "Review", "OK") and each.all("use")


def test_measures_are_in_words(steady, html, parse):
    """Areas in cm², as the phantom's pixels and their distance say, and the ratio of the lungs."""
    phantom = steady.phantoms["a/one.png"]
    right, left = int(phantom.right_lung.sum()), int(phantom.left_lung.sum())
    said = words(card(parse(html), "a/one.png"))
    assert f"Both lungs{(right + left) * 0.25 / 100:,.1f} cm²" in said.replace("lungs ", "lungs")
    assert f"{right / left:.2f}" in said and "0.5 × 0.5 mm (table)" in said  # noqa: RUF001


def test_without_a_spacing_areas_are_pixels(folders, parse):
    """And the page says why."""
    entry = folders.entries()["a/one.png"]
    none = dict.fromkeys(entry.measures["area_mm2"])
    why = "(0028,0030) PixelSpacing is 0"
    folders.change(
        "a/one.png",
        measures={**entry.measures, "area_mm2": none, "spacing_mm": None, "spacing_reason": why},
    )
    total = sum(entry.measures["area_px"][name] for name in ("right_lung", "left_lung"))
    page = parse(folders.page())
    assert f"{total:,} px" in words(card(page, "a/one.png")) and why in words(card(page, "a/one.png"))
    assert "Both lungs, px" in words(page.all("table")[0])  # one unit a column


def test_reasons_are_said(html, parse):
    """Those of the flag, and why a file was not read, less the value of its header's tag."""
    page = parse(html)
    assert "one lung is much smaller than the other (31% of both)" in words(card(page, "b/two.png"))
    assert "is truncated [(0010,0010) PatientName]" in words(card(page, "c/cut off.png"))
    assert "Nobody" not in page.text


def test_an_image_of_which_one_format_was_refused_is_shown(folders, parse):
    """It was read and has masks: its flag and picture stay, and the refusal is said first."""
    folders.change("a/one.png", status="failed", code="no_spacing", reason="has no pixel spacing")
    shown = card(parse(folders.page()), "a/one.png")
    said = words(shown)
    assert "OK" in said and "Not read" not in said
    assert "has no pixel spacing" in said
    assert alpha(shown, "right_lung").any()


def test_names_and_reasons_are_escaped(html, parse):
    """A file's name stays text, wherever it stands; the page has one script, its own."""
    page = parse(html)
    assert len(page.all("script")) == 1 and "<script>alert" not in html
    assert HOSTILE in card(page, HOSTILE).text and "looks <lateral>" in card(page, HOSTILE).text


def test_the_title_is_escaped(steady, parse):
    """It comes from the command line."""
    assert parse(steady.page(title="<b>A & B</b>")).all("h1")[0].text == "<b>A & B</b>"


def test_a_name_that_turns_the_text_is_shown_plainly(folders, parse):
    """Right-to-left marks and lone surrogates, which no page could be encoded with."""
    folders.change("a/one.png", input="a\u202egnp\udc80.png")
    html = folders.page()
    assert "a\\u202egnp\\udc80.png" in html and html.encode("utf-8")


def test_nothing_is_loaded(html, parse):
    """No address of another place stands where a browser would fetch it, or could be led to."""
    for element in parse(html).all():
        for name in ("src", "href", "srcset", "action", "poster", "data", "background", "style"):
            value = element.attributes.get(name, "#")
            assert value.startswith(("data:", "#")), (element.tag, value)
    rest = re.sub(r"data:[a-z/+]+;base64,[A-Za-z0-9+/=]+", "", html)
    assert not re.search(
        r"https?:|//[a-z]|url\(|@import|\bimport\b|fetch\(|XMLHttp", re.sub(r"(?m)^\s*//.*$", "", rest)
    )


def test_the_policy_names_what_is_there(html, parse):
    """Digests of the one style and the one script, and pictures from within."""
    page = parse(html)
    policy = next(each for each in page.all("meta", http_equiv="Content-Security-Policy")).attributes[
        "content"
    ]
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.all(tag)[0].text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_ids_are_unique_and_pointed_at(html, parse):
    """What a label, an output or a heading points at exists."""
    page = parse(html)
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("for", "aria-labelledby", "data-opens"):
            assert element.attributes.get(name, ids[0]) in ids
        if element.attributes.get("href", "").startswith("#"):
            assert element.attributes["href"][1:] in ids


def test_the_same_folder_gives_the_same_bytes(steady, html, other_day):
    """Whatever the time and the zone."""
    with other_day():
        assert steady.page() == html


def test_the_date_is_the_manifests(folders):
    """Not the clock's."""
    os.utime(folders.outputs / manifest.FILE, (86400 * 365.25 * 40 + 3600,) * 2)
    assert "2010-01-01 (UTC)" in folders.page()


def test_how_it_was_made(html, parse):
    """Model, its digest and the settings, from the manifest."""
    said = words(parse(html).all(class_="made")[0])
    assert "exact 7.1" in said and "ab" * 32 in said and "threshold 0.5; postprocess yes" in said


def test_it_is_no_medical_device(html, parse):
    """And says so above all pictures."""
    assert "Not a medical device." in words(parse(html).all(class_="device-notice")[0])


def test_layers_lie_where_the_masks_are(steady, html, parse):
    """Half opacity or more nowhere but on a mask, and every mask's pixel painted; of each class its own."""
    page = parse(html)
    for name, phantom in steady.phantoms.items():
        for layer in ("right_lung", "left_lung", "heart"):
            truth = getattr(phantom, layer) > 0
            assert ((alpha(card(page, name), layer) > 0) == truth).all()


def test_the_picture_is_the_image(steady, html, parse):
    """Stretched between percentiles 1 and 99, to within the loss of WebP."""
    for name, phantom in steady.phantoms.items():
        low, high = np.percentile(phantom.pixels, (1, 99))
        truth = np.clip((phantom.pixels - low) / (high - low), 0, 1)
        error = np.abs(shades(card(parse(html), name)) - truth)
        assert error.mean() < 0.03 and np.percentile(error, 99) < 0.12


def test_without_the_images_previews_are_shown(steady, parse):
    """As they are, to within the loss of WebP, without layers; and the page says so."""
    page = parse(steady.page(with_images=False))
    for name in steady.phantoms:
        path = steady.outputs / Path(name).with_suffix("").parent / f"{Path(name).stem}_preview.jpg"
        found = shades(card(page, name))
        size = found.shape[::-1]
        expected = np.asarray(Image.open(path).convert("L").resize(size, Image.Resampling.BOX)) / 255
        assert np.abs(found - expected).mean() < 0.03
        assert "The masks are part of this picture" in words(card(page, name))
    assert "4 pictures are from previews" in page.text


def test_with_neither_image_nor_preview(folders, parse):
    """Measures and flags are there, and the page says what is missing."""
    for preview in folders.outputs.rglob("*_preview.jpg"):
        preview.unlink()
    page = parse(folders.page(with_images=False))
    assert page.all("img") == [] and "4 images have no picture here" in page.text
    assert "its file is gone" in words(card(page, "a/one.png")) and "0.95" in words(card(page, "a/one.png"))


def spoil_image(folders):
    (folders.images / "a/one.png").write_bytes(b"no image")


def exchange_image(folders):
    shutil.copy(folders.images / "b/two.png", folders.images / "a/one.png")


def spoil_masks(folders):
    (folders.outputs / "a/one_labels.png").write_bytes(b"no mask")


def remove_masks(folders):
    (folders.outputs / "a/one_labels.png").unlink()


def name_masks_elsewhere(folders):
    folders.change("a/one.png", outputs={"../outside_labels.png": "", "../outside.png": ""})


def name_no_masks(folders):
    folders.change("a/one.png", outputs={})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_image, "The image cannot be read any more"),
        (exchange_image, "The image was changed after it was segmented"),
        (spoil_masks, "The masks cannot be shown: their file was changed"),
        (remove_masks, "The masks cannot be shown: their file is gone"),
        (name_masks_elsewhere, "leads out of the folder"),
        (name_no_masks, "they were not written as PNG"),
    ],
)
def test_what_was_changed_since_is_not_shown_as_if_it_had_not(folders, parse, spoil, said):
    """Images and masks are known by their digests; the card says what is wrong, the others are as before."""
    spoil(folders)
    page = parse(folders.page())
    assert said in words(card(page, "a/one.png"))
    assert len(card(page, "b/two.png").all("img")) == 4


def test_an_image_outside_the_folder_is_not_read(folders, parse):
    """A manifest may be a stranger's."""
    shutil.copy(folders.images / "a/one.png", folders.images.parent / "secret.png")
    folders.change("a/one.png", input="../secret.png", outputs={})
    page = parse(folders.page())
    assert card(page, "../secret.png").all("img") == []


def test_the_most_urgent_are_shown_where_not_all_are(steady, parse):
    """The counts are of all, and the page says so."""
    page = parse(steady.page(most=2))
    assert len(page.all("li", class_="card")) == 2 and len(page.all("li", class_="count")) == 4
    assert "2 of 5 images are shown" in page.text


def test_parts_are_put_together(folders, parse):
    """Of several processes that shared the work; a part that is not there is missed."""
    lines = (folders.outputs / manifest.FILE).read_text().splitlines(keepends=True)
    (folders.outputs / manifest.FILE).unlink()
    for part in (0, 1):
        (folders.outputs / f"manifest_{part}_of_3.jsonl").write_text("".join(lines[part::2]))
    page = parse(folders.page())
    assert len(page.all("li", class_="card")) == 5 and "Only 2 of 3 parts are here" in page.text


def test_a_model_without_flags(folders, parse):
    """No score, no filter by flag, and the images by name."""
    for name in folders.phantoms:
        folders.change(name, quality={})
    known = folders.entries()
    del known["c/cut off.png"]
    write_manifest(folders.outputs, known.values())
    page = parse(folders.page())
    assert page.all("input", name="flag") == [] and "score" not in words(page.all("ul", class_="cards")[0])
    sorts = [each.attributes["value"] for each in page.all("select", id="sort")[0].all("option")]
    assert sorts == ["name", "ratio", "area", "right", "left", "heart", "sides"]


def test_an_empty_manifest(folders):
    """Is refused, with what to look at."""
    (folders.outputs / manifest.FILE).write_text("")
    with pytest.raises(DataError, match="holds no image"):
        folders.page()
