"""Contract test of the writer `plugin_name`."""

from cxrtk.testing import WriterContract


class TestPluginName(WriterContract):
    """The contract; below it is the place for what is particular to this plugin."""

    plugin = "plugin_name"
