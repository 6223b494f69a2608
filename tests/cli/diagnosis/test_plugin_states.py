"""Plugins of cxrtk are imported, others are not."""

from cxrtk.cli.diagnosis import plugin_states
from cxrtk.cli.diagnosis.finding import BROKEN, NOTE, OK


def test_the_built_in_ones_are_sound():
    """One line for each kind."""
    found = [each for each in plugin_states.examine() if each.state != NOTE]
    assert [each.name for each in found if each.state == OK] == list(plugin_states.KINDS)
    assert not [each for each in found if each.state == BROKEN]


def test_one_of_others_is_listed_and_not_run(plugin_folder):
    """The entry gives its file and its origin."""
    file = plugin_folder.write("masks", "foreign", "raise SystemExit('was imported')\n")
    found = {each.name: each for each in plugin_states.examine()}
    assert found["masks foreign"].state == NOTE
    assert found["masks foreign"].detail == f"of CXRTK_PLUGINS, not imported: {file}"


def test_two_of_one_name_are_broken(plugin_folder):
    """Neither of the two can be used."""
    plugin_folder.write("masks", "mean_threshold", "")
    found = [each for each in plugin_states.examine() if each.state == BROKEN]
    assert [(each.name, each.detail) for each in found] == [
        ("masks mean_threshold", "2 files have this name")
    ]
