"""The bundle configs, so that they travel in the wheel."""
