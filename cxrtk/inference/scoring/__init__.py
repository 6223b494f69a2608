"""Masks of a model, a mask generator or a folder, scored against those of a data set: `cxrtk evaluate`."""
