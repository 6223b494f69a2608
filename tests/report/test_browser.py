"""The page in headless Chromium, by keys and clicks as a reader would."""

import base64
import time
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.report.axe import broken_rules

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page_file(html, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(params=["light"])
def page(browser, page_file, request):
    """The page, just opened at 1280 pixels' width; afterwards the console must hold nothing."""
    size(browser, 1280)
    wishes = {"prefers-color-scheme": request.param, "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in wishes.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    browser.get(page_file.as_uri())
    browser.get_log("browser")
    browser.refresh()
    yield browser
    assert [line["message"] for line in browser.get_log("browser")] == []


def size(browser, width, height=900):
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def one(page, selector):
    return page.find_element(By.CSS_SELECTOR, selector)


def shown(page):
    """Names of the cards that can be seen, in order, without folder and ending."""
    cards = page.find_elements(By.CSS_SELECTOR, ".card")
    names = [card.get_attribute("data-name") for card in cards if card.is_displayed()]
    return ["hostile" if "script" in name else name.split("/")[-1].removesuffix(".png") for name in names]


def press(page, key):
    page.switch_to.active_element.send_keys(key)


def title(page):
    return one(page, "#viewer-title").text


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("urgency", ["cut off", "hostile", "two", "ten", "one"]),
        ("name", ["hostile", "one", "ten", "two", "cut off"]),
        ("score", ["hostile", "two", "ten", "one", "cut off"]),
    ],
)
def test_sorting(page, key, order):
    """Cards go up by what is chosen, then down; what has no number is last both times."""
    Select(one(page, "#sort")).select_by_value(key)
    assert shown(page) == order
    one(page, "#reverse").click()
    last = ["cut off"] if key == "score" else []
    assert shown(page) == order[: len(order) - len(last)][::-1] + last


@pytest.mark.parametrize("key", ["area", "ratio"])
def test_sorting_by_a_measure(page, steady, key):
    """The order of areas and ratios is that of the phantoms' exact masks."""

    def truth(phantom):
        if key == "area":
            return int(phantom.right_lung.sum() + phantom.left_lung.sum())
        both = phantom.right_lung.any(axis=1) & phantom.left_lung.any(axis=1)
        widths = [
            phantom.left_lung[row].nonzero()[0].max() - phantom.right_lung[row].nonzero()[0].min() + 1
            for row in both.nonzero()[0]
        ]
        columns = phantom.heart.any(axis=0).nonzero()[0]
        return (columns.max() - columns.min() + 1) / max(widths)

    Select(one(page, "#sort")).select_by_value(key)
    names = sorted(steady.phantoms, key=lambda name: truth(steady.phantoms[name]))
    expected = ["hostile" if "script" in name else Path(name).stem for name in names]
    assert shown(page) == [*expected, "cut off"]


@pytest.mark.parametrize(
    ("flag", "words", "left"),
    [
        ("ok", "", ["ten", "one"]),
        ("unread", "", ["cut off"]),
        ("", "SMALLER lung", ["two"]),
        ("", "b/two.png", ["two"]),
        ("ok", "smaller", []),
    ],
)
def test_filtering(page, flag, words, left):
    """By flag and by any words on a card together; how many are left is said, and if there are none."""
    page.execute_script("arguments[0].click()", one(page, f"input[name=flag][value='{flag}']"))
    one(page, "#search").send_keys(words)
    assert shown(page) == left
    assert one(page, "#shown").text == f"{len(left)} of 5 images shown"
    assert one(page, "#nothing").is_displayed() == (not left)


def test_showing_all_again(page):
    """From where nothing matches, one button leads back."""
    one(page, "#search").send_keys("no such words")
    one(page, "#reset").click()
    assert len(shown(page)) == 5


def test_the_slider_fades_all_masks(page):
    """Its keys change the opacity of each layer, and never that of a picture."""
    slider = one(page, "#page-opacity")
    slider.send_keys(Keys.HOME)
    assert opacities(page, ".layer") == {0.0}
    slider.send_keys(Keys.ARROW_RIGHT)
    assert opacities(page, ".layer") == {0.05}
    assert opacities(page, ".stack img:not(.layer)") == {1.0}
    assert slider.get_attribute("aria-valuetext") == "5 %"


def opacities(page, selector):
    script = "return [...document.querySelectorAll(arguments[0])].map(each => getComputedStyle(each).opacity)"
    return {float(value) for value in page.execute_script(script, selector)}


def test_one_kind_of_mask_is_hidden(page):
    """The heart, and the lungs are left."""
    one(page, ".controls [data-layer=heart]").click()
    layers = page.find_elements(By.CSS_SELECTOR, ".layer")
    seen = {each.get_attribute("class").split()[-1] for each in layers if each.is_displayed()}
    assert seen == {"layer-right_lung", "layer-left_lung"}


def test_pictures_are_drawn(page):
    """Each picture and layer is decoded, at the size of its frame or less."""
    decoded = "[...document.images].map(each => each.decode().then(() => each.naturalWidth))"
    widths = page.execute_async_script(f"Promise.all({decoded}).then(arguments[0])")
    assert len(widths) == 16 and set(widths) == {160}


