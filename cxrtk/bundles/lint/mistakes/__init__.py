"""Checks for mistakes: targets and their arguments, values, the ids that MONAI needs, idle keys."""
