"""A procedural digital chest phantom."""
