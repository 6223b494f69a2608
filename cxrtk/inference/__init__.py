"""One or many files -> masks at their original size, measures and a quality flag."""
