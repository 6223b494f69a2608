"""DICOMweb: search (QIDO-RS), retrieval (WADO-RS) and storage (STOW-RS), for verbs that are given an address.

Needs the extra ``dicomweb``. Nothing else imports this package, so that work on files costs no start-up time
and opens no connection.
"""
