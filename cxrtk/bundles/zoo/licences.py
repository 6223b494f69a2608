"""Licences of an exported bundle: the full licence of its weights, and the licence of its code."""

from __future__ import annotations

from pathlib import Path

from cxrtk.errors import ConfigError
from cxrtk.models import shipping
from cxrtk.models.find import members, path_of
from cxrtk.models.licence import Licence, licence_of
from cxrtk.models.run_config import RunConfig
from cxrtk.training.pretrained import SHIPPED

# Terms of a weights' licence that MONAI's model zoo can pass on: any use, with credit.
OPEN = ("CC BY 4.0",)
CODE = """Licence of this bundle
======================

Configs and scripts: Apache-2.0 (http://www.apache.org/licenses/LICENSE-2.0), Copyright (c) the cxrtk authors.
They come as they are, without warranty of any kind.

The weights in models/ are under a licence of their own:

"""
NONE = """none stated

The weights came without a licence. Before you pass them on, ask the people who trained them, and observe the
licences of the images and masks that they were trained on.
"""


def weights_licence(name: str) -> Licence:
    """Return the licence of a model's weights; for a run, the licence of its initial weights.

    Args:
        name: Name of one model, as for `cxrtk.models.find.find_model`.

    Raises:
        CheckpointError: A licence file cannot be read.
    """
    path = path_of(name)
    if path.suffix == shipping.SUFFIX:
        return licence_of(path)
    start = _start_of(path if path.is_dir() else path.parent)
    if start in ("", str(path)):
        return Licence("none stated")
    return weights_licence(shipping.DEFAULT if start == SHIPPED else start)


def _start_of(run: Path) -> str:
    """Return the initial weights of a run; empty for random ones."""
    try:
        return str(RunConfig(run).get("pretrained") or "")
    except ConfigError:  # not a run of cxrtk, or a computed setting: nothing is known
        return ""


def licence_text(licence: Licence) -> str:
    """Return the text of a bundle's ``LICENSE``: the licences of the code and, in full, of the weights."""
    own = NONE if licence.path is None else licence.path.read_text(encoding="utf-8-sig")
    return CODE + own


def data_licence_text(licence: Licence) -> str:
    """Return ``docs/data_license.txt``: the weights' licence, which names each source and its terms."""
    if licence.path is not None:
        return licence.path.read_text(encoding="utf-8-sig")
    return "The data that the weights were trained on are not stated, nor are their licences.\n"


def is_fit_for_the_zoo(licence: Licence) -> bool:
    """Return whether MONAI's model zoo may redistribute the weights for any use."""
    return licence.terms in OPEN


def require_one(name: str) -> None:
    """Refuse an ensemble, since its members have separate licences and networks.

    Raises:
        ConfigError: The name stands for several models.
    """
    if len(members(name)) > 1:
        raise ConfigError(
            f"{name}: is an ensemble; a bundle has one network, so export its members one by one."
        )
