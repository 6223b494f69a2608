"""Masks and probabilities -> numbers: tables of images, their summaries, and comparisons of two models."""
