"""Contract test of the metric `plugin_name`."""

from cxrtk.testing import MetricContract


class TestPluginName(MetricContract):
    """The contract; below it is the place for what is particular to this plugin."""

    plugin = "plugin_name"
