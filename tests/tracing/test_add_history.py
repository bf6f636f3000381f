"""An operator adds a history: it is asked first, and its URL is never said."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.embedded.node import Node
from tests.tracing.explorer import Explorer, refusal, saying

pytestmark = [pytest.mark.node, pytest.mark.django_db]
CHAIN = "eip155:31337"


@pytest.fixture
def explorer(node: Node, monkeypatch: pytest.MonkeyPatch) -> Iterator[Explorer]:
    from tracing.services import endpoints

    monkeypatch.setattr("tracing.chains.evm_explorer_http.PACE", 0.0)
    endpoints.configure(CHAIN, name="Test chain", url=node.url, start=0)
    made = Explorer(node)
    yield made
    made.close()


def add(*options: Any, chain: str = CHAIN) -> str:
    said = StringIO()
    call_command("add_history", chain, "--operator=explorer", *options, stdout=said)
    return said.getvalue()


def test_a_history_that_answers_is_used(explorer: Explorer, tmp_path: Path) -> None:
    from tracing.models import Endpoint

    kept = tmp_path / "url"
    kept.write_text(f"{explorer.url}\n")
    assert add(f"--url-file={kept}") == "Test chain: explorer is asked about the past.\n"
    add("--url", explorer.url.replace("secret-key", "other-key"))
    (row,) = Endpoint.objects.filter(kind="history")
    assert "other-key" in row.url
    assert "other-key" not in f"{row} {row!r}"


def test_one_that_does_not_is_refused(explorer: Explorer) -> None:
    from tracing.models import Endpoint

    explorer.moods = [saying(refusal("Invalid API Key secret-key"))]
    with pytest.raises(CommandError, match="does not accept the key") as refused:
        add("--url", explorer.url)
    assert "secret-key" not in str(refused.value)
    with pytest.raises(CommandError, match="http://") as refused:
        add("--url", "ftp://secret-key")
    assert "secret-key" not in str(refused.value)
    with pytest.raises(CommandError, match="not watched here"):
        add("--url", explorer.url, chain="eip155:5")
    with pytest.raises(CommandError, match="absent"):
        add("--url-file", "/absent")
    assert not Endpoint.objects.filter(kind="history").exists()
