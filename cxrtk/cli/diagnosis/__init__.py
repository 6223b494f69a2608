"""Sections of `cxrtk doctor`, a module each, with a function `examine` that yields findings."""
