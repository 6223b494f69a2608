"""Exceptions of cxrtk, and the exit code that each one gives a command.

CxrError (1)
├── CxrReadError (2)        one file cannot be read
├── DataError (2)           a data set, a split or a folder is not usable
├── ConfigError (2)         a setting or a bundle config is wrong
├── StorageError (2)        a disk is full
├── RemoteError (2)         a DICOM server cannot be reached, or refuses
├── NonFiniteError (4)      a loss, a gradient, a weight or a metric is NaN or infinite
├── CheckpointError (5)     a checkpoint is damaged, or does not fit
└── PluginError (2)
    ├── PluginNotFound      no plugin of that name
    ├── PluginConflict      two files claim one name
    └── PluginBroken        the plugin's file cannot be imported, or builds the wrong thing
"""

from __future__ import annotations

from os import PathLike, fspath
from typing import Final

# Reasons why a file cannot be read, as used in tables and reports. Never renamed; more may be added.
READ_CODES: Final[dict[str, str]] = {
    "missing": "there is no such file, or it is a broken link; links of git-annex are named",
    "no_source": "it belongs to none of the sources",
    "not_a_file": "a folder, a pipe or a device",
    "no_access": "the file may not be opened or read",
    "empty": "no bytes",
    "too_large": "more bytes or pixels than are accepted",
    "too_small": "a side of fewer than 8 pixels, or none",
    "not_image": "no format that any reader knows; pointers of Git LFS and git-annex are named",
    "not_dicom": "not DICOM, where a DICOM file was asked for",
    "format": "a format that this reader does not read",
    "truncated": "the file ends too early",
    "damaged": "what is there contradicts itself, or cannot be decoded",
    "header": "an attribute is missing, out of range or contradicts another",
    "no_image": "DICOM without pixel data, such as a report",
    "modality": "a modality that was not asked for",
    "video": "a video",
    "multi_frame": "more than one image",
    "colour": "colours that differ",
    "transparent": "pixels that can be seen through",
    "one_bit": "a mask, or a fax, where a radiograph was asked for",
    "no_decoder": "a transfer syntax whose decoder is not installed, or that has none",
    "flagged": "a flag that was not to be accepted, such as a lateral view",
    "values": "numbers that a mask, a class map or an image cannot hold",
    "size": "a label of another size than its image",
    "label": "no label, or one without lungs",
    "crashed": "its decoder ended the process that read it, or its batch the processes that worked on it",
    "timeout": "it took longer than a file may take",
    "unreadable": "anything else; the message says what",
}


class CxrError(Exception):
    """Base of every error that cxrtk raises on purpose; `exit_code` is the exit code of the command."""

    exit_code = 1


class CxrReadError(CxrError):
    """One file cannot be read; the message gives the file, the fault and the remedy.

    Args:
        path: Path of the file.
        what: Description of the fault, as a phrase without the path.
        cure: Remedy for the user, as an imperative.
        tag: The DICOM attribute at fault, written as ``(gggg,eeee) Keyword = value``.
        code: Machine-readable kind of fault: one of `READ_CODES`, or a plugin's own.

    >>> print(CxrReadError("a.dcm", "100 of 4800 bytes", tag="(7FE0,0010) PixelData", cure="copy it again"))
    a.dcm: 100 of 4800 bytes [(7FE0,0010) PixelData]; copy it again
    """

    exit_code = 2

    def __init__(
        self,
        path: str | PathLike[str],
        what: str,
        *,
        cure: str | None = None,
        tag: str | None = None,
        code: str = "unreadable",
    ) -> None:
        self.path = fspath(path)
        self.what = what
        self.cure = cure
        self.tag = tag
        self.code = code
        super().__init__(self.path, what, cure, tag, code)

    def __str__(self) -> str:
        # A newline in a file name must not forge a second line in a log.
        path = self.path if self.path.isprintable() else repr(self.path)
        tag = f" [{self.tag}]" if self.tag else ""
        cure = f"; {self.cure}" if self.cure else ""
        return f"{path}: {self.what}{tag}{cure}"

    @property
    def reason(self) -> str:
        """Description of the fault, without the path and without header values, which may name a person."""
        tag = f" [{self.tag.split('=')[0].strip()}]" if self.tag else ""
        return f"{self.what}{tag}"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments are lost by Exception's own pickling, which DataLoader workers use.
        return _rebuild, (type(self), self.path, self.what, self.cure, self.tag, self.code)


def _rebuild(
    kind: type[CxrReadError], path: str, what: str, cure: str | None, tag: str | None, code: str
) -> CxrReadError:
    return kind(path, what, cure=cure, tag=tag, code=code)


class DataError(CxrError):
    """A data set, a split or a folder cannot be used as asked."""

    exit_code = 2


class ConfigError(CxrError):
    """A setting or a bundle config is wrong."""

    exit_code = 2


class StorageError(CxrError):
    """There is no room for a file that must be written."""

    exit_code = 2


class RemoteError(CxrError):
    """A DICOM server cannot be reached, refuses a request, or gives an answer that cannot be used.

    Args:
        message: The server, what is wrong and what to do; never a credential.
        again: Whether the same request may succeed later.
        after: Seconds to wait before the next request, as the server asked; 0 if it did not say.
        status: HTTP status of the answer; 0 if there was no answer.
        whole: Whether any other request would fail too: the server is down, or does not know this client.
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        again: bool = False,
        after: float = 0.0,
        status: int = 0,
        whole: bool = False,
    ) -> None:
        super().__init__(message)
        self.whole = whole
        self.again = again
        self.after = after
        self.status = status


class NonFiniteError(CxrError):
    """A loss, a gradient, a weight or the key metric of a training is NaN or infinite."""

    exit_code = 4


class CheckpointError(CxrError):
    """A checkpoint is damaged and no older one is good, or it does not fit the network."""

    exit_code = 5


class PluginError(CxrError):
    """Base of the three plugin errors."""

    exit_code = 2


class PluginNotFound(PluginError, LookupError):
    """No plugin of that name; the message lists the available names."""


class PluginConflict(PluginError):
    """Two different files claim the same kind and name."""


class PluginBroken(PluginError):
    """A plugin's file cannot be imported, registers another name, or builds the wrong type."""
