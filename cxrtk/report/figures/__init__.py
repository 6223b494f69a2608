"""Figures of evaluations and runs: a file each, which holds the numbers and the drawing apart.

In each file one function takes counts or cases and gives the numbers, and `draw` puts them on paper; `canvas`
holds what they share. A `matplotlib.figure.Figure` is made without pyplot, so nothing is kept between them.
"""
