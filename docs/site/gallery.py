"""Make the pictures of docs/gallery.md: `make gallery WINGSPAN=DIR`.

Images of pydicom-data, of the phantom and of the data set wingspan are segmented by the shipped model, and
the pages that `cxrtk report` makes of them are photographed in headless Chromium. DIR is the folder of images
of wingspan, of which those of the model's test part are taken.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from pydicom.data import get_testdata_file
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from cxrtk.models import shipping

PICTURES = Path(__file__).resolve().parents[1] / "pictures" / "gallery"
WIDTH, QUALITY = 720, 80  # of each picture
TYPICAL = "ws008"  # of the test part
WITHHELD = "ws020.png"  # of the training part, as no heart of the test part is withheld here
BATCH = 10  # images
# Name of a picture -> the preview that it is: folder of results, stem.
PREVIEWS = {
    "adult": ("dicom", "RG1_UNCI"),
    "wingspan": ("first", TYPICAL),
    "withheld": ("withheld", Path(WITHHELD).stem),
    "failed": ("others", "RG3_UNCI"),
    "phantom": ("others", "00000001_000"),
}
# Name of a screenshot -> page, width of the window, colours, and what is scrolled to the top.
SHOTS = {
    "page_of_one": ("dicom.html", 1200, "light", "body"),
    "page_of_one_dark": ("dicom.html", 420, "dark", "body"),
    "page_of_many": ("first.html", 1200, "light", "body"),
    "distributions": ("first.html", 1200, "light", "#distributions"),
    "two_batches": ("first.html", 1200, "light", "#compared"),
}


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wingspan", type=Path, help="Folder of the images of wingspan.")
    wingspan = parser.parse_args().wingspan
    if not (wingspan / WITHHELD).is_file():
        sys.exit(f"{wingspan}: has no {WITHHELD}; name the folder of the images of wingspan.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        _segment(work, wingspan)
        for picture, (folder, stem) in PREVIEWS.items():
            with Image.open(work / folder / f"{stem}_preview.jpg") as preview:
                _save(preview.convert("RGB"), picture)
        with _browser() as browser:
            for picture, shot in SHOTS.items():
                _save(_photograph(browser, work, *shot), picture)
    print(f"{PICTURES}: {sum(path.stat().st_size for path in PICTURES.iterdir()) / 1e3:,.0f} kB")


def _segment(work: Path, wingspan: Path) -> None:
    """Segment every image, and make the pages."""
    _cxrtk("phantom", work / "drawn", "--count", 1, "--size", 768, "-q")
    others = work / "images" / "others"
    others.mkdir(parents=True)
    shutil.copy(work / "drawn" / "images" / "00000001_000.png", others)
    shutil.copy(get_testdata_file("RG3_UNCI.dcm"), others)
    tested = _tested(wingspan)
    batches = {"first": [*tested[: 2 * BATCH : 2], wingspan / WITHHELD], "second": tested[1 : 2 * BATCH : 2]}
    for name, paths in batches.items():
        (work / "images" / name).mkdir()
        for path in paths:
            shutil.copy(path, work / "images" / name)
    for name in ("others", *batches):
        _cxrtk("segment", "-i", work / "images" / name, "-o", work / name, "--preview", "-q")
    _cxrtk("segment", "-i", get_testdata_file("RG1_UNCI.dcm"), "-o", work / "dicom", "-q")
    _cxrtk("segment", "-i", wingspan / WITHHELD, "-o", work / "withheld", "--preview-side-by-side", "-q")
    _cxrtk("report", work / "dicom", "-o", work / "dicom.html", "-q")
    _cxrtk(
        "report", work / "first", "-i", work / "images" / "first", "--compare", work / "second",
        "-o", work / "first.html", "-q",
    )  # fmt: skip


def _tested(wingspan: Path) -> list[Path]:
    """Images of wingspan that the model was tested on, and neither trained on nor chosen by."""
    splits = json.loads((shipping.folder() / f"{shipping.DEFAULT}.splits.json").read_text(encoding="utf-8"))
    before = "wingspan/images/"
    return sorted(wingspan / name.removeprefix(before) for name in splits["test"] if name.startswith(before))


def _cxrtk(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "cxrtk", *map(str, words)], check=True)


@contextmanager
def _browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "hide-scrollbars", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if None in found:
        sys.exit("chromium and chromedriver are needed: apt-get install chromium chromium-driver.")
    options.binary_location = found[0]
    browser = webdriver.Chrome(options=options, service=Service(found[1]))
    try:
        yield browser
    finally:
        browser.quit()


def _photograph(browser: Any, work: Path, page: str, width: int, colours: str, selector: str) -> Image.Image:
    """Photograph a window of a page, whose pictures are all there, from an element on."""
    metrics = {
        "width": width,
        "height": max(800, width * 2 // 3),
        "deviceScaleFactor": 1,
        "mobile": width < 600,
    }
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [
        {"name": "prefers-color-scheme", "value": colours},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    browser.get((work / page).as_uri())
    browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "for (const image of document.images) image.loading = 'eager';"
        "Promise.all([...document.images].map(image => image.decode().catch(() => 0))).then(done);"
    )
    for _ in range(2):  # cards get their height when they are first seen
        browser.execute_script("document.querySelector(arguments[0]).scrollIntoView()", selector)
    return Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")


def _save(picture: Image.Image, name: str) -> None:
    picture.thumbnail((2 * WIDTH if picture.width > 1.5 * picture.height else WIDTH, 2 * WIDTH))
    picture.save(PICTURES / f"{name}.jpg", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
