"""The sections of `cxrtk doctor`, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from cxrtk.cli.diagnosis import codecs, engines, machine, models, packages, plugin_states
from cxrtk.cli.diagnosis.finding import Finding

SECTIONS: Mapping[str, Callable[[], Iterable[Finding]]] = {
    "machine": machine.examine,
    "packages": packages.examine,
    "devices and backends": engines.examine,
    "codecs of DICOM": codecs.examine,
    "models": models.examine,
    "plugins": plugin_states.examine,
}
