"""Who may read rows of a room for a person, and that services say whom they read for."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import Function, modules, tree

# access.py, and the places of tracing that read for a viewer: each cuts by `access.visible`.
READING = {
    "incidents/access/packets.py",
    "incidents/access/pact.py",
    "incidents/access/reading.py",
    "incidents/access/recipients.py",
    "incidents/access/seats.py",
    "incidents/services/addresses.py",  # accepted_returns
    "incidents/services/answers.py",  # seen, held_amounts
    "tracing/services/crossings.py",
    "tracing/services/flow_tables.py",
    "tracing/services/holdings.py",
    "tracing/services/labels.py",
    "tracing/services/lookbacks.py",
    "tracing/services/movements.py",
    "tracing/services/overview.py",
    "tracing/services/ports.py",
    "tracing/services/prices.py",
    "tracing/services/provenance.py",
    "tracing/services/ranges.py",
    "tracing/services/traces.py",
}


def test_scoped_rows_are_read_where_the_policy_cuts_them() -> None:
    users = {
        str(module)
        for module in modules()
        if module.parts[0] in ("config", "incidents", "tracing")
        and module != Path("incidents/models/fenced.py")
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and node.attr == "scoped"
    }
    assert users == READING


def services() -> Iterator[Path]:
    for module in modules():
        if module.parts[:2] in (("incidents", "services"), ("tracing", "services")):
            yield module


def untrusted(parsed: ast.Module) -> list[str]:
    """Public functions of a module with a transaction of their own that nobody trusts."""
    return [node.name for node in parsed.body if isinstance(node, Function) and _forgot(node)]


def _forgot(function: Function) -> bool:
    names = [ast.unparse(one) for one in function.decorator_list]
    atomic = [place for place, name in enumerate(names) if name.startswith("transaction.atomic")]
    if function.name.startswith("_") or not atomic:
        return False
    return "scope.trusted" not in names[: atomic[0]]


def test_every_service_says_that_it_is_trusted_before_its_transaction_begins() -> None:
    found = {str(module): names for module in services() if (names := untrusted(tree(module)))}
    assert found == {}
    assert len(list(services())) > 40


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("@transaction.atomic\ndef act(): ...", ["act"]),
        ("@transaction.atomic\n@scope.trusted\ndef act(): ...", ["act"]),
        ("@scope.trusted\n@transaction.atomic(savepoint=False)\ndef act(): ...", []),
        ("@transaction.atomic\ndef _inner(): ...", []),
        ("def read(viewer): ...", []),
    ],
)
def test_the_look_sees_what_was_forgotten(source: str, names: list[str]) -> None:
    assert untrusted(ast.parse(source)) == names