def test_the_larger_view(page):
    """A click opens it, arrows walk to both ends and stay there, Escape gives the focus to the last card."""
    page.find_elements(By.CSS_SELECTOR, ".frame")[1].click()
    assert "script" in title(page) and one(page, ".viewer-place").text == "Image 2 of 5"
    assert one(page, ".viewer-close") == page.switch_to.active_element
    assert len(page.find_elements(By.CSS_SELECTOR, ".viewer-stage img")) == 4
    press(page, Keys.ARROW_RIGHT)
    assert title(page) == "b/two.png"
    press(page, Keys.END)
    press(page, Keys.ARROW_RIGHT)
    assert title(page) == "a/one.png" and one(page, ".viewer-place").text == "Image 5 of 5"
    press(page, Keys.HOME)
    assert title(page) == "c/cut off.png"
    press(page, Keys.ARROW_LEFT)
    assert title(page) == "c/cut off.png"
    press(page, Keys.ESCAPE)
    assert not one(page, "#viewer").is_displayed()
    assert page.switch_to.active_element.text.endswith("Enlarge c/cut off.png")


def test_the_larger_view_by_keys_alone(page):
    """Enter opens it from the grid; Tab stays inside it; the slider keeps its arrow keys."""
    page.execute_script("document.querySelectorAll('.frame')[1].focus()")
    press(page, Keys.ENTER)
    before = title(page)
    seen = set()
    for _ in range(12):
        press(page, Keys.TAB)
        inside = "return !document.activeElement.closest('.card, .controls, table')"
        assert page.execute_script(inside)
        seen.add(page.switch_to.active_element.get_attribute("id"))
    assert "viewer-opacity" in seen
    slider = one(page, "#viewer-opacity")
    slider.send_keys(Keys.ARROW_LEFT)
    assert title(page) == before and one(page, "#page-opacity").get_attribute("value") == "75"


def test_the_larger_view_walks_what_is_shown(page):
    """After a filter, its cards alone."""
    page.execute_script("arguments[0].click()", one(page, "input[name=flag][value='ok']"))
    next(each for each in page.find_elements(By.CSS_SELECTOR, ".frame") if each.is_displayed()).click()
    assert one(page, ".viewer-place").text == "Image 1 of 2"
    one(page, ".viewer-next").click()
    assert title(page) == "a/one.png"
    one(page, ".viewer-close").click()


def test_the_table(page):
    """Headings sort it, as they say to screen readers; a name opens the larger view."""
    one(page, ".table-details summary").click()
    score = page.find_elements(By.CSS_SELECTOR, ".sort-button")[2]
    score.click()
    assert score.find_element(By.XPATH, "..").get_attribute("aria-sort") == "ascending"
    cells = [row.text for row in page.find_elements(By.CSS_SELECTOR, "tbody td:nth-child(3)")]
    assert cells == ["0.07", "0.62", "0.91", "0.95", "–"]  # noqa: RUF001
    score.click()
    cells = [row.text for row in page.find_elements(By.CSS_SELECTOR, "tbody td:nth-child(3)")]
    assert cells == ["0.95", "0.91", "0.62", "0.07", "–"]  # noqa: RUF001
    link = one(page, "tbody .open-link")
    link.click()
    assert title(page) == "a/one.png"
    press(page, Keys.ESCAPE)
    assert page.switch_to.active_element == link


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_is_cut_off(page, width):
    """Neither the page nor the larger view is wider than the window."""
    size(page, width)
    wide = "return [document.documentElement.scrollWidth, document.getElementById('viewer').scrollWidth]"
    page.execute_script("document.querySelectorAll('.frame')[1].click()")
    assert max(page.execute_script(wide)) <= width
    one(page, ".viewer-close").click()


def test_in_print_there_are_no_controls(page):
    """All cards and the notice are there; the controls are not, and the PDF has pages."""
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    assert not one(page, ".controls").is_displayed()
    assert one(page, ".device-notice").is_displayed() and len(shown(page)) == 5
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    printed = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert printed.startswith(b"%PDF") and printed.count(b"/Subtype /Image") >= 4


def test_without_a_script_the_page_still_reads(browser, page_file):
    """Pictures and words are there; what would do nothing is not."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(page_file.as_uri())
        assert len(shown(browser)) == 5
        assert not one(browser, ".controls").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_page_lets_nothing_be_loaded(page):
    """Its policy stops a script, a picture from elsewhere and a request."""
    page.execute_script(
        "window.violated = [];"
        "const note = each => violated.push(each.effectiveDirective);"
        "document.addEventListener('securitypolicyviolation', note);"
        "const script = document.createElement('script'); script.text = 'window.ran = true';"
        "const image = new Image(); image.src = 'http://localhost:9/x.png';"
        "document.body.append(script, image); fetch('http://localhost:9/').catch(() => {});"
    )
    until = time.monotonic() + 5
    while len(page.execute_script("return violated")) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    assert sorted(page.execute_script("return violated")) == ["connect-src", "img-src", "script-src-elem"]
    assert page.execute_script("return window.ran") is None
    assert len(page.get_log("browser")) >= 3  # what the policy said of it


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("opened", [False, True], ids=["grid", "viewer"])
def test_axe_finds_nothing(page, opened):
    """Contrast is among its rules."""
    if opened:
        page.find_elements(By.CSS_SELECTOR, ".frame")[1].click()
    else:
        page.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert broken_rules(page) == []
