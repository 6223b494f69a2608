"""Class activation maps of radiographs: the step of `cxrtk explain`."""
