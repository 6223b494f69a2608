"""Pages of one image and of two batches in headless Chromium: filters, outliers, print, axe-core."""

from dataclasses import replace

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from cxrtk.report import segmented
from cxrtk.report.segmented import Options
from cxrtk.report.sources import Images
from tests.report.axe import broken_rules

from .conftest import Folders, fill, write_manifest

pytestmark = pytest.mark.slow

RATIOS = [0.45, 0.46, 0.47, 0.48, 0.49, 0.5, 0.51, 0.52, 0.53, 0.95]


def many(root) -> Folders:
    """Ten images with these ratios, of which the last three have a heart to be reviewed."""
    folders = fill(root)
    one = folders.entries()["a/one.png"]
    entries = [
        replace(
            one,
            input=f"image{place}.png",
            outputs={},
            measures={**one.measures, "cardiothoracic_ratio": ratio},
            quality={**one.quality, "organs": {"lungs": "ok", "heart": "review" if place > 6 else "ok"}},
        )
        for place, ratio in enumerate(RATIOS)
    ]
    write_manifest(folders.outputs, entries)
    return folders


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The pages, by name."""
    root = tmp_path_factory.mktemp("batches")
    here, there, alone = many(root / "march"), many(root / "february"), fill(root / "alone")
    write_manifest(alone.outputs, [alone.entries()["b/two.png"]])
    pages = {
        "batches": (here, Options(Images(here.images), compare=there.outputs)),
        "single": (alone, Options(Images(None))),
    }
    for name, (folders, options) in pages.items():
        html = segmented.build(folders.outputs, options, lambda done, total: None)
        (root / f"{name}.html").write_text(html, encoding="utf-8")
    return root


@pytest.fixture
def page(browser, files):
    """A function: name of a page, colours -> the browser with it open, the console empty before and after."""

    def opened(name, colours="light", media="", width=1280):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        wishes = {"prefers-color-scheme": colours, "prefers-reduced-motion": "reduce"}
        features = [{"name": wish, "value": value} for wish, value in wishes.items()]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        browser.get_log("browser")
        browser.get((files / f"{name}.html").as_uri())
        return browser

    yield opened
    assert [line["message"] for line in browser.get_log("browser")] == []


def names(page):
    """Names of the cards that are shown."""
    cards = page.find_elements(By.CSS_SELECTOR, ".card:not([hidden])")
    return sorted(card.get_attribute("data-name").removesuffix(".png") for card in cards)


def open_filters(page):
    page.find_element(By.CSS_SELECTOR, ".more-filters summary").click()


def test_the_flag_of_an_organ_filters(page):
    """The three hearts that are to be reviewed."""
    opened = page("batches")
    open_filters(opened)
    Select(opened.find_element(By.ID, "organ-heart")).select_by_value("review")
    assert names(opened) == ["image7", "image8", "image9"]


@pytest.mark.parametrize(
    ("low", "high", "left"),
    [("0.52", "", ["image7", "image8", "image9"]), ("0.52", "0.53", ["image7", "image8"]), ("", "0.3", [])],
)
def test_the_range_of_a_measure_filters(page, low, high, left):
    """Both ends count, and an empty one is none; one button shows all again."""
    opened = page("batches")
    open_filters(opened)
    Select(opened.find_element(By.ID, "range-measure")).select_by_value("ratio")
    opened.find_element(By.ID, "range-from").send_keys(low)
    opened.find_element(By.ID, "range-to").send_keys(high)
    assert names(opened) == left
    if not left:
        opened.find_element(By.ID, "reset").click()
        assert len(names(opened)) == 10


@pytest.mark.parametrize("selector", [".outlier", ".outlier-names .open-link"])
def test_an_outlier_opens_its_image(page, selector):
    """By its point, and by its name."""
    opened = page("batches")
    target = opened.find_element(By.CSS_SELECTOR, f".distribution:nth-of-type(2) {selector}")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
    target.click()
    assert opened.find_element(By.ID, "viewer-title").text == "image9.png"


@pytest.mark.parametrize("name", ["batches", "single"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_cut_off(page, name, width):
    """The page is no wider than the window."""
    opened = page(name, width=width)
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["batches", "single"])
def test_in_print(page, name):
    """Picture and table, or the charts, are there; the controls are not."""
    opened = page(name, media="print")
    there = {
        "batches": [".distribution svg", "#compared table"],
        "single": [".single-picture img", ".answers"],
    }
    assert all(opened.find_element(By.CSS_SELECTOR, each).is_displayed() for each in there[name])
    assert not any(each.is_displayed() for each in opened.find_elements(By.CSS_SELECTOR, ".controls"))


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", ["batches", "single"])
def test_axe_finds_nothing(page, name, colours):
    """With all that can be opened open."""
    opened = page(name, colours)
    opened.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert broken_rules(opened) == []
