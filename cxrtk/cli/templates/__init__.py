"""The files that `cxrtk new` writes; real modules, so that they are checked as any other is.

``plugin_name`` and ``PluginName`` stand for the plugin's name.
"""
