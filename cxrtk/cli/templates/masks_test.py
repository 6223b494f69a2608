"""Contract test of the mask generator `plugin_name`."""

from cxrtk.testing import MaskGeneratorContract


class TestPluginName(MaskGeneratorContract):
    """The contract; below it is the place for what is particular to this plugin."""

    plugin = "plugin_name"
