"""The servers of one command: each client has its own credentials."""

from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.credentials import Keyring
from cxrtk.dicomweb.servers import Servers
from tests.dicomweb.fake import instance, pages, serving


def test_a_client_has_the_credentials_of_its_server(tmp_path, quick):
    """Those of the file, and none for a server that it does not name."""
    with serving(pages(instance())) as one, serving(pages(instance())) as other:
        file = tmp_path / "c.toml"
        file.write_text(f'["{one.url}"]\ntoken = "tok3n"\n')
        file.chmod(0o600)
        servers = Servers(Keyring(file, environment={}), quick)
        for server in (one, other):
            address = address_of(f"{server.url}/studies/1")
            with servers.client(address) as client:
                client.instances(address)
        assert {asked.headers.get("Authorization") for asked in one.asked} == {"Bearer tok3n"}
        assert {asked.headers.get("Authorization") for asked in other.asked} == {None}
