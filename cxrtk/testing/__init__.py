"""The contract suites that a plugin author imports."""
