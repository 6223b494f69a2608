"""Probabilities of pathologies on a radiograph or its lungs, their tables, and whether maps point at them."""
