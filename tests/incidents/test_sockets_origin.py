"""Who may open a socket, and how much they may say over it: a real web process."""

import socket as sockets
from collections.abc import Iterator

import pytest

from config.origin import origin_of
from incidents import consumers
from incidents.consumers import TOO_LONG, TOO_MUCH
from tests.cast import Cast, make_cast
from tests.web import Socket, Web, running, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with running(tmp_path_factory.mktemp("web")) as started:
        yield started


@pytest.fixture
def cast(web: Web) -> Cast:
    return make_cast()


def foreign(port: int) -> dict[str, list[bytes]]:
    """Values of Origin headers that are not this site's, by what is tried."""
    host = f"localhost:{port}"
    tried = {
        "the null of a sandbox": "null",
        "another site": "https://evil.example",
        "another port": f"http://localhost:{port + 1}",
        "no port": "http://localhost",
        "the default port": "http://localhost:80",
        "https for http": f"https://{host}",
        "the scheme of sockets": f"ws://{host}",
        "a subdomain": f"http://evil.{host}",
        "a suffix": f"http://localhost.evil.example:{port}",
        "a prefix": f"http://evillocalhost:{port}",
        "a trailing dot": f"http://localhost.:{port}",
        "the address behind the name": f"http://127.0.0.1:{port}",
        "a person before it": f"http://evil@{host}",
        "it as a person": f"http://{host}@evil.example",
        "a path behind it": f"http://{host}/",
        "a fragment": f"http://evil.example#{host}",
        "a backslash": f"http://evil.example\\@{host}",
        "upper case": f"http://LOCALHOST:{port}",
        "no scheme": f"//{host}",
        "a leading zero": f"http://localhost:0{port}",
        "two in one": f"http://{host} http://evil.example",
        "an empty one": "",
        "look-alike letters": f"http://l\u043ecalhost:{port}",
        "the long s": f"http://localho\u017ft:{port}",
    }
    found = {name: [value.encode()] for name, value in tried.items()}
    own = f"http://{host}".encode()
    found["none at all"] = []
    found["two headers, the own first"] = [own, b"http://evil.example"]
    found["two headers, the own last"] = [b"http://evil.example", own]
    found["a tab within"] = [own[:-1] + b"\t" + own[-1:]]
    return found


def handshake(web: Web, slug: str, cookie: str, origins: list[bytes]) -> int:
    """The status that a handshake with these Origin headers gets. Plain bytes: no client of ours
    would send most of them."""
    lines = [
        f"GET /ws/incidents/{slug}/ HTTP/1.1".encode(),
        f"Host: localhost:{web.port}".encode(),
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version: 13",
        f"Cookie: sessionid={cookie}".encode(),
        *(b"Origin: " + value for value in origins),
    ]
    with sockets.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        return int(connection.recv(100).split(b" ")[1])


def test_twenty_and_more_foreign_origins_are_refused_and_the_own_is_not(
    web: Web, cast: Cast
) -> None:
    """With the cookie of somebody who may: only the page that asks is wrong."""
    cookie, slug = session_of(cast.people["lead"]), cast.incident.slug
    tried = foreign(web.port)
    assert len(tried) >= 20
    answers = {name: handshake(web, slug, cookie, values) for name, values in tried.items()}
    # 400: the server itself takes no such header. Either way no socket opens.
    assert {name for name, status in answers.items() if status not in (400, 403)} == set()
    assert handshake(web, slug, cookie, [web.url.encode()]) == 101


@pytest.mark.parametrize(
    ("site", "origin"),
    [
        ("https://Room.Example/", b"https://room.example"),
        ("https://room.example:443", b"https://room.example"),
        ("http://room.example:443", b"http://room.example:443"),
        ("https://b\u00fccher.example", b"https://xn--bcher-kva.example"),
        ("http://[::1]:8000", b"http://[::1]:8000"),
    ],
)
def test_the_own_origin_is_written_as_browsers_write_it(site: str, origin: bytes) -> None:
    assert origin_of(site) == origin


class TestWhatIsSaid:
    def open(self, web: Web, cast: Cast, who: str = "lead") -> Socket:
        socket = Socket(web, cast.incident.slug, cast.people[who])
        assert socket.frame() == {"type": "hello"}
        return socket

    def test_a_message_of_64_kib_is_read_and_a_longer_one_closes(
        self, web: Web, cast: Cast
    ) -> None:
        with self.open(web, cast) as socket:
            socket.connection.send("x" * consumers.LONGEST_MESSAGE)
            socket.connection.send("ping")
            assert socket.frame() == {"type": "pong"}
            socket.connection.send("x" * (consumers.LONGEST_MESSAGE + 1))
            assert socket.close_code() == TOO_LONG

    def test_a_flood_closes_the_socket_and_a_steady_ping_does_not(
        self, web: Web, cast: Cast
    ) -> None:
        with self.open(web, cast) as steady, self.open(web, cast) as flood:
            for _ in range(3 * consumers.BURST):
                flood.connection.send("ping")
            assert flood.close_code() == TOO_MUCH
            steady.connection.send("ping")
            assert steady.frame() == {"type": "pong"}

    def test_one_person_has_so_many_sockets_and_others_still_get_one(
        self, web: Web, cast: Cast
    ) -> None:
        opened = [self.open(web, cast) for _ in range(consumers.MOST_OF_ONE_PERSON)]
        try:
            with Socket(web, cast.incident.slug, cast.people["lead"]) as one_more:
                assert one_more.close_code() == TOO_MUCH
            with self.open(web, cast, "rival"):
                pass
        finally:
            for socket in opened:
                socket.__exit__(None, None, None)
