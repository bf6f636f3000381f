"""Sizes that CI refuses (STYLE: aim lower): a file or function that outgrew its one idea."""

from pathlib import Path

from tests.architecture.source import ROOT, functions, length, modules

MODULE_LINES = 400
FUNCTION_LINES = 60
TEST_LINES = 50
SHELL_LINES = 30


def limit(module: Path) -> int:
    """How long a function of this module may be."""
    if module.parts[0] == "tests":
        return TEST_LINES
    if is_shell(module):
        return SHELL_LINES
    return FUNCTION_LINES


def is_shell(module: Path) -> bool:
    """Views and tasks: they load, call one service and answer."""
    return module.parts[1:2] == ("views",) or module.parts[1:] == ("tasks.py",)


def test_no_module_is_longer_than_400_lines() -> None:
    sizes = {str(module): len((ROOT / module).read_text().splitlines()) for module in modules()}
    assert {name: size for name, size in sizes.items() if size > MODULE_LINES} == {}


def test_no_function_is_longer_than_its_kind_allows() -> None:
    too_long = {
        f"{module}:{function.lineno} {function.name}": length(function)
        for module in modules()
        for function in functions(module)
        if length(function) > limit(module)
    }
    assert too_long == {}


def test_limits_know_their_kinds() -> None:
    assert limit(Path("incidents/views/room.py")) == SHELL_LINES
    assert limit(Path("tracing/tasks.py")) == SHELL_LINES
    assert limit(Path("incidents/services/freezes.py")) == FUNCTION_LINES
    assert limit(Path("tests/incidents/test_room.py")) == TEST_LINES
