"""File formats in which a model runs without cxrtk: one module per format, chosen by the file's suffix.

The entry point is `export.export_model`; `about.about` lists the contents of a file's description. A file
holds the network and the weights of the model. Preparing an image and thresholding the masks is left to the
user of the file, who finds the necessary values in the description.
"""
