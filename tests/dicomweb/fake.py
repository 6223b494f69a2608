"""A small server of HTTP(S) on loopback, which answers as a test says and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BOUNDARY = "fake"
PARTS = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
JSON = "application/dicom+json"


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """An answer; `length` other than that of the body makes it end too early."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None


Respond = Callable[[Asked], Answer]


class Fake:
    """A running server.

    Attributes:
        respond: Function that answers each request.
        asked: All requests so far.
    """

    def __init__(self, respond: Respond, server: ThreadingHTTPServer, scheme: str) -> None:
        self.respond = respond
        self.asked: list[Asked] = []
        self.port = server.server_address[1]
        self.url = f"{scheme}://localhost:{self.port}/dicom-web"


@contextmanager
def serving(respond: Respond, context: Any = None) -> Iterator[Fake]:
    """Start a server, with TLS by an `ssl.SSLContext` if there is one."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, dict(self.headers), body)
            fake.asked.append(asked)
            answer = fake.respond(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.length is None else answer.length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = _do

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that hangs up
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    fake = Fake(respond, server, "http" if context is None else "https")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def found(*instances: Mapping[str, str]) -> Answer:
    """Results of a search: attributes by their tags."""
    rows = [{tag: {"vr": "UI", "Value": [value]} for tag, value in each.items()} for each in instances]
    return Answer(200, json.dumps(rows).encode(), {"Content-Type": JSON})


def instance(uid: str = "1.2.3", modality: str = "DX", series: str = "1.2") -> dict[str, str]:
    """One result of a search for instances."""
    return {"00080018": uid, "0020000E": series, "00080060": modality}


def part(content: bytes) -> Answer:
    """A multipart answer of one object."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return Answer(200, head + content + f"\r\n--{BOUNDARY}--\r\n".encode(), {"Content-Type": PARTS})


def pages(*instances: Mapping[str, str]) -> Respond:
    """A server that finds some instances, on its first page, and nothing on others."""
    return lambda asked: found(*instances) if "offset=0" in asked.path else found()
