"""Rules for the settings of a training: numbers out of range, and values that do not fit together.

Lint and training call `misfits` before anything runs. Nothing is evaluated, and neither torch nor MONAI is
imported; rules that depend on the data or the network are checked once these are known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from cxrtk.errors import ConfigError
from cxrtk.training.setting_ranges import Misfit, arguments_out_of_range, settings_out_of_range

DEEPEST = 30  # maximum depth of references, to stop at circular ones


def misfits(config: Mapping[str, Any]) -> list[Misfit]:
    """Find the settings of a merged config that no training can use.

    Args:
        config: Content of the config, as merged by MONAI, with references and expressions as strings.
            Expressions are not evaluated, so they are accepted.

    Returns:
        Values out of range; if there are none, values that do not fit together.
    """
    found = [*settings_out_of_range(config), *arguments_out_of_range(config)]
    return found or [each for rule in TOGETHER for each in rule(config)]


def require_fitting(config: Any) -> None:
    """Refuse a config with misfits, before anything is written; a script without a config passes.

    Raises:
        ConfigError: There is a misfit; the message is about the first.
    """
    found = misfits(config) if isinstance(config, Mapping) else []
    if found:
        raise ConfigError(f"{found[0]}.")


def plain(config: Mapping[str, Any], name: str) -> Any:
    """Return the value of a top-level id through references; ``None`` for an expression or a missing id."""
    value = config.get(name)
    for _ in range(DEEPEST):
        if not isinstance(value, str) or value[:1] not in ("@", "%"):
            break
        value = config.get(value[1:])
    return None if isinstance(value, str) and value[:1] in ("$", "@", "%") else value


def _validations(config: Mapping[str, Any]) -> Iterator[Misfit]:
    epochs, interval = plain(config, "max_epochs"), plain(config, "val_interval")
    if isinstance(epochs, int) and isinstance(interval, int) and interval > epochs:
        yield Misfit(
            "val_interval",
            f"{interval} is more than max_epochs ({epochs}), so no epoch would be validated or be the best",
            f"set val_interval to {epochs} or less, or max_epochs to {interval} or more",
        )


def _folds(config: Mapping[str, Any]) -> Iterator[Misfit]:
    fold, folds = plain(config, "fold"), plain(config, "folds")
    if folds == 1:
        yield Misfit("folds", "one fold leaves nothing to train on", "set it to 2 or more, or to 0 for none")
    elif isinstance(fold, int) and isinstance(folds, int) and fold >= max(folds, 1):
        last = f"from 0 to {folds - 1}" if folds else "0, as there are no folds"
        yield Misfit("fold", f"there is no fold {fold} of {folds}", f"it must be {last}")


def _outputs(config: Mapping[str, Any]) -> Iterator[Misfit]:
    """Check the numbers of channels that the network is given against the settings."""
    network = config.get("network_def")
    if not isinstance(network, Mapping):
        return
    classes, outputs = plain(config, "classes"), network.get("out_channels")
    if isinstance(classes, list) and isinstance(outputs, int) and outputs != len(classes):
        yield Misfit(
            "network_def#out_channels",
            f"{outputs} outputs for {len(classes)} classes",
            f"set it to {len(classes)}, or to $len(@classes)",
        )
    channels, inputs = plain(config, "in_channels"), network.get("in_channels")
    if isinstance(channels, int) and isinstance(inputs, int) and inputs != channels:
        yield Misfit(
            "network_def#in_channels",
            f"the network takes {inputs} channels, and in_channels says {channels}",
            "set it to @in_channels",
        )


def _size(config: Mapping[str, Any]) -> Iterator[Misfit]:
    """Check the image size against the sampling of MONAI's usual networks."""
    size, network = plain(config, "image_size"), config.get("network_def")
    if isinstance(size, int) and isinstance(network, Mapping):
        divisor, smallest = sizes_of(network)
        if size % divisor or size < smallest:
            yield size_misfit(size, divisor, smallest)


def size_misfit(size: int, divisor: int, smallest: int) -> Misfit:
    """Describe an image size that a network does not take."""
    step = f"a multiple of {divisor}" if divisor > 1 else "an integer"
    what = f"the network does not take images of {size} x {size} pixels"
    return Misfit("image_size", what, f"it must be {step}, {max(smallest, divisor)} or more")


def sizes_of(network: Mapping[str, Any]) -> tuple[int, int]:
    """Return the number that must divide height and width, and the minimum of height and width.

    Args:
        network: Definition of a network. A number that is not stated or not known is 1.
    """
    name = str(network.get("_target_", "")).rpartition(".")[2]
    strides, blocks = network.get("strides"), network.get("blocks_down", (1, 2, 2, 4))
    if name in ("UNet", "Unet", "AttentionUnet") and _numbers(strides):
        return math.prod(strides), 1
    if name == "SegResNet" and _numbers(blocks):
        return int(2 ** (len(blocks) - 1)), 1
    if name == "BasicUNet" and "norm" not in network:
        return 1, 32  # four pooling layers leave two pixels, the minimum for the default normalisation
    return 1, 1


def _numbers(values: Any) -> TypeGuard[Sequence[int]]:
    return isinstance(values, list | tuple) and all(
        isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in values
    )


TOGETHER: Sequence[Callable[[Mapping[str, Any]], Iterator[Misfit]]] = (_validations, _folds, _outputs, _size)
