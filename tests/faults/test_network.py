"""A training needs no network and asks for none."""

from harness import Plan


def test_a_training_opens_no_connection(server, tmp_path):
    """Where every connection and every look-up of a name is an error, it ends well."""
    ended = server.run(Plan(str(tmp_path), fault="no_network"))
    assert ended.code == 0, ended.text


def test_the_fault_is_one(server, tmp_path):
    """The same, with an attempt to connect built in, ends badly: the test above can fail."""
    ended = server.run(Plan(str(tmp_path), fault="no_network", arguments={"attempt": True}))
    assert ended.code == 1 and "no network" in ended.last_line
