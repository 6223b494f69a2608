"""From a file to a tensor: pixels, masks, transforms, splits, cache, phantom."""
