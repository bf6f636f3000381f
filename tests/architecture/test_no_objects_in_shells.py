"""Pages, API, sockets, tasks and commands read through access.py and write through services.

So the name ``.objects`` has no business in them: one look there would pass the policy by.
"""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import modules, tree

APPLICATIONS = ("config", "incidents", "tracing")
SHELL_FOLDERS = ("views", "api", "management")
SHELL_MODULES = ("consumers.py", "tasks.py")


def is_shell(module: Path) -> bool:
    """Whether the rule covers this module."""
    return module.parts[0] in APPLICATIONS and (
        module.parts[1] in SHELL_FOLDERS or module.parts[1] in SHELL_MODULES
    )


def managers(parsed: ast.Module) -> list[int]:
    """The lines on which a model's manager is named."""
    names = {"objects", "_default_manager", "_base_manager"}
    return [
        node.lineno
        for node in ast.walk(parsed)
        if isinstance(node, ast.Attribute) and node.attr in names
    ]


def test_no_shell_asks_a_model_by_itself() -> None:
    shells = [module for module in modules() if len(module.parts) > 1 and is_shell(module)]
    assert len(shells) > 10
    found = {str(module): lines for module in shells if (lines := managers(tree(module)))}
    assert found == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Person.objects.get(pk=1)", [1]),
        ("queryset = Incident.objects", [1]),
        ("access.get_incident(member, public_id)", []),
    ],
)
def test_the_look_sees_a_manager_and_nothing_else(line: str, found: list[int]) -> None:
    assert managers(ast.parse(line)) == found
