"""Unattended segmentation: studies that arrive are segmented once, and SEG and SR are stored back.

A source lists the studies, a target receives the objects, and the state records what has been done. Only
`cxrtk watch` imports this package; it needs the extra ``dicomweb``.
"""
