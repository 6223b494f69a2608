"""Contract test of the step `plugin_name`."""

from cxrtk.testing import StepContract


class TestPluginName(StepContract):
    """The contract; below it is the place for what is particular to this plugin."""

    plugin = "plugin_name"
