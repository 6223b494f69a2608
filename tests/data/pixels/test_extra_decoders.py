"""Syntaxes whose decoders come with ``cxrtk[jpeg]``: the native twin where they are, one line where not.

The streams were made from `IMAGE` by OpenJPH, CharLS, liblj92 and libjpeg-turbo, through imagecodecs.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pixel_makers import HTJ2K, JPEG12, JPEG_LS, LOSSLESS, dicom

from cxrtk import CxrReadError, pixels

IMAGE = (np.arange(24 * 16, dtype=np.uint16) * 10).reshape(24, 16)
# Name -> transfer syntax, module that decodes it, how far it may be off, and the stream.
STREAMS: dict[str, tuple[str, str, int, str]] = {
    "HTJ2K": (
    HTJ2K, "openjpeg", 0, (
        '|4;u>04YEK0000G0000O00000000000000G0000O0000000000009pH0sl|{2mk^A000XAQUDA90ssL31q1{@0smY8'
        '6Cj9?kdTm&kdTm&kdTmwh=~7W02crOPjF>!N>E53R%LP^FfKASE;BCwkN^q*00000kpKbzlfVEbMfC*-bO68r698=W'
        '1BY|~zyK3K01|+<wgC%t0JQ-JbO68r6)*q<;F_lW03tAgb^x-K?SP`R0KfnhPyhv3j4{U8x_WQ|b^y*gbLQ;mLILcy'
        '0Kfn(2ml4BA|fIpA|mJDr>Cc<r^0#wK7D+Ae0+R-{{JuxV0-p4f$X~g|Je'
    ),
    ),
    "JPEG-LS": (
    JPEG_LS, "jpeg_ls", 0, (
        '|JeWN03cIPNk&Eh0ssI30000O0000G3J?YX0003j0003j|L6b+00001|JeWc01FTR7yu9f0TBTI_y7$7|Nj6I07C&3'
        '06_oR00;pA00000pqvwea7GV<VQ@|e!SHM@69<FT2q^@i2s#-Ggh8R9p&=n5Af-Trf`Ww#6ev)kLWK$x5~t9iK!E}T'
        '5J3bGK?EV5K?D#%1Q0<45J3bTok0W;K?D#%1R)4RGl)VEgdqq*5QHIFv>^yW5QHHJLJ*A7A|fIpA|fIUnM6cHL_|bH'
        'LnaXs5=kVILnYElB$7!aB3UGoNmWpZRaI40LM0VdRd__3|9m1z|9%M~|9=FKfByuJfByuIfByuHfByuGfByuFfByvk'
        '*#'
    ),
    ),
    "JPEG lossless": (
    LOSSLESS, "libjpeg", 0, (
        '|JeV;02crO0RaI30000000000000072m}oO!vG5m02lxe0RRyI|Jncu0RR97008Iz0M)Bjty;Be)vH#mTD4RP3JMAe'
        '3JMAe3JMAe3JMhhf`WpAf`WpAf`WpAf`WxWprD|jprD|jprD|jprD~pC@3f>C@3f>C@3f>C@3gY3JMAe3JMAe3JMAe'
        '3JMAp0)m2qf`WpAf`WpAf`WpDK%k(YprD|jprD|jprD|kP$(!UC@3f>C@3f>C@3f>R0;|T3JMAe3JMAe3JMAe6#{~S'
        'f`WpAf`WpAf`WpAg+QR7prD|jprD|jprD|jp-?C&C@3f>C@3f>C@3f>C{zjx3JMAe3JMAe3JMAe3Kar^f`WpAf`WpA'
        'f`WpAf`ve!prD|jprD|jprD|jprKGGC@3f>C@3f>C@3f>C@5443JMAe3JMAe3JMAe3JMhhf`WpAf`WpAf`WpAf`WxW'
        'prD|jprD|jprD|jprD~pC@3f>C@3f>C@3f>C@3gY3JMAe3JMAe3JMAe3JMAp0)m2qf`WpAf`WpAf`WpDK%k(YprD|j'
        'prD|jprD|j|Je'
    ),
    ),
    "JPEG, 12 bits": (
    JPEG12, "libjpeg", 2, (
        '|JeWF01!$>Nk#wx0RR9200961|JwjV009930RaI40RaI40RaI40RaI40RaI40RaI40RaI40RaI40RaI40RaI40RaI4'
        '0RaI40RaI40RaI40RaI40sp}O3k(1l01yEI5di<h02KfM0RR9100000000000000A4*$de91s8i1_J;90000000000'
        '000083@J57Q)P1h+5iXv0RR9$0Fsv}DJJ6^I}J(BpeO>8l5R1xu+*ID1uOwcNjDhT*lJF70YDU#lW~omhNS0EDPRgp'
        'Nw~(&!%}mo3IL>}n~ZGiH77cO|Je'
    ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_the_native_twin_where_it_is_installed(
    name: str, tmp_path: Path, require_module: Callable[[str, str], Any]
) -> None:
    """The same pixels as uncompressed; a lossy one to two levels of 4095."""
    syntax, module, off, stream = STREAMS[name]
    require_module(module, "jpeg")
    native = pixels.read(dicom(tmp_path / "native.dcm", IMAGE)).pixels
    twin = pixels.read(dicom(tmp_path / "twin.dcm", IMAGE, syntax, base64.b85decode(stream))).pixels
    assert np.abs(np.rint(twin * 4095) - np.rint(native * 4095)).max() <= off
    if not off:
        assert np.array_equal(twin, native)


@pytest.mark.parametrize("name", STREAMS)
def test_one_line_where_it_is_not(name: str, tmp_path: Path) -> None:
    """In a process that can import none of the decoders: the attribute and the extra are named."""
    syntax, _, _, stream = STREAMS[name]
    path = dicom(tmp_path / "a.dcm", IMAGE, syntax, base64.b85decode(stream))
    blocked = "('pylibjpeg', 'openjpeg', 'libjpeg', 'jpeg_ls', 'gdcm')"
    code = f"""
import sys
for name in {blocked}:
    sys.modules[name] = None
from cxrtk import CxrReadError, pixels
try:
    pixels.read({str(path)!r})
except CxrReadError as error:
    print(error.code, error, sep="|")
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    kind, _, text = ended.stdout.strip().partition("|")
    assert kind == "no_decoder", ended.stderr
    assert text.startswith(f"{path}: needs a decoder for ")
    assert text.endswith(f'[(0002,0010) TransferSyntaxUID = {syntax}]; pip install "cxrtk[jpeg]"')


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_is_cut_is_refused(name: str, tmp_path: Path) -> None:
    """Wherever it ends; some decoders would make up the rest, or go on for ever."""
    syntax, _, _, stream = STREAMS[name]
    content = base64.b85decode(stream)
    for size in range(2, len(content) - 2, 16):
        with pytest.raises(CxrReadError) as caught:
            pixels.read(dicom(tmp_path / "a.dcm", IMAGE, syntax, content[:size]))
        assert caught.value.code in ("damaged", "no_decoder")
