"""Client of one DICOMweb server: search, retrieve and store, one object at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from cxrtk.data.atomic import replacing
from cxrtk.data.pixels.content import MAX_BYTES
from cxrtk.data.pixels.dicom.files import DATASET_AT, looks_like_dicom
from cxrtk.dicomweb.addresses import Address, is_uid
from cxrtk.dicomweb.credentials import Access
from cxrtk.dicomweb.objects import (
    FAILED,
    FAILED_FOR,
    INSTANCE,
    MODALITIES,
    MODALITY,
    OBJECTS,
    OF_INSTANCE,
    SERIES,
    STORED,
    STUDY,
    FoundStudy,
    Instance,
    items,
    values,
)
from cxrtk.dicomweb.parts import message_of, save_part
from cxrtk.dicomweb.session import Patience, Session
from cxrtk.errors import RemoteError

JSON = "application/dicom+json"
# "*" requests the object in its stored transfer syntax; without it a server may decode its pixels.
AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'
AS_IT_LIKES = 'multipart/related; type="application/dicom"'
PAGE = 200
MOST_FOUND = 100_000
DUPLICATE = 0x0111  # PS3.7 annex C: the server has an object with this UID, and equal UIDs mean equal bytes
NOT_IN_THIS_FORM = (400, 406)


class Client:
    """Client of one server; a context manager that closes the connection.

    Args:
        address: Any address of the server.
        access: Credentials, and authorities to trust.
        patience: Time-outs and repetitions.
    """

    def __init__(
        self, address: Address, access: Access | None = None, patience: Patience | None = None
    ) -> None:
        self.service = address.service
        self.server = address.origin
        self._session = Session(address, access or Access(), patience or Patience())

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    # Search

    def instances(self, address: Address) -> list[Instance]:
        """Find the objects of a study, a series, or one object (QIDO-RS).

        Raises:
            RemoteError: There is none, or the server refuses or answers with something else.
        """
        below = f"/series/{address.series}" if address.series else ""
        wanted = {"SOPInstanceUID": address.instance} if address.instance else {}
        url = f"{self.service}/studies/{address.study}{below}/instances"
        found = [self._instance(address, each) for each in self._search(url, INSTANCE, wanted)]
        chosen = [each for each in found if address.instance in ("", each.uid)]
        if not chosen:
            raise RemoteError(f"{address}: the server holds no object of it; check the UIDs.", status=404)
        return sorted(chosen, key=lambda each: each.uid)

    def studies(self, **matching: str) -> list[FoundStudy]:
        """Find the studies that match some attributes, such as ``StudyDate="20261129-"``.

        Raises:
            RemoteError: The server refuses or answers with something else.
        """
        asked = {**matching, "includefield": f"{MODALITIES},{OBJECTS}"}
        found = self._search(f"{self.service}/studies", STUDY, asked)
        return [
            FoundStudy(
                self._uid(each, STUDY),
                frozenset(map(str, values(each, MODALITIES))),
                next((int(count) for count in values(each, OBJECTS) if str(count).isdecimal()), None),
            )
            for each in found
        ]

    def has(self, instance: Instance) -> bool:
        """Return whether the server holds an object.

        Raises:
            RemoteError: The server refuses or answers with something else.
        """
        url = f"{self.service}/studies/{instance.study}/series/{instance.series}/instances"
        try:
            found = self._search(url, INSTANCE, {"SOPInstanceUID": instance.uid})
            return any(instance.uid in values(each, INSTANCE) for each in found)
        except RemoteError as error:
            if error.status == 404:
                return False
            raise

    def _instance(self, address: Address, found: Mapping[str, Any]) -> Instance:
        series = address.series or self._uid(found, SERIES)
        modality = next(iter(values(found, MODALITY)), "")
        return Instance(address.study, series, self._uid(found, INSTANCE), str(modality))

    def _search(self, url: str, key: str, asked: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """Yield the results of all pages; a server that ignores the offset gives its only page again."""
        seen: set[str] = set()
        while True:
            page = self._page(url, {**asked, "limit": str(PAGE), "offset": str(len(seen))})
            new = {uid: each for each in page if (uid := self._uid(each, key)) not in seen}
            yield from new.values()
            seen |= new.keys()
            if not new:
                return
            if len(seen) > MOST_FOUND:
                raise RemoteError(f"{self.server}: finds more than {MOST_FOUND:,} objects; name less of it.")

    def _page(self, url: str, asked: Mapping[str, str]) -> list[Mapping[str, Any]]:
        def ask() -> bytes:
            with self._session.answer("GET", url, headers={"Accept": JSON}, params=asked) as response:
                if response.status_code == 204:
                    return b""
                if response.status_code != 200:
                    raise self._session.refusal(response, "search")
                return self._session.text(response)

        found = self._json(self._session.repeated(ask) or b"[]")
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise RemoteError(f"{self.server}: answers a search with something else than a list.")
        return found

    # Retrieval

    def retrieve(self, instance: Instance, path: Path, most: int = MAX_BYTES) -> int:
        """Write one object to a file in the form stored on the server (WADO-RS).

        Args:
            instance: The object.
            path: Path of the file; it is written completely or not at all.
            most: Maximum number of bytes.

        Returns:
            Number of bytes.

        Raises:
            RemoteError: The server refuses, or its answer is damaged, too long or not DICOM.
        """
        url = "/".join(
            (self.service, "studies", instance.study, "series", instance.series, "instances", instance.uid)
        )
        try:
            return self._session.repeated(lambda: self._fetch(url, path, most, AS_STORED))
        except RemoteError as error:
            if error.status not in NOT_IN_THIS_FORM:
                raise
        return self._session.repeated(lambda: self._fetch(url, path, most, AS_IT_LIKES))

    def _fetch(self, url: str, path: Path, most: int, accept: str) -> int:
        with self._session.answer("GET", url, headers={"Accept": accept}) as response:
            if response.status_code != 200:
                raise self._session.refusal(response, "retrieve")
            with replacing(path) as part:
                pieces = self._session.content(response)
                with part.open("wb") as file:
                    kind = response.headers.get("Content-Type", "")
                    save_part(kind, pieces, file, most=most, server=self.server)
                with part.open("rb") as file:
                    if not looks_like_dicom(file.read(DATASET_AT)):
                        raise RemoteError(f"{self.server}: sends something that is not DICOM.")
        return path.stat().st_size

    # Storage

    def store(self, path: Path, uid: str) -> None:
        """Store one DICOM file (STOW-RS); an object that the server has already counts as stored.

        Args:
            path: The file.
            uid: Its SOP Instance UID.

        Raises:
            RemoteError: The server does not store the file, or does not confirm it.
        """
        kind, body = message_of(path.read_bytes())
        headers = {"Content-Type": kind, "Accept": JSON}

        def send() -> None:
            url = f"{self.service}/studies"
            with self._session.answer("POST", url, headers=headers, data=body) as response:
                if response.status_code not in (200, 202, 409):
                    raise self._session.refusal(response, "store")
                self._confirm(uid, response.status_code, self._session.text(response))

        self._session.repeated(send)

    def _confirm(self, uid: str, status: int, answer: bytes) -> None:
        """Check that an object is among those that the server reports as stored."""
        if not answer and status == 200:
            return
        told = self._json(answer)
        told = told[0] if isinstance(told, list) and len(told) == 1 else told
        if not isinstance(told, dict):
            raise RemoteError(f"{self.server}: store: answers with something else than DICOM JSON.")
        if any(uid in values(each, OF_INSTANCE) for each in items(told, STORED)):
            return
        for each in items(told, FAILED):
            reason = next(iter(values(each, FAILED_FOR)), None)
            if uid in values(each, OF_INSTANCE) and reason == DUPLICATE:
                return
            if uid in values(each, OF_INSTANCE) and isinstance(reason, int):
                full = 0xA700 <= reason <= 0xA7FF  # PS3.18 table 10.5.3-2: out of resources
                raise RemoteError(
                    f"{self.server}: refuses to store an object; (0008,1197) FailureReason = {reason:04X}H.",
                    again=full, status=status,
                )  # fmt: skip
        raise RemoteError(f"{self.server}: does not say that it stored the object ({status}).", status=status)

    # Answers

    def _json(self, text: bytes) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise RemoteError(
                f"{self.server}: answers with something else than JSON; check the address."
            ) from None

    def _uid(self, found: Mapping[str, Any], key: str) -> str:
        uid = next(iter(values(found, key)), None)
        if not isinstance(uid, str) or not is_uid(uid):
            raise RemoteError(f"{self.server}: a result of a search has no valid ({key[:4]},{key[4:]}).")
        return uid
