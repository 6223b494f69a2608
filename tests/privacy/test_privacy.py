"""No word of a file's texts leaves it: canaries in every place, a look at every byte that is written.

What may leave are the attributes of an allow-list, the columns a user names, and paths. `test_search.py`
shows that the search finds what is there.
"""

import json
import logging
import traceback

import planted
import pytest
from canaries import canary
from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from search import found, found_below

from cxrtk import CxrReadError, bundles, pixels, readers

DEBUG_LOG = """
[loggers]
keys=root
[handlers]
keys=console
[formatters]
keys=line
[logger_root]
level=DEBUG
handlers=console
[handler_console]
class=StreamHandler
level=DEBUG
formatter=line
args=(sys.stdout,)
[formatter_line]
format=%(levelname)s %(name)s %(message)s
"""
SMALL = {
    "max_epochs": 1,
    "image_size": 32,
    "batch_size": 2,
    "overlays": 2,
    "network_def#name": "basic_unet",
    "reader#name": "image_mask_folder",
    "reader#truth": "human",
    "cache_dir": "cache",
    "run_name": "canary",
    "labels": "files",
}


@pytest.fixture
def files(tmp_path):
    """A folder of one file of each kind, and all words that are planted in them."""
    folder = tmp_path / "in"
    folder.mkdir()
    words = {word for name, make in planted.MAKERS.items() for word in make(folder / name)}
    return folder, words


@pytest.fixture
def said(caplog):
    """A function that gives all that was logged, at any level, with tracebacks."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="cxrtk")
    return lambda: caplog.text.encode()


def screen(ended) -> bytes:
    """What a command printed, on both streams."""
    return f"{ended.out}\n{ended.err}".encode()


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_inspect(cxrtk_command, files, said, tmp_path, form):
    """Text, JSON, picture and log."""
    folder, words = files
    out = tmp_path / "out"
    out.mkdir()
    printed = b""
    for file in sorted(folder.iterdir()):
        ended = cxrtk_command("inspect", file, *form, "-o", out / f"{file.name}.png")
        assert ended.code == 0, ended.err
        printed += screen(ended)
    assert len(list(out.iterdir())) == len(planted.MAKERS)
    assert found(words, printed) == found(words, said()) == set()
    assert found_below(words, out) == {}


@pytest.mark.parametrize("form", ["png", "nii", "nii.gz"])
def test_convert(cxrtk_command, files, said, tmp_path, form):
    """Every kind of output, its table and its log."""
    folder, words = files
    ended = cxrtk_command("convert", folder, tmp_path / "out", "--format", form)
    single = cxrtk_command("convert", folder / "a.dcm", tmp_path / "out" / f"one.{form}", "--bits", 8)
    assert (ended.code, single.code) == (0, 0), ended.err
    outputs = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert outputs == sorted([f"a.{form}", f"one.{form}", "converted.csv", "manifest.jsonl"])
    assert found(words, screen(ended) + screen(single)) == found(words, said()) == set()
    assert found_below(words, tmp_path / "out") == {}


@pytest.mark.parametrize("reader", ["dicom", "image_mask_folder"])
def test_masks(cxrtk_command, said, tmp_path, reader):
    """Masks, previews, table and log, of both readers of files with texts."""
    words = planted.data_set(tmp_path / "in")
    arguments = ["--reader", reader, "--dataset_dir", tmp_path / "in", "--generator", "mean_threshold"]
    ended = cxrtk_command("masks", *arguments, "-o", tmp_path / "out")
    assert ended.code == 0, ended.err
    assert list((tmp_path / "out").rglob("*_mask.png"))
    assert found(words, screen(ended)) == found(words, said()) == set()
    assert found_below(words, tmp_path / "out") == {}


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_check(cxrtk_command, said, tmp_path, form):
    """Table, JSON, contact sheet and log, of a set that has copies and an unreadable image."""
    words = planted.data_set(tmp_path / "in")
    images = tmp_path / "in" / "images"
    data = (images / "0a.dcm").read_bytes()
    (images / "0a.dcm").write_bytes(data[: len(data) - 2000])
    (images / "6b.png").write_bytes((images / "1b.png").read_bytes())
    arguments = ["--reader", "image_mask_folder", "--dataset_dir", tmp_path / "in", "--seed", 0]
    ended = cxrtk_command("check", *arguments, "-o", tmp_path / "out", *form)
    assert ended.code in (0, 3), ended.err
    assert (tmp_path / "out" / "check.json").is_file()
    assert found(words, screen(ended)) == found(words, said()) == set()
    assert found_below(words, tmp_path / "out") == {}


def test_segment(cxrtk_command, said, lung_model, tmp_path):
    """All kinds of output, the manifest and the log, with files that cannot be read among them."""
    words = planted.data_set(tmp_path / "in")
    images = tmp_path / "in" / "images"
    data = (images / "0a.dcm").read_bytes()
    (images / "cut.dcm").write_bytes(data[: len(data) - 2000])
    formats = "png,nifti,json,csv"
    ended = cxrtk_command(
        "segment", "-i", images, "-o", tmp_path / "out", "--model", lung_model, "-ot", formats,
        "--preview", "--save-probabilities",
    )  # fmt: skip
    assert ended.code == 3, ended.err
    assert (tmp_path / "out" / "0a.json").is_file() and (tmp_path / "out" / "0a_preview.jpg").is_file()
    assert found(words, screen(ended)) == found(words, said()) == set()
    assert found_below(words, tmp_path / "out") == {}


def test_evaluate(cxrtk_command, said, lung_model, tmp_path):
    """Table, record, masks, warnings and the log, with an image that cannot be read among them."""
    words = planted.data_set(tmp_path / "in")
    first = min((tmp_path / "in" / "images").glob("*.dcm"))
    first.write_bytes(first.read_bytes()[:-2000])
    ended = cxrtk_command(
        "evaluate", "--model", lung_model, "--dataset_dir", tmp_path / "in", "-o", tmp_path / "out",
        "--reader", "image_mask_folder",
    )  # fmt: skip
    assert ended.code == 3, ended.err
    assert (tmp_path / "out" / "cases.csv").is_file() and (tmp_path / "out" / "curves.npz").is_file()
    assert found(words, screen(ended)) == found(words, said()) == set()
    assert found_below(words, tmp_path / "out") == {}


def test_what_a_reader_lists(tmp_path):
    """The items of DICOM files: patient, study and series by hash, nothing of the rest."""
    words = planted.dicom(tmp_path / "a.dcm")
    items = readers.create("dicom", root=str(tmp_path)).items()
    radiograph = readers.create("dicom", root=str(tmp_path)).read(tmp_path / "a.dcm")
    told = json.dumps(items) + repr(radiograph.meta)
    assert items[0]["patient"] and items[0]["study"]
    assert found(words, told.encode()) == set()


@pytest.mark.slow
def test_a_training(fresh_python, tmp_path):
    """Run, cache, TensorBoard's files, tables, pictures, checkpoints, and the log at its most talkative."""
    words = planted.data_set(tmp_path / "in")
    own = tmp_path / "own"
    own.mkdir()
    (own / "unet.json").write_text(bundles.shipped()["unet_cxr"].read_text())
    (own / "logging.conf").write_text(DEBUG_LOG)
    settings = {"dataset_dir": str(tmp_path / "in"), "device": "cpu", **SMALL}
    arguments = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    ended = fresh_python("-m", "cxrtk", "train", own / "unet.json", *arguments)
    assert ended.code == 0, ended.err
    assert "DEBUG" in ended.out
    run = tmp_path / "runs" / "canary"
    for written in ("run.json", "splits.json", "best.pt", "last.pt"):
        assert (run / written).is_file()
    assert list(tmp_path.glob("runs/**/events.out.tfevents*")) and list(tmp_path.glob("cache/*/*.pt"))
    assert found(words, screen(ended)) == set()
    assert found_below(words, tmp_path / "runs") == found_below(words, tmp_path / "cache") == {}


