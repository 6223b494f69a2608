"""Ranges of single settings: allowed numbers by the name of the setting or argument.

Imports neither torch nor MONAI, and evaluates nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

SEEDS = 2**32 - 1  # the largest seed that NumPy takes
DEVICE = re.compile(r"(cpu|cuda)(:\d+)?")


class Misfit(NamedTuple):
    """A setting that no training can use.

    Attributes:
        id: Id in the config, such as ``max_epochs`` or ``optimizer#lr``.
        what: Description of the fault.
        cure: Suggested fix, as an imperative.
    """

    id: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.id}: {self.what}; {self.cure}"


class Range(NamedTuple):
    """Allowed numbers from `least` to `most`: integers if `whole`, else any finite ones; ends may be open."""

    whole: bool
    least: float = -math.inf
    most: float = math.inf
    ends: bool = True

    def holds(self, value: float) -> bool:
        """Return whether a number is in the range."""
        inside = self.least <= value <= self.most
        within = inside if self.ends else inside and value not in (self.least, self.most)
        return math.isfinite(value) and within and (not self.whole or float(value).is_integer())

    def words(self) -> str:
        """Describe the range: ``an integer, 1 or more``."""
        kind = "an integer" if self.whole else "a number"
        if self.most == math.inf:
            return f"{kind}, {self.least:g} or more" if self.ends else f"{kind} above {self.least:g}"
        return f"{kind} from {self.least:.10g} to {self.most:.10g}" if self.ends else (
            f"{kind} between {self.least:g} and {self.most:g}, exclusive"
        )  # fmt: skip


COUNT = Range(whole=True, least=1)
NONE_OR_MORE = Range(whole=True, least=0)
SHARE = Range(whole=False, least=0, most=1)
# Settings at the top level of the shipped configs.
SETTINGS: Mapping[str, Range] = {
    "image_size": COUNT,
    "in_channels": COUNT,
    "batch_size": COUNT,
    "max_epochs": COUNT,
    "val_interval": COUNT,
    "learning_rate": Range(whole=False, least=0, ends=False),
    "early_stop_patience": NONE_OR_MORE,
    "seed": Range(whole=True, least=0, most=SEEDS),
    "num_workers": NONE_OR_MORE,
    "overlays": NONE_OR_MORE,
    "cache_gb": Range(whole=False, least=0),
    "test_fraction": Range(whole=False, least=0, most=1, ends=False),
    "fold": NONE_OR_MORE,
    "folds": NONE_OR_MORE,
}
# Ranges of component arguments, by name alone: no value outside the range is valid in any component of MONAI,
# Ignite, torch or cxrtk. An argument may be null, which leaves it at its default.
ARGUMENTS: Mapping[str, Range] = {
    "batch_size": COUNT,
    "out_channels": COUNT,
    "in_channels": COUNT,
    "lr": Range(whole=False, least=0),
    "weight_decay": Range(whole=False, least=0),
    "prob": SHARE,
    "num_workers": NONE_OR_MORE,
    "momentum": Range(whole=False, least=0),
    "cache_rate": SHARE,
}
OWN_TARGETS: Mapping[str, Mapping[str, Range]] = {
    "cxrtk.training.TrainHandlers": {
        "interval": COUNT,
        "keep": Range(whole=True, least=2),
        "early_stop_patience": NONE_OR_MORE,
        "overlays": NONE_OR_MORE,
    },
    "SupervisedTrainer": {"max_epochs": COUNT},
}


def settings_out_of_range(config: Mapping[str, Any]) -> Iterator[Misfit]:
    """Check the settings at the top level of a config."""
    for name, allowed in SETTINGS.items():
        if name in config:
            yield from _outside(name, config[name], allowed)
    device = config.get("device")
    if isinstance(device, str) and device[:1] not in ("$", "@", "%") and not DEVICE.fullmatch(device):
        yield Misfit("device", f"there is no device {device!r}", "use cpu, cuda or cuda:1")


def arguments_out_of_range(config: Mapping[str, Any]) -> Iterator[Misfit]:
    """Check the arguments of all components at any level; an object in several places is checked once."""
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", config)]
    while waiting:
        id, value = waiting.pop()
        inner = _inner(value)
        if not inner or _was_seen(value, seen):
            continue
        target = value.get("_target_") if isinstance(value, Mapping) else None
        if isinstance(target, str):
            for key, allowed in {**ARGUMENTS, **OWN_TARGETS.get(target, {})}.items():
                if key in value and value[key] is not None:
                    yield from _outside(f"{id}#{key}" if id else key, value[key], allowed)
        waiting += [(f"{id}#{key}" if id else key, each) for key, each in reversed(inner)]


def _inner(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(key), each) for key, each in value.items()]
    return [(str(index), each) for index, each in enumerate(value)] if isinstance(value, list) else []


def _was_seen(value: Any, seen: set[int]) -> bool:
    known = id(value) in seen
    seen.add(id(value))
    return known


def _outside(id: str, value: Any, allowed: Range) -> Iterator[Misfit]:
    if isinstance(value, str) and value[:1] in ("$", "@", "%"):
        return
    if isinstance(value, Sequence | Mapping) and not isinstance(value, str):
        return  # has another meaning here, such as a component's channels per level
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not allowed.holds(value):
        yield Misfit(id, f"{value!r} is out of range", f"it must be {allowed.words()}")
