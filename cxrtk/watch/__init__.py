"""Unattended segmentation: studies that arrive are segmented once, and SEG and SR are stored back.

A source says which studies there are, a target takes the objects, and the state remembers what was done. Only
`cxrtk watch` imports this package; it needs the extra ``dicomweb``.
"""
