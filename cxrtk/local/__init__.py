"""The folders of the environment variable ``CXRTK_PLUGINS``, as one importable package.

A file ``my_plugins/networks/tiny_net.py`` imports as ``cxrtk.local.networks.tiny_net``; so it can be
pickled to DataLoader workers, which inherit the variable, and nothing touches `sys.path`.
"""

import os
from pathlib import Path

folders = os.environ.get("CXRTK_PLUGINS", "").split(os.pathsep)
__path__ = [str(Path(folder).resolve()) for folder in folders if folder]
