"""Decoders of DICOM."""

from cxrtk.cli.diagnosis import codecs
from cxrtk.cli.diagnosis.finding import MISSING, OK
from cxrtk.data.pixels.dicom.decoding import DECODERS


def test_each_syntax_that_is_read_is_listed():
    """Each one has its name in the standard."""
    found = list(codecs.examine())
    assert [each.name for each in found] == [syntax.name for syntax in DECODERS]
    assert found[0].name == "RLE Lossless" and found[0].state == OK


def test_what_pylibjpeg_decodes_is_missing_without_it(monkeypatch):
    """The entry names the extra to install."""
    monkeypatch.setattr(
        "pydicom.pixels.get_decoder", lambda syntax: type("Decoder", (), {"available_plugins": ()})
    )
    found = {each.name: each for each in codecs.examine()}
    assert found["RLE Lossless"].state == OK
    lossless = found["JPEG Extended (Process 2 and 4)"]
    assert (lossless.state, lossless.cure) == (MISSING, "pip install 'cxrtk[jpeg]'")
    assert found["JPEG-LS Lossless Image Compression"].cure == "pip install pyjpegls"
