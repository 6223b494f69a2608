"""Interface of sources, which list the available studies and provide their files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from pathlib import Path

Found = Mapping[str, Mapping[str, str]]  # study -> instance -> text that differs once it has changed


class Source(ABC):
    """Source of studies.

    Attributes:
        name: Name for messages, and for the state.
    """

    name: str = ""

    @abstractmethod
    def look(self, also: Collection[str] = ()) -> Found:
        """List the radiographs that are available now, by study.

        Args:
            also: Studies with work left to do; they are listed even if they are too old for the source.

        Raises:
            RemoteError: A server cannot be reached, or refuses.
            DataError: A folder is gone.
        """

    @abstractmethod
    def fetch(self, study: str, instances: Collection[str], folder: Path) -> None:
        """Write ``<UID>.dcm`` of some instances that `look` has listed.

        Raises:
            RemoteError: A server cannot be reached, or refuses.
            CxrReadError: A file is gone or cannot be read.
        """

    def release(self, instances: Collection[str]) -> None:
        """Release instances once all work on them is done; by default they stay where they are."""
        return None
