"""The config beside a run: that of the running bundle, or none. Bundles are in test_runs.py."""

import json

from cxrtk.training.merged_config import config_of_caller, keep_config


class ConfigWorkflow:
    """As far as it is looked at: MONAI's class of that name, with its parser."""

    class parser:
        """An attribute of MONAI's class."""

        content = {"a": [1, "@b"]}  # noqa: RUF012

        @classmethod
        def get(cls) -> object:
            return cls.content

    def run(self) -> object:
        return config_of_caller()


def test_it_is_a_copy_of_the_callers(tmp_path):
    """Later changes of the config do not affect it."""
    assert config_of_caller() is None
    found = ConfigWorkflow().run()
    assert found == {"a": [1, "@b"]} and found is not ConfigWorkflow.parser.content
    keep_config(found, tmp_path)
    assert json.loads((tmp_path / "config.json").read_text()) == found


def test_no_config_no_file(tmp_path):
    """A script has none."""
    keep_config(None, tmp_path)
    assert list(tmp_path.iterdir()) == []
