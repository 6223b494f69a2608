"""Class activation maps and sanity checks of them."""
