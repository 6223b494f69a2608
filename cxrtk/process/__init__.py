"""Process support for long commands: signals, one-line errors, locks and machine information."""
