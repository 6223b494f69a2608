"""The plugin folder that the entry point names. The folders of the kinds hold no ``__init__.py``."""
