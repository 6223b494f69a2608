"""A name for the user: containers that run under a bare number (``docker run --user 12345``) have none."""

from __future__ import annotations

import getpass
import os


def ensure_user_name() -> None:
    """Set ``LOGNAME`` to the number of a user who has no name, since MONAI and torch ask for it on import.

    Does nothing where the system or the environment states a name.
    """
    try:
        getpass.getuser()
    except (KeyError, OSError, ImportError):  # ImportError: Windows without USERNAME
        os.environ["LOGNAME"] = f"uid-{os.getuid()}" if hasattr(os, "getuid") else "user"
