"""Assemble plugin names and settings into a bundle config; find the bundles that ship."""
