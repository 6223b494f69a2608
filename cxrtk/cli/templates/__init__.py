"""Templates of `cxrtk new`; they are real modules, so that they are linted and tested as any other.

``plugin_name`` and ``PluginName`` stand for the plugin's name.
"""
