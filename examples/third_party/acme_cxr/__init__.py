"""A third party's package; whatever else it holds is its own affair."""
