"""Interface of sources, which say what studies there are, and hand out their files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from pathlib import Path

Found = Mapping[str, Mapping[str, str]]  # study -> instance -> text that is another when it has changed


class Source(ABC):
    """Source of studies.

    Attributes:
        name: Name for messages, and for the state.
    """

    name: str = ""

    @abstractmethod
    def look(self, also: Collection[str] = ()) -> Found:
        """List the radiographs that are there now, by study.

        Args:
            also: Studies on which work is left, and which are listed even if they are older than others.

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
        """Let go of instances of which all is done; by default they stay where they are."""
        return None
