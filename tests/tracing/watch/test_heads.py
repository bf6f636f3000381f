"""News of new blocks end the watcher's idle moment. Sockets that are silent, dead or lie cost time
at most, and never a block."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from websockets.sync.server import ServerConnection, serve

from config.embedded.node import Node, NodeOptions
from tracing.chains.evm_heads import Listener

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

KEY = "c4n4ry-key"
HEAD = '{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":{}}}'


def ws_url(node: Node) -> str:
    return node.url.replace("http", "ws") + f"/?key={KEY}"


@contextmanager
def listening(url: str, **options: float) -> Iterator[tuple[Listener, threading.Event]]:
    news = threading.Event()
    listener = Listener(url, news.set, **options)
    listener.start()
    yield listener, news
    listener.close()
    listener.join(3)


@contextmanager
def socket_that(behave: Callable[[ServerConnection], None]) -> Iterator[str]:
    """A server whose connections do as they are told."""
    with serve(behave, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/{KEY}"
        server.shutdown()


def comes(news: threading.Event, make: Callable[[], object], seconds: float = 5.0) -> bool:
    """Whether there is news before the time is up, while ``make`` is done again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        make()
        if news.wait(0.3):
            return True
    return False


def test_a_block_of_a_real_node_is_news_at_once(node: Node) -> None:
    with listening(ws_url(node)) as (listener, news):
        assert comes(news, lambda: node.call("evm_mine"))  # it listens from now on
        time.sleep(0.3)
        news.clear()
        started = time.monotonic()
        node.call("evm_mine")
        assert news.wait(2)
        assert time.monotonic() - started < 0.5
        assert listener.heard_at is not None


def test_a_node_that_comes_back_is_listened_to_again(
    start_a_node: Callable[..., Node],
) -> None:
    node = start_a_node(NodeOptions(base_fee=0))
    with listening(ws_url(node)) as (_, news):
        assert comes(news, lambda: node.call("evm_mine"))
        node.supervisor.stop(node.name)
        news.clear()
        assert not news.wait(0.5)
        from config.embedded.node import start_node

        again = start_node(node.supervisor, node.port, node.options, name="again")
        assert comes(news, lambda: again.call("evm_mine"), seconds=15)


def test_a_silent_socket_is_left_for_a_new_one(node: Node) -> None:
    asked = []

    def silent(connection: ServerConnection) -> None:
        asked.append(connection.recv())
        time.sleep(5)

    with socket_that(silent) as url, listening(url, silence=0.6) as (listener, news):
        until = time.monotonic() + 6
        while len(asked) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(asked) >= 2
        assert (news.is_set(), listener.heard_at) == (False, None)


@pytest.mark.parametrize(
    "message",
    ["<html>", "[]", "null", '{"id":1,"error":{"code":-32601,"message":"no"}}', '{"id":1}'],
)
def test_what_is_no_block_is_no_news(message: str) -> None:
    def talk(connection: ServerConnection) -> None:
        connection.recv()
        connection.send(message)
        time.sleep(1)

    with socket_that(talk) as url, listening(url) as (_, news):
        assert not news.wait(0.8)


def test_the_watcher_applies_a_block_when_a_socket_tells_of_it(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    """With polling as slow as a minute, so that it can only be the socket."""
    from tracing.models import Endpoint
    from tracing.watch import heads

    monkeypatch.setattr(heads, "PAUSE", 60.0)
    monkeypatch.setattr(heads, "PAUSE_WITH_NEWS", 60.0)
    Endpoint.objects.update(ws_url=ws_url(town.node))
    alarm = heads.Alarm(town.chain)
    with alarm:
        mined = threading.Timer(1.0, town.mine)
        mined.start()
        started = time.monotonic()
        alarm.wait()
        assert time.monotonic() - started < 10
    mined.join()
    town.follow()
    town.check()


def test_a_socket_that_floods_or_is_silent_costs_time_at_most(town: "Town") -> None:
    from tracing.models import Endpoint
    from tracing.watch import heads

    def flood(connection: ServerConnection) -> None:
        connection.recv()
        while True:
            connection.send(HEAD)

    with socket_that(flood) as url:
        Endpoint.objects.update(ws_url=url)
        with heads.Alarm(town.chain) as alarm:
            time.sleep(1.0)
            assert alarm.is_heard()
            started = time.monotonic()
            for _ in range(5):
                alarm.wait()
            assert 5 * heads.SHORTEST <= time.monotonic() - started < 2
    Endpoint.objects.update(ws_url="ws://127.0.0.1:1/nobody")
    for url in ("ws://127.0.0.1:1/nobody", ""):
        Endpoint.objects.update(ws_url=url)
        with heads.Alarm(town.chain) as alarm:
            started = time.monotonic()
            alarm.wait()
            assert time.monotonic() - started < 3 * heads.PAUSE + 0.2
            assert not alarm.is_heard()
    town.mine(2)
    town.watcher.run(seconds=1)
    assert town.canonical() == town.on_chain()


def test_the_address_of_a_socket_is_in_no_log(
    node: Node, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        for url in (ws_url(node), f"ws://127.0.0.1:1/{KEY}", f"ws://[{KEY}", f"http://{KEY}/"):
            with listening(url) as (listener, news):
                news.wait(0.3)
                node.call("evm_mine")
                news.wait(0.3)
                assert KEY not in f"{listener!r}{vars(listener)!r}"
    out, err = capfd.readouterr()
    assert KEY not in caplog.text + out + err
