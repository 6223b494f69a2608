"""Checks for mistakes: targets and their arguments, values, ids required by MONAI, unused keys."""
