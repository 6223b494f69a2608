"""A real Orthanc with its DICOMweb plugin, on loopback, with a temporary store and basic authentication."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "physicist", "s3cret-of-orthanc"
AET = "ORTHANC"
START_SECONDS = 60


class Orthanc:
    """A running server, looked at by its own REST interface, which cxrtk does not use."""

    def __init__(self, http: int, dicom: int) -> None:
        self.base = f"http://127.0.0.1:{http}"
        self.url = f"{self.base}/dicom-web"
        self.dicom = dicom

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Its answer to a request."""
        import requests

        with requests.request(method, self.base + path, auth=(USER, PASSWORD), timeout=60, **more) as answer:
            answer.raise_for_status()
            return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer.content

    def put(self, path: Path) -> None:
        """Give it a file."""
        self.ask("POST", "/instances", data=path.read_bytes())

    def clear(self) -> None:
        """Remove all studies."""
        for study in self.ask("GET", "/studies"):
            self.ask("DELETE", f"/studies/{study}")

    def objects(self) -> dict[str, str]:
        """The modality of each object, by its SOP Instance UID."""
        found = {}
        for name in self.ask("GET", "/instances"):
            tags = self.ask("GET", f"/instances/{name}/simplified-tags")
            found[tags["SOPInstanceUID"]] = tags["Modality"]
        return found

    def file(self, uid: str) -> bytes:
        """The file of an object, as it is stored."""
        for name in self.ask("GET", "/instances"):
            if self.ask("GET", f"/instances/{name}/simplified-tags")["SOPInstanceUID"] == uid:
                found: bytes = self.ask("GET", f"/instances/{name}/file")
                return found
        raise LookupError(uid)

    def changes(self) -> list[str]:
        """UIDs of the objects that it was given, in order, each time that it took one."""
        logged = self.ask("GET", "/changes?limit=10000")["Changes"]
        names = [each["ID"] for each in logged if each["ChangeType"] == "NewInstance"]
        return [self.ask("GET", f"/instances/{name}/simplified-tags")["SOPInstanceUID"] for name in names]


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(program: str, folder: Path, **settings: Any) -> Iterator[Orthanc]:
    """Start a server with its files in a folder, and stop it at the end."""
    http, dicom = free_port(), free_port()
    config = {
        "Name": "cxrtk-test", "DicomAet": AET, "HttpPort": http, "DicomPort": dicom,
        "StorageDirectory": str(folder / "db"), "IndexDirectory": str(folder / "db"),
        "Plugins": [str(PLUGIN)], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "RemoteAccessAllowed": False, "AuthenticationEnabled": True, "RegisteredUsers": {USER: PASSWORD},
        "DicomAlwaysAllowStore": True, "DicomCheckCalledAet": False, "OverwriteInstances": False,
        **settings,
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(config))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen(
            [program, str(folder / "orthanc.json")], stdout=log, stderr=log, env={**os.environ, "LANG": "C"}
        )
        server = Orthanc(http, dicom)
        try:
            _wait(server, process, folder / "orthanc.log")
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _wait(server: Orthanc, process: "subprocess.Popen[bytes]", log: Path) -> None:
    import requests

    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            server.ask("GET", "/system")
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"Orthanc does not start: {log.read_text(errors='replace')[-2000:]}")
