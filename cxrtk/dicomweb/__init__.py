"""DICOMweb: search (QIDO-RS), retrieval (WADO-RS) and storage (STOW-RS), for commands that take an address.

The package needs the extra ``dicomweb``. Nothing else imports it, so that work on files costs no start-up
time and opens no connection.
"""
