"""Evaluation of a model, a mask generator or a folder of masks against a data set: `cxrtk evaluate`."""
