"""Backends: libraries that compute a network's outputs, on one interface.

``torch`` runs everywhere. ``openvino`` and ``onnxruntime`` are faster on most CPUs; they are extras, and run
a program that is converted from the network once and kept in the user's cache. The entry point is
`choice.load_backend`.
"""
