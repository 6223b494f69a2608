"""`python -m cxrtk` is `cxrtk`."""

from cxrtk.cli import main

if __name__ == "__main__":
    main()
