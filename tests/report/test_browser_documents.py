"""The page of an evaluation in headless Chromium: sorting, opening, keys, narrow and printed."""

import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cxrtk.report import evaluated, formats, run
from cxrtk.report.segmented import Options
from cxrtk.report.sources import Images
from tests.report.axe import broken_rules
from tests.report.documents import STEMS, make_evaluation, make_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    root = tmp_path_factory.mktemp("document")
    built = evaluated.build(make_evaluation(root), Options(Images(None)), lambda done, total: None)
    path = root / "report.html"
    path.write_text(formats.html(built), encoding="utf-8")
    return path


@pytest.fixture
def page(browser, page_file):
    """The page at 1200 pixels' width; afterwards the console must hold nothing."""
    width(browser, 1200)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.get(page_file.as_uri())
    browser.get_log("browser")
    browser.refresh()
    yield browser
    assert [line["message"] for line in browser.get_log("browser")] == []


def width(browser, pixels):
    metrics = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": pixels < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def words(element):
    """Of an element that need not be in view."""
    return element.get_attribute("textContent").strip()


def table(page):
    """That with a row an image."""
    return page.find_element(By.CSS_SELECTOR, '[aria-label="Results for each image"] table')


def column(page, heading):
    """The texts of a column, from the top."""
    heads = [words(each) for each in table(page).find_elements(By.CSS_SELECTOR, "thead th")]
    place = next(number for number, text in enumerate(heads) if text.startswith(heading))
    rows = table(page).find_elements(By.CSS_SELECTOR, "tbody tr")
    return [words(row.find_elements(By.CSS_SELECTOR, "th, td")[place]) for row in rows]


def sort_by(page, heading):
    for button in table(page).find_elements(By.CSS_SELECTOR, ".sort-button"):
        if words(button).startswith(heading):
            button.send_keys(Keys.ENTER)
            return
    raise AssertionError(f"no button {heading}")


def test_a_heading_sorts_by_numbers_and_turns_round(page):
    """Down and up, by a key."""
    sort_by(page, "Dice")
    once = [float(text) for text in column(page, "Dice")]
    sort_by(page, "Dice")
    again = [float(text) for text in column(page, "Dice")]
    assert len(once) == len(STEMS)
    assert once in (sorted(once), sorted(once, reverse=True))
    assert again == once[::-1]


def test_a_row_opens_image_truth_prediction_and_difference(page):
    """By Enter on its link; Escape closes, and the focus is back."""
    link = next(
        each for each in table(page).find_elements(By.CSS_SELECTOR, ".open-link") if "three" in words(each)
    )
    link.send_keys(Keys.ENTER)
    time.sleep(0.3)
    viewer = page.find_element(By.CSS_SELECTOR, "#viewer")
    assert "three" in page.find_element(By.CSS_SELECTOR, "#viewer-title").text
    labels = viewer.find_element(By.CSS_SELECTOR, ".viewer-controls").text
    for word in ("Prediction", "Truth", "Missed", "Too much"):
        assert word in labels
    shown = [image for image in viewer.find_elements(By.TAG_NAME, "img") if image.is_displayed()]
    assert len(shown) >= 4
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    time.sleep(0.3)
    assert not page.find_element(By.CSS_SELECTOR, "#viewer-title").is_displayed()
    assert page.switch_to.active_element == link


@pytest.mark.parametrize("pixels", [320, 375, 768])
def test_nothing_stands_over_a_narrow_page(page, pixels):
    """Tables scroll inside their frames."""
    width(page, pixels)
    assert page.execute_script("return document.documentElement.scrollWidth") <= pixels


def test_print_shows_no_controls(page):
    """Sliders and buttons are for screens."""
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    controls = page.find_elements(By.CSS_SELECTOR, "input, select, .viewer-controls")
    assert controls and not any(each.is_displayed() for each in controls)


def test_each_figure_says_in_words_what_it_shows(page):
    """For those who do not see it."""
    figures = page.find_elements(By.CSS_SELECTOR, "figure")
    assert len(figures) >= 7
    for figure in figures:
        assert figure.find_element(By.TAG_NAME, "figcaption").text
        assert figure.find_element(By.TAG_NAME, "img").get_attribute("alt") is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opened", [False, True], ids=["page", "viewer"])
def test_axe_finds_nothing(page, scheme, opened):
    """Contrast is among its rules."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    if opened:
        table(page).find_element(By.CSS_SELECTOR, ".open-link").send_keys(Keys.ENTER)
    else:
        page.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert broken_rules(page) == []


@pytest.fixture
def run_page(browser, tmp_path):
    """The page of a run at 1200 pixels' width."""
    built = run.build(make_run(tmp_path), Options(Images(None)), lambda done, total: None)
    path = tmp_path / "report.html"
    path.write_text(formats.html(built), encoding="utf-8")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    width(browser, 1200)
    browser.get(path.as_uri())
    return browser


@pytest.mark.parametrize("pixels", [320, 1200])
def test_the_page_of_a_run(run_page, pixels):
    """No errors, nothing beside a narrow page, and a table that sorts."""
    width(run_page, pixels)
    assert run_page.execute_script("return document.documentElement.scrollWidth") <= pixels
    button = run_page.find_element(By.CSS_SELECTOR, '[aria-label="Each test image"] th:nth-child(2) button')
    for order in ("ascending", "descending"):
        button.send_keys(Keys.ENTER)
        assert button.find_element(By.XPATH, "..").get_attribute("aria-sort") == order
    assert [line["message"] for line in run_page.get_log("browser")] == []


def test_axe_finds_nothing_on_the_page_of_a_run(run_page):
    """With all that folds unfolded."""
    run_page.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert broken_rules(run_page) == []
