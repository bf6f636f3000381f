"""An operator adds a chain: a real node, the right one or another."""

from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from config.embedded import ports
from config.embedded.node import Node, NodeOptions

if TYPE_CHECKING:
    from tracing.services.chains import ChainState

pytestmark = [pytest.mark.node, pytest.mark.django_db]

CHAIN = "eip155:31337"


def watch(chain: str, url: str, *more: str) -> tuple[str, str]:
    """What the command says, on both streams."""
    out, err = StringIO(), StringIO()
    call_command(
        "watch_chain", chain, "--name=Plain chain", f"--url={url}", *more, stdout=out, stderr=err
    )
    return out.getvalue(), err.getvalue()


def watched() -> "list[ChainState]":
    from tracing.services import chains

    return chains.watched()


def test_a_chain_is_watched_through_an_endpoint_that_serves_it(node: Node) -> None:
    said, warned = watch(CHAIN, f"{node.url}/?key=secret")
    assert said == (
        f"Plain chain ({CHAIN}) is watched through 127.0.0.1, newest block 0.\n"
        "There is a single source: nobody to compare its blocks with.\n"
    )
    assert warned == ""
    assert [(c.caip2, c.name, c.applied_block) for c in watched()] == [(CHAIN, "Plain chain", None)]


def test_the_same_operator_again_replaces_its_endpoint(node: Node) -> None:
    from tracing.models import Endpoint

    watch(CHAIN, f"{node.url}/?old")
    watch(CHAIN, f"{node.url}/?new")
    assert [e.url for e in Endpoint.objects.all()] == [f"{node.url}/?new"]
    watch(CHAIN, f"{node.url}/?newer", "--operator=LOCAL")
    assert [e.url for e in Endpoint.objects.all()] == [f"{node.url}/?newer"]


def test_a_second_operator_keeps_the_quorum_and_says_so(node: Node) -> None:
    from tracing.models import Chain, Endpoint

    watch(CHAIN, node.url)
    said, warned = watch(CHAIN, f"{node.url}/?key=secret", "--operator=spare")
    assert ("2 operators, and one of them is believed" in said, warned) == (True, "")
    assert Chain.objects.get().quorum == 1
    for operator, quorum in (("spare", 3), ("spare", 0), ("third", 9)):
        with pytest.raises(CommandError, match="quorum: A quorum is between 1 and"):
            watch(CHAIN, node.url, f"--operator={operator}", f"--quorum={quorum}")
    assert (Chain.objects.get().quorum, Endpoint.objects.count()) == (1, 2)
    said, _ = watch(CHAIN, node.url, "--operator=spare", "--quorum=2")
    assert "verified when 2 of 2 operators" in said
    said, _ = watch(CHAIN, node.url, "--operator=third")
    assert "verified when 2 of 3 operators" in said
    assert Chain.objects.get().quorum == 2


def test_where_a_chain_starts_is_settled_once(node: Node) -> None:
    from tracing.models import Chain

    watch(CHAIN, node.url, "--start=0")
    assert Chain.objects.get().cursor_number == -1
    with pytest.raises(CommandError, match=r"start: .*watched already"):
        watch(CHAIN, node.url, "--start=5")


@pytest.mark.parametrize(
    ("chain", "more", "reason"),
    [
        ("eip155:1", (), r"url: Wrong chain: expected eip155:1, the endpoint serves eip155:31"),
        ("ethereum", (), "chain: Write the chain as namespace:reference"),
        ("bip122:000000000019d6689c085ae165831e93", (), "chain: .*cannot be watched yet"),
        (CHAIN, ("--start=7",), "start: Block 7 is above the endpoint's newest, 0"),
        (CHAIN, ("--start=-1",), "start: The first block is a number"),
        (CHAIN, ("--name= ",), "name: A name has"),
        (CHAIN, ("--ws-url=http://127.0.0.1",), "ws_url: Write the endpoint's URL with ws://"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    node: Node, chain: str, more: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason) as refused:
        watch(chain, f"{node.url}/?key=secret", *more)
    assert "secret" not in str(refused.value)
    assert watched() == []


@pytest.mark.parametrize("url", ["ftp://secret@node.example", "secret", "http://[secret"])
def test_what_is_no_url_is_refused_unseen(node: Node, url: str) -> None:
    with pytest.raises(CommandError, match="url: Write the endpoint's URL") as refused:
        watch(CHAIN, url)
    assert "secret" not in str(refused.value)
    assert watched() == []


def test_a_node_that_is_down_is_said_without_its_address(node: Node) -> None:
    with pytest.raises(CommandError, match=r"url: No usable answer: .*cannot be reached") as down:
        watch(CHAIN, f"http://127.0.0.1:{ports.any_free()}/secret-key")
    assert "secret" not in str(down.value)
    assert watched() == []


def test_the_unit_of_the_chain_is_the_one_that_its_blocks_are_read_in(
    start_a_node: Callable[..., Node],
) -> None:
    from tracing.core.caip import native_asset
    from tracing.models import Chain

    polygon = start_a_node(NodeOptions(chain_id=137))
    watch("eip155:137", polygon.url)
    row = Chain.objects.get()
    assert (row.native_symbol, row.native_asset) == ("POL", native_asset("eip155:137"))
