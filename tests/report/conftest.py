"""A folder as `cxrtk segment` writes it, with exact masks; its page, whole and taken apart; a browser."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import time_machine
from PIL import Image

from cxrtk import CxrReadError, Radiograph, Segmentation
from cxrtk.data.digest import sha256
from cxrtk.data.phantom import Phantom, draw
from cxrtk.inference.segmentation.measures import measure
from cxrtk.inference.segmentation.writing import save
from cxrtk.passes import manifest
from cxrtk.report import segmented
from cxrtk.report.entries import Entry, read_entries
from cxrtk.report.segmented import Options
from cxrtk.report.sources import Images

CLASSES = ("right_lung", "left_lung", "heart")
HOSTILE = '"><script>alert(1)<!--&amp; ünï 图.png'
MADE_BY = {
    "model": {"name": "exact", "sha256": "ab" * 32, "version": "7.1"},
    "settings": {"writers": ["png"], "threshold": 0.5, "postprocess": True},
}
# Name, flag, score and reasons of each image.
JUDGED = [
    ("a/one.png", "ok", 0.95, []),
    ("a/ten.png", "ok", 0.91, []),
    ("b/two.png", "review", 0.62, ["one lung is much smaller than the other (31% of both)"]),
    (HOSTILE, "failed", 0.07, ["no lungs were found", "the picture looks <lateral>"]),
]
UNREADABLE = "c/cut off.png"


@dataclass(frozen=True)
class Folders:
    """The images, what was made of them, and the phantoms they show, by name."""

    images: Path
    outputs: Path
    phantoms: dict[str, Phantom]

    def page(self, *, with_images: bool = True, **options: object) -> str:
        """The HTML."""
        images = Images(self.images if with_images else None)
        return segmented.build(self.outputs, Options(images, **options), lambda done, total: None)

    def entries(self) -> dict[str, Entry]:
        """The manifest."""
        return {entry.input: entry for entry in read_entries([self.outputs / manifest.FILE])}

    def change(self, name: str, **new: object) -> None:
        """Give an entry of the manifest other values."""
        known = self.entries()
        known[name] = replace(known[name], **new)
        write_manifest(self.outputs, known.values())


def write_manifest(outputs: Path, entries: Iterable[Entry]) -> None:
    """The lines that `cxrtk segment` would write."""
    lines = (
        json.dumps({**entry.as_json(), "measures": entry.measures, "quality": entry.quality})
        for entry in entries
    )
    (outputs / manifest.FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def fill(root: Path) -> Folders:
    images, outputs = root / "images", root / "outputs"
    phantoms, entries = {}, []
    for seed, (name, flag, score, reasons) in enumerate(JUDGED):
        phantom = phantoms[name] = draw(seed, 160)
        path, stem = images / name, (outputs / name).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((phantom.pixels * 255).round().astype(np.uint8)).save(path)
        masks = np.stack([phantom.right_lung, phantom.left_lung, phantom.heart])
        pixels = np.asarray(Image.open(path), np.float32) / 255
        radiograph = Radiograph(pixels, (0.5, 0.5), "table")
        measures = measure(masks, CLASSES, radiograph)
        sure = masks.astype(np.float32)
        made = Segmentation(path, radiograph, masks, CLASSES, sure, measures, {}, {})
        written = save(made, stem, preview=True)
        entries.append(
            Entry(
                name,
                "ok",
                input_sha256=sha256(path),
                outputs={one.relative_to(outputs).as_posix(): sha256(one) for one in written},
                measures=made.measures,
                quality={"flag": flag, "score": score, "reasons": reasons},
                **MADE_BY,
            )
        )
    error = CxrReadError(UNREADABLE, "is truncated", tag="(0010,0010) PatientName = Nobody", code="truncated")
    entries.append(Entry(UNREADABLE, "failed", error.code, error.reason, **MADE_BY))
    write_manifest(outputs, entries)
    return Folders(images, outputs, phantoms)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Five images of which one could not be read; a test may change them."""
    return fill(tmp_path)


@pytest.fixture(scope="session")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The same, not to be changed."""
    return fill(tmp_path_factory.mktemp("steady"))


@pytest.fixture(scope="session")
def html(steady: Folders) -> str:
    """The page of them."""
    return steady.page()


@dataclass
class Element:
    """One tag, what it says of itself, and the text directly and indirectly in it."""

    tag: str
    attributes: dict[str, str]
    inside: list["Element"] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str = "", **wanted: str) -> list["Element"]:
        """Those below it with a tag, and attributes that hold these words; ``class_`` is the class."""
        fits = (not tag or self.tag == tag) and all(
            word in self.attributes.get(name.rstrip("_").replace("_", "-"), "").split()
            for name, word in wanted.items()
        )
        return [self] * fits + [found for each in self.inside for found in each.all(tag, **wanted)]


class Parsed(HTMLParser):
    """A page as a tree; an end tag that fits no open one is an error."""

    VOID = ("meta", "link", "img", "input", "path", "circle", "use", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(page)
        self.close()
        assert len(self.open) == 1, f"<{self.open[-1].tag}> is not closed"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.open[-1].inside.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, text: str) -> None:
        for element in self.open:
            element.text += text


@pytest.fixture
def parse():
    """A function: HTML -> `Element` that holds the whole page."""
    return lambda page: Parsed(page).root


@pytest.fixture
def other_day() -> Callable[[], AbstractContextManager[object]]:
    """A function: within it every clock of this process shows a day of 2096, in another zone."""
    return lambda: time_machine.travel(datetime(2096, 2, 29, 3, 4, 5, tzinfo=ZoneInfo("Pacific/Kiritimati")))


@pytest.fixture(scope="session")
def browser(require_program: Callable[[str, str], str]) -> Iterator[object]:
    """Headless Chromium, driven by selenium."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    chromium = require_program("chromium", "chromium")
    driver = require_program("chromedriver", "chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for argument in (
            "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
            "disable-background-networking", "disable-component-update", "disable-dev-shm-usage",
            f"user-data-dir={profile}",
        ):  # fmt: skip
            options.add_argument(f"--{argument}")
        started = webdriver.Chrome(
            options=options, service=Service(driver, env={**os.environ, "SE_OFFLINE": "true"})
        )
        yield started
        started.quit()
