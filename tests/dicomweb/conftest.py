import ssl

import pytest

from cxrtk.dicomweb.session import Patience

QUICK = Patience(connect=2.0, silence=1.0, whole=5.0, attempts=3, first=0.01, longest=0.02)


@pytest.fixture
def quick() -> Patience:
    """Patience that a test has."""
    return QUICK


@pytest.fixture(autouse=True)
def no_credentials_of_the_user(monkeypatch):
    """Those of the developer's environment are no test's business."""
    for name in ("USER", "PASSWORD", "TOKEN", "CERTIFICATE", "KEY", "CREDENTIALS", "CA_FILE"):
        monkeypatch.delenv(f"CXRTK_DICOMWEB_{name}", raising=False)


@pytest.fixture(scope="session")
def authority(require_module):
    """A certificate authority of the tests."""
    return require_module("trustme", "test").CA()


@pytest.fixture(scope="session")
def server_tls(authority):
    """TLS of a server named localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def ca_file(authority, tmp_path_factory):
    """The authority's certificate, as PEM."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path