def damaged(data: bytes, words: set[str]) -> list[bytes]:
    """Cut, and broken, within and behind each planted word that stands there as it is."""
    places = sorted({data.find(word.encode()) for word in words} - {-1})
    cuts = [data[: place + extra] for place in places for extra in (5, 40)]
    flips = [data[: place - 2] + bytes([data[place - 2] ^ 0xFF]) + data[place - 1 :] for place in places]
    return [*cuts, *flips, data[: len(data) // 2]]


@pytest.mark.parametrize("name", planted.MAKERS)
def test_errors(cxrtk_command, files, said, tmp_path, name):
    """What is said of a damaged file: the error, its causes, the log; through `cxrtk inspect` one line."""
    folder, words = files
    file = tmp_path / name
    refused = 0
    for data in damaged((folder / name).read_bytes(), words):
        file.write_bytes(data)
        try:
            pixels.read(file)
        except CxrReadError as error:
            refused += 1
            assert found(words, "".join(traceback.format_exception(error)).encode()) == set()
    ended = cxrtk_command("inspect", file)
    assert refused and ended.code in (2, 3)
    assert found(words, said() + screen(ended)) == set()


SHIFTED = (
    "RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "Rows", "Columns", "BitsStored",
    "NumberOfFrames", "PixelSpacing", "ImagerPixelSpacing", "PixelRepresentation", "SamplesPerPixel",
    "PhotometricInterpretation", "Modality", "VOILUTFunction", "ViewPosition", "PatientOrientation",
    "Laterality", "ImageLaterality", "PresentationLUTShape", "LossyImageCompression", "BurnedInAnnotation",
    "PresentationIntentType", "PixelSpacingCalibrationType", "EstimatedRadiographicMagnificationFactor",
    "PixelAspectRatio", "HighBit", "BitsAllocated",
)  # fmt: skip


@pytest.mark.parametrize("keyword", SHIFTED)
def test_a_name_in_an_attribute_that_is_read(cxrtk_command, said, tmp_path, keyword):
    """Where a name stands in place of a number or a code, no error, cause, log or provenance quotes it."""
    file = tmp_path / "a.dcm"
    planted.dicom(file)
    name = f"{canary(keyword)}^Jo"
    dataset = dcmread(file)
    tag = Tag(keyword)
    dataset[tag] = RawDataElement(tag, "LO", len(name), name.encode(), 0, False, True)
    dataset.save_as(file)
    try:
        told = repr(pixels.read_dicom(file, modalities=None))
    except CxrReadError as error:
        told = "".join(traceback.format_exception(error))
    ended = cxrtk_command("inspect", file)
    assert found([canary(keyword)], told.encode() + said() + screen(ended)) == set()


def test_a_table_in_place_of_an_image(cxrtk_command, said, tmp_path):
    """The beginning of a text file, which may be a name, is not quoted."""
    file = tmp_path / "patients.png"
    name = canary("beginning")[:8]
    file.write_text(f"{name},MRN\n")
    with pytest.raises(CxrReadError) as refused:
        pixels.read(file)
    ended = cxrtk_command("inspect", file)
    assert ended.code in (2, 3)
    assert found([name], str(refused.value).encode() + said() + screen(ended)) == set()
