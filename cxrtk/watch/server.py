"""Source: the studies of the last days on a DICOMweb server."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from pathlib import Path

from cxrtk.data.pixels.dicom.files import MODALITIES
from cxrtk.dicomweb.addresses import Address
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.objects import FoundStudy, Instance
from cxrtk.errors import RemoteError
from cxrtk.watch.source import Found, Source

NOT_FOUND = 404


class ServerSource(Source):
    """Source of the studies dated today or on one of the days before.

    Args:
        address: Address of the server.
        client: Function that creates a client of a server.
        days: Number of days before today.
        modalities: Modalities to accept, with an empty string for objects without one; ``None`` for all.
        today: Function that returns today's date.
    """

    def __init__(
        self,
        address: Address,
        client: Callable[[Address], Client],
        days: int = 1,
        modalities: Collection[str] | None = MODALITIES,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self.name = address.service
        self.address = address
        self.days = days
        self.modalities = modalities
        self._client = client
        self._today = today
        self._known: dict[FoundStudy, list[Instance]] = {}

    def look(self, also: Collection[str] = ()) -> Found:
        """List the radiographs; a study with an unchanged number of objects is not queried again."""
        since = self._today() - datetime.timedelta(days=self.days)
        before, self._known = self._known, {}
        with self._client(self.address) as client:
            recent = client.studies(StudyDate=f"{since:%Y%m%d}-")
            older = [FoundStudy(uid) for uid in also if uid not in {study.uid for study in recent}]
            for study in (*recent, *older):
                if self._may_have_radiographs(study):
                    known = before.get(study) if study.objects is not None else None
                    self._known[study] = self._instances(client, study) if known is None else known
        return {
            study.uid: {each.uid: "" for each in instances if self._is_taken(each)}
            for study, instances in self._known.items()
        }

    def fetch(self, study: str, instances: Collection[str], folder: Path) -> None:
        """Retrieve the objects."""
        known = [each for found in self._known.values() for each in found if each.study == study]
        with self._client(self.address) as client:
            for instance in known:
                if instance.uid in instances:
                    client.retrieve(instance, folder / f"{instance.uid}.dcm")

    def _instances(self, client: Client, study: FoundStudy) -> list[Instance]:
        try:
            return client.instances(Address(self.address.service, study.uid))
        except RemoteError as error:
            if error.status == NOT_FOUND:
                return []  # removed in the meantime
            raise

    def _may_have_radiographs(self, study: FoundStudy) -> bool:
        stated = study.modalities
        return self.modalities is None or not stated or not stated.isdisjoint(self.modalities)

    def _is_taken(self, instance: Instance) -> bool:
        return self.modalities is None or instance.modality in self.modalities
