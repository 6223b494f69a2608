"""Quality control of masks: signs of failed segmentation, the quality flag, and fitting both to a model."""
