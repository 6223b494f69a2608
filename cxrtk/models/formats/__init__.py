"""File formats in which a model runs without cxrtk: one module a format, chosen by the file's suffix.

`export.export_model` is the way in, and `about.about` lists what a file says of itself. Network and weights
are the model's; preparing an image and cutting masks is left to who runs the file, as its description says.
"""
