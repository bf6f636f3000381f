"""The project's own Python files, parsed: what the architecture tests read."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "incidents", "tracing", "tests")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> tuple[Path, ...]:
    """Every module but the migrations, which Django writes, relative to the root."""
    found = [Path("manage.py")]
    for package in PACKAGES:
        found += [path.relative_to(ROOT) for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(path for path in found if "migrations" not in path.parts)


@cache
def tree(module: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse((ROOT / module).read_text(), str(module))


def functions(module: Path) -> Iterator[Function]:
    """Every function and method of a module, inner ones too."""
    for node in ast.walk(tree(module)):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def imported(module: Path) -> Iterator[str]:
    """The full names that a module imports, at its top or inside functions."""
    package = list(module.with_suffix("").parts[:-1])
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package[: len(package) - node.level + 1] if node.level else []
            yield ".".join([*parts, *([node.module] if node.module else [])])
