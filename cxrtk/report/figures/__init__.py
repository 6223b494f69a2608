"""Figures of evaluations and runs, one module each, with the computation separate from the drawing.

In each module one function computes the numbers from counts or cases, and `draw` plots them; `canvas` holds
the shared parts. Figures are made as `matplotlib.figure.Figure`, without the global state of pyplot.
"""
