"""Run the command line: `python -m cxrtk` does the same as `cxrtk`."""

from cxrtk.cli import main

if __name__ == "__main__":
    main()
