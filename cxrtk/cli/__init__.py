"""`cxrtk <verb>`: one file a verb, each of which imports what it needs when it runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from cxrtk.errors import CxrError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default that of the process; always ends in `SystemExit`.

    A `CxrError` ends as one line on stderr with its exit code; any other exception is a fault of ours and
    keeps its traceback.
    """
    from cxrtk.cli.app import app

    try:
        app(args=arguments if arguments is None else list(arguments), prog_name="cxrtk")
    except CxrError as error:
        if logging.getLogger("cxrtk").isEnabledFor(logging.DEBUG):
            logging.getLogger(__name__).debug("The error's origin:", exc_info=True)
        print(f"cxrtk: error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(error.exit_code)
