"""Bytes to an endpoint and back: a time limit for the whole answer, a limit of its size, and the
endpoint's address in no message, log, repr or chain of exceptions."""

from __future__ import annotations

import io
import logging
import socket
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_netrc_auth
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ReadTimeoutError

from tracing.chains.errors import BadAnswer, ChainError, RateLimited, RetryableChainError

_CHUNK = 1 << 16
_DEFAULT_REST = 1.0  # seconds, where an endpoint does not say how long
_CONNECTIONS = 8
_LONGEST_REFUSAL = 1 << 16


class TooLarge(RetryableChainError):
    """The endpoint takes no request of this size (HTTP 413), or gives no answer of it."""

    code = "too_large"


class Hidden:
    """A URL that no repr and no traceback with local variables shows."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "<endpoint>"


class _Nothing(logging.Filter):
    """urllib3 writes the path of each request down, keys included."""

    def filter(self, record: logging.LogRecord) -> bool:
        return False


logging.getLogger("urllib3.connectionpool").addFilter(_Nothing())


class _Reader(socket.SocketIO):
    """A socket's bytes until a moment: one byte a second is no way to hold whoever waits."""

    def __init__(self, sock: Any, until: float | None) -> None:
        super().__init__(sock, "rb")
        self._own = sock
        self._until = until

    def readinto(self, buffer: Any) -> int | None:
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._own.settimeout(left)
        return super().readinto(buffer)


class _Timed:
    """A connected socket. A time limit counts from when it is set, whatever arrives."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._until: float | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def settimeout(self, seconds: float | None) -> None:
        self._until = None if seconds is None else time.monotonic() + seconds
        self._sock.settimeout(seconds)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        self._sock._io_refs += 1  # as socket.makefile does: it stays open until this is closed
        return io.BufferedReader(_Reader(self._sock, self._until))


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock: Any = _Timed(self.sock)


class _Tls(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock: Any = _Timed(self.sock)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class TimedAdapter(HTTPAdapter):
    """Whose time limit is of the whole answer, not of each byte."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        classes = {"http": _PlainPool, "https": _TlsPool}
        self.poolmanager.pool_classes_by_scheme = classes


class Transport:
    """Posts JSON to one endpoint. May be used by several threads at once.

    ``timeout``: seconds for connecting, and again for the whole answer. Proxies, authorities and
    passwords are taken from the environment as they are at the first request.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._url = Hidden(url)
        self._timeout = timeout
        self._session = requests.Session()
        adapter = TimedAdapter(pool_connections=1, pool_maxsize=_CONNECTIONS, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def __repr__(self) -> str:
        return "Transport(<endpoint>)"

    def post(self, body: bytes, *, most: int) -> bytes:
        """The answer's body, ``most`` bytes at most.

        :raises RateLimited, TooLarge, RetryableChainError, BadAnswer: without the address.
        """
        started = time.monotonic()
        # Raised outside of the handlers: an exception's context would hold the address.
        failure: ChainError
        try:
            return self._post(body, most)
        except ChainError as error:
            failure = error
        except (requests.Timeout, TimeoutError):
            waited = time.monotonic() - started
            failure = RetryableChainError(f"the endpoint did not answer in {waited:.0f} s")
        except requests.exceptions.SSLError:
            failure = RetryableChainError("the endpoint's certificate is not accepted")
        except requests.ConnectionError as error:
            failure = _broken(error, time.monotonic() - started, self._timeout)
        except (requests.RequestException, ValueError, OSError):
            failure = RetryableChainError("the request to the endpoint failed")
        raise failure

    def close(self) -> None:
        """Give up connections."""
        self._session.close()

    def _take_environment(self) -> None:
        """Once: the library reads all of it again for each request, which costs as much as sending
        one. Two threads that do this at once do the same."""
        session, url = self._session, self._url.text
        found = session.merge_environment_settings(url, {}, None, None, None)
        session.proxies, session.verify = found["proxies"], found["verify"]
        session.auth = session.auth or get_netrc_auth(url)
        session.trust_env = False

    def _post(self, body: bytes, most: int) -> bytes:
        if self._session.trust_env:
            self._take_environment()
        with self._session.post(
            self._url.text,
            data=body,
            headers={"Content-Type": "application/json"},
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            status = response.status_code
            if status == 429 or (status == 503 and "Retry-After" in response.headers):
                seconds = _seconds(response.headers.get("Retry-After", ""))
                raise RateLimited(f"the endpoint answered HTTP {status}", seconds)
            if status < 400:
                return _read(response, most)
            answer = _read(response, min(most, _LONGEST_REFUSAL))
            if _is_error(answer):  # JSON-RPC in an answer that HTTP calls a failure
                return answer
            if status == 413:
                raise TooLarge("the endpoint answered HTTP 413")
            raise RetryableChainError(f"the endpoint answered HTTP {status}")


def host_of(url: str) -> str:
    """What may be shown of an endpoint: its host, without path, user or query."""
    return urlsplit(url).hostname or "?"


def _read(response: requests.Response, most: int) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > most:
        raise BadAnswer("the endpoint's answer is too large")
    parts, size = [], 0
    for part in response.iter_content(_CHUNK):
        size += len(part)
        if size > most:
            raise BadAnswer("the endpoint's answer is too large")
        parts.append(part)
    return b"".join(parts)


def _is_error(answer: bytes) -> bool:
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return False
    entries = found if isinstance(found, list) else [found]
    return bool(entries) and all(
        isinstance(entry, dict) and isinstance(entry.get("error"), dict) for entry in entries
    )


def _seconds(said: str) -> float:
    """Retry-After: a number of seconds or a date (RFC 9110, 10.2.3)."""
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return _DEFAULT_REST


def _broken(error: requests.ConnectionError, waited: float, timeout: float) -> ChainError:
    """While the body is read, requests calls a time limit that ran out a broken connection."""
    is_late = bool(error.args) and isinstance(error.args[0], ReadTimeoutError)
    if is_late or waited >= timeout:
        return RetryableChainError(f"the endpoint did not answer in {waited:.0f} s")
    return RetryableChainError("the endpoint cannot be reached")
