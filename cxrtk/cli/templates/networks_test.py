"""Contract test of the network `plugin_name`."""

from cxrtk.testing import NetworkContract


class TestPluginName(NetworkContract):
    """The contract; below it is the place for what is particular to this plugin."""

    plugin = "plugin_name"
