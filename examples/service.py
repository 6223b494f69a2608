"""Lungs over HTTP: send a radiograph's bytes, get measures and a flag, or the mask as PNG.

pip install fastapi uvicorn
uvicorn --app-dir examples service:app
curl --data-binary @chest.dcm http://localhost:8000/segment
curl --data-binary @chest.dcm http://localhost:8000/mask -o mask.png

An example, not a product: it has no accounts and no encryption. Images stay in the memory of this process but
for a temporary file while one is read; nothing of them is logged.
"""

import asyncio
import io
import os
from typing import Annotated

import numpy as np
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from PIL import Image

import cxrtk

LARGEST = 100_000_000  # bytes of one radiograph
AT_ONCE = os.cpu_count() or 1  # more would wait for one another

app = FastAPI(title="Lungs")
segmenter = cxrtk.Segmenter(cxrtk.load_model("lungs"))
turns = asyncio.Semaphore(AT_ONCE)


async def body(request: Request) -> bytes:
    """The radiograph, refused before it is all in memory where it is too large."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST:
            raise HTTPException(413, f"A radiograph may have {LARGEST} bytes.")
    return bytes(content)


Body = Annotated[bytes, Depends(body)]


async def found_in(content: bytes) -> cxrtk.Segmentation:
    """Its segmentation, made in a thread, so that other requests are answered meanwhile."""
    async with turns:
        try:
            return await asyncio.to_thread(segmenter.segment, content)
        except cxrtk.CxrReadError as error:
            raise HTTPException(422, f"{error.reason} ({error.code})") from error


@app.post("/segment")
async def segment(content: Body) -> dict[str, object]:
    """Measures in mm where the file gives a spacing, else in pixels; and whether to trust the mask."""
    found = await found_in(content)
    return {"model": found.model, "measures": found.measures, "quality": found.quality}


@app.post("/mask")
async def mask(content: Body) -> Response:
    """Both lungs at the size of the radiograph, 0 and 255."""
    found = await found_in(content)
    picture = io.BytesIO()
    Image.fromarray(found.lungs().astype(np.uint8) * 255).save(picture, "PNG")
    return Response(picture.getvalue(), media_type="image/png")
