"""The command line `cxrtk <verb>`: one module per verb, with imports deferred until the verb runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from cxrtk.errors import CxrError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, with the arguments of the process by default; always raises `SystemExit`.

    Usage errors, a `CxrError`, a full disk and lack of memory end as one line on stderr, with the exit code
    given in docs/reliability.md; any other exception is an internal error and keeps its traceback.
    """
    import typer

    from cxrtk.cli.app import VERBS, parser

    words = sys.argv[1:] if arguments is None else list(arguments)
    verb = next((word for word in words if not word.startswith("-")), "")
    try:
        code = parser(verb if verb in VERBS else "")(args=words, prog_name="cxrtk", standalone_mode=False)
    except CxrError as error:
        _end(str(error), error.exit_code)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        if context is not None and error.message == context.get_help():  # no arguments were given
            print(error.message, file=sys.stderr)
            sys.exit(error.exit_code)
        message, command = error.format_message().rstrip("."), context.command_path if context else "cxrtk"
        _end(f"{message[:1].lower()}{message[1:]}; see {command} --help.", error.exit_code)
    except Exception as error:
        from cxrtk.process.failures import explain

        failure = explain(error)
        if not failure.expected:
            raise
        _end(failure.text, failure.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _end(text: str, code: int) -> None:
    """Print an error message on one line, and exit."""
    if logging.getLogger("cxrtk").isEnabledFor(logging.DEBUG):
        logging.getLogger(__name__).debug("The error's origin:", exc_info=True)
    print(f"cxrtk: error: {' '.join(text.split())}", file=sys.stderr)
    sys.exit(code)
