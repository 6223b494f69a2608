"""Connections to one DICOMweb server: TLS, time-outs, repetition with back-off, and no foreign redirect."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
import tenacity
from requests.auth import HTTPBasicAuth
from requests.exceptions import ChunkedEncodingError, ContentDecodingError

from cxrtk.dicomweb.addresses import Address, origin_of
from cxrtk.dicomweb.credentials import Access
from cxrtk.errors import CxrError, RemoteError

CHUNK = 1 << 16
LONGEST_ANSWER = 64 << 20  # bytes of JSON
TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
OF_ALL = (401, 403, 429, 502, 503, 504)  # status codes that concern every request alike
MOST_REDIRECTS = 5
LONGEST_WAIT = 120.0  # seconds that a server may ask to wait

logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Time limits of a connection, in seconds, and the number of repetitions of a request.

    Attributes:
        connect: Time for the connection.
        silence: Time between two packets of an answer.
        whole: Time for a whole answer.
        attempts: Number of attempts.
        first: Pause after the first attempt; doubled after each, with jitter.
        longest: Longest pause.
    """

    connect: float = 10.0
    silence: float = 60.0
    whole: float = 600.0
    attempts: int = 5
    first: float = 1.0
    longest: float = 30.0


class Session(requests.Session):
    """A session with one server.

    Args:
        address: Any address of the server.
        access: Credentials, and authorities to trust.
        patience: Time-outs and repetitions.
    """

    def __init__(self, address: Address, access: Access, patience: Patience) -> None:
        super().__init__()
        self.patience = patience
        self.max_redirects = MOST_REDIRECTS
        self._server = address.origin
        self._ca_file: str | bool = access.ca_file or True
        # Without one, requests would take a password from ~/.netrc, which the user did not ask for.
        self.auth = HTTPBasicAuth(access.user, access.password) if access.user else _Bearer(access.token)
        if access.certificate:
            self.cert = (access.certificate, access.key) if access.key else access.certificate
        self.headers["User-Agent"] = "cxrtk"
        self.headers["Accept-Encoding"] = "identity"  # compression gains little, and allows bombs

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return the address of a redirect.

        Raises:
            RemoteError: It leads to another server, which would receive credentials or the patient's data.
        """
        target: str | None = super().get_redirect_target(resp)
        if target is None:
            return None
        whole = requests.compat.urljoin(resp.url, target)
        if origin_of(whole) != self._server:
            resp.close()
            raise RemoteError(
                f"{self._server}: redirects to another server, {origin_of(whole)}, which is not followed; "
                "name that one if it is right.",
                whole=True,
            )
        return target

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Keep the credentials of a redirected request, which stays on its server.

        The library requests would replace them by a password from ~/.netrc.
        """

    @contextlib.contextmanager
    def answer(
        self, method: str, url: str, *, headers: Mapping[str, str], **more: Any
    ) -> Iterator[requests.Response]:
        """Send one request, and yield its response before the content is read.

        Raises:
            RemoteError: The server cannot be reached, refuses, or its answer ends too early.
        """
        patience = self.patience
        try:
            with self.request(
                method,
                url,
                headers=headers,
                timeout=(patience.connect, patience.silence),
                verify=self._ca_file,
                stream=True,
                allow_redirects=method == "GET",  # a body is not sent a second time
                **more,
            ) as response:
                yield response
        except requests.RequestException as error:
            raise self._as_told(error) from None  # its text and cause may quote headers

    def content(self, response: requests.Response) -> Iterator[bytes]:
        """Yield the content of an answer in pieces.

        Raises:
            RemoteError: Reading takes longer than `Patience.whole`.
        """
        until = time.monotonic() + self.patience.whole
        for piece in response.iter_content(CHUNK):
            if time.monotonic() > until:
                raise RemoteError(
                    f"{self._server}: an answer took longer than {self.patience.whole:g} s.", again=True
                )
            yield piece

    def text(self, response: requests.Response, most: int = LONGEST_ANSWER) -> bytes:
        """Read the content of an answer into memory.

        Raises:
            RemoteError: It is longer than `most` bytes, or takes too long.
        """
        found = bytearray()
        for piece in self.content(response):
            found += piece
            if len(found) > most:
                raise RemoteError(f"{self._server}: an answer has more than {most:,} bytes; name less of it.")
        return bytes(found)

    def refusal(self, response: requests.Response, what: str) -> RemoteError:
        """Return the error for a response with a failure status; it repeats nothing of its content."""
        status = response.status_code
        cures = {
            401: "the server does not accept the credentials, or was given none; see docs/dicomweb.md",
            403: "this user may not do that; ask for the right",
            404: "there is no such thing; check the address",
        }
        cure = "redirected, which is not followed" if 300 <= status < 400 else cures.get(status, "")
        said = f"{status} ({cure})" if cure else f"{status} {response.reason or ''}".rstrip()
        return RemoteError(
            f"{self._server}: {what}: {said}.",
            again=status in TRY_AGAIN,
            after=_retry_after(response),
            status=status,
            whole=status in OF_ALL,
        )

    def repeated(self, request: Callable[[], T]) -> T:
        """Make a request, and repeat it with growing pauses as long as it may succeed.

        Raises:
            RemoteError: The last error.
        """
        patience = self.patience
        growing = tenacity.wait_exponential(patience.first, max=patience.longest)
        pause = growing + tenacity.wait_random(0, patience.first)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.after if isinstance(error, RemoteError) else 0.0
            return max(pause(state), min(asked, LONGEST_WAIT))

        def tell(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            pause_s = state.next_action.sleep if state.next_action else 0.0
            logger.warning("%s Trying again in %.0f s.", error, pause_s)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, RemoteError) and error.again),
            stop=tenacity.stop_after_attempt(patience.attempts),
            wait=wait,
            before_sleep=tell,
            reraise=True,
        )
        return retrying(request)

    def _as_told(self, error: requests.RequestException) -> CxrError:
        """Return an error of requests as one line, without any header, address or content."""
        if isinstance(error, requests.exceptions.SSLError):
            return RemoteError(
                f"{self._server}: its certificate is not accepted, or it does not accept ours"
                f"{_by_ssl(error)}; name the authority that signed it by --ca-file.",
                whole=True,
            )
        if isinstance(error, requests.exceptions.TooManyRedirects):
            return RemoteError(f"{self._server}: redirects in a circle.")
        if isinstance(error, requests.Timeout):
            return RemoteError(f"{self._server}: does not answer in time.", again=True, whole=True)
        if isinstance(error, ChunkedEncodingError | ContentDecodingError):
            return RemoteError(f"{self._server}: its answer ends too early, or is damaged.", again=True)
        if isinstance(error, requests.ConnectionError):
            what = "cannot be reached, or closed the connection"
            return RemoteError(f"{self._server}: {what}.", again=True, whole=True)
        return RemoteError(f"{self._server}: the request failed ({type(error).__name__}).")


class _Bearer(requests.auth.AuthBase):
    """Bearer token (RFC 6750); without a token, nothing."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _by_ssl(error: BaseException) -> str:
    """Return OpenSSL's verdict on a certificate, such as ``self-signed certificate``; empty without one."""
    current: BaseException | None = error
    while current is not None:
        said = getattr(current, "verify_message", "")
        if said:
            return f" ({said})"
        reason = getattr(current, "reason", None)
        inner = reason if isinstance(reason, BaseException) else None
        inner = inner or next((each for each in current.args if isinstance(each, BaseException)), None)
        current = inner or current.__cause__ or current.__context__
    return ""


def _retry_after(response: requests.Response) -> float:
    """Return the seconds in the header Retry-After; 0 if it is missing or a date."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() and len(text) < 7 else 0.0
