"""``manage.py add_chain``: chains from files, endpoints whose URLs stay out of the process list."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from config.embedded.node import Node
from tests.tracing.test_chain_administration import CAIP2, KEY, OWN, url_of

if TYPE_CHECKING:
    from tracing.models import Chain

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def add(*arguments: str) -> tuple[str, str]:
    """What the command says, on both streams."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("add_chain", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        err.write(f"{error}\n")
    assert KEY not in out.getvalue() + err.getvalue()
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "own.toml"
    found.write_text(OWN)
    return found


@pytest.fixture
def url_file(tmp_path: Path, node: Node) -> Path:
    found = tmp_path / "url"
    found.write_text(f"{url_of(node)}\n")
    return found


def row() -> "Chain":
    from tracing.models import Chain

    return Chain.objects.get()


def test_the_chains_that_ship_are_listed() -> None:
    said, _ = add("--list")
    assert len(said.splitlines()) == 11
    assert "polygon    eip155:137     Polygon PoS" in said


def test_a_shipped_chain_is_added_by_name_without_asking_anybody() -> None:
    said, _ = add("Gnosis")
    assert "Gnosis (eip155:100) is known here" in said
    assert (row().native_symbol, row().is_watched, row().quorum) == ("xDAI", False, 2)
    said, warned = add("atlantis")
    assert "No such chain ships" in warned


def test_endpoints_come_from_files_variables_and_the_standard_input(
    file: Path, url_file: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracing.models import ChainAct, Endpoint

    monkeypatch.setenv("BETA_URL", url_of(node))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{url_of(node)}\n"))
    said, warned = add(
        str(file),
        f"--endpoint-file=alpha={url_file}",
        "--endpoint-env=beta=BETA_URL",
        "--endpoint-file=gamma=-",
        "--start=0",
    )
    assert warned == ""
    assert all(f"{who}: kept, newest block 0." in said for who in ("alpha", "beta", "gamma"))
    assert "A block is verified when 2 of 3 operators agree." in said
    assert {e.url for e in Endpoint.objects.all()} == {url_of(node)}
    assert (row().caip2, row().cursor_number, row().is_watched) == (CAIP2, -1, True)
    # Again with another spelling: the same operator, no new voice.
    add(str(file), f"--endpoint-file=ALPHA={url_file}", "--quorum=3")
    assert (Endpoint.objects.count(), row().quorum) == (3, 3)
    assert {act.who for act in ChainAct.objects.all()} == {"console"}


def test_a_url_with_a_key_on_the_command_line_is_warned_of(file: Path, node: Node) -> None:
    _, warned = add(str(file), f"--endpoint=alpha={url_of(node)}", "--quorum=1")
    assert "shows in the list of processes" in warned
    said, warned = add(str(file), f"--endpoint=beta={node.url}")
    assert warned == ""
    assert "single source" in said


def test_a_file_may_name_where_its_endpoints_urls_are(
    file: Path, url_file: Path, tmp_path: Path
) -> None:
    from tracing.models import Endpoint

    file.write_text(f'{OWN}[[endpoints]]\noperator = "alpha"\nurl_file = "{url_file}"\n')
    said, _ = add(str(file))
    assert "alpha: kept" in said
    assert "2 operators must agree and 1 can answer" in said
    file.write_text(f'{OWN}[[endpoints]]\noperator = "beta"\nurl_file = "{tmp_path}/absent"\n')
    _, warned = add(str(file))
    assert "cannot be read: No such file" in warned
    assert "Not kept: beta." in warned
    assert [e.operator for e in Endpoint.objects.all()] == ["alpha"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--endpoint-file=alpha"], "OPERATOR=WHERE"),
        (["--endpoint-env=alpha=NOT_SET"], "NOT_SET holds no URL"),
        (["--endpoint=alpha=ftp://x/K3YK3YK3YK3Y"], "http:// or https://"),
        (["--endpoint=alpha=http://127.0.0.1:1/K3YK3YK3YK3Y"], "No usable answer"),
        (["--quorum=0"], "Between 1 and 15"),
    ],
)
def test_what_does_not_fit_is_said(file: Path, arguments: list[str], said: str) -> None:
    from tracing.models import Endpoint

    _, warned = add(str(file), *arguments)
    assert said in warned
    assert not Endpoint.objects.exists()


def test_a_chain_that_watch_chain_connects_takes_what_ships_of_it(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its finality and what is recomputed; without a file of it, the row's own defaults."""
    from tracing.chains import shipped
    from tracing.services import endpoints

    ships = shipped.parse(OWN.replace("quorum = 2", 'quorum = 2\ncommitments = ["header"]'))
    endpoints.connect(CAIP2, name="Mine", url=node.url)
    assert (row().final_depth, row().commitments) == (64, [])
    row().endpoints.all().delete()
    row().delete()
    monkeypatch.setattr(shipped, "by_caip2", lambda: {CAIP2: ships})
    endpoints.connect(CAIP2, name="Mine", url=node.url)
    assert (row().name, row().final_depth, row().commitments) == ("Mine", 12, ["header"])
    assert row().quorum == 1
