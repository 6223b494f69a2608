"""Checks for code that a stranger's config would run: what is allowed, and what is refused."""
