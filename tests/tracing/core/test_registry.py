"""Discovery takes one plug-in per file and refuses everything else."""

import importlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tracing.core.errors import BadPlugin
from tracing.core.registry import discover


class Decoder(ABC):
    slug: str

    @abstractmethod
    def decode(self) -> None: ...


HEAD = f"from {__name__} import Decoder\n"
GOOD = "class {0}(Decoder):\n    slug = '{1}'\n    def decode(self): ...\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = tmp_path / "plugins_under_test"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "base.py").write_text("")
    (root / "one.py").write_text(HEAD + GOOD.format("One", "one"))
    monkeypatch.syspath_prepend(tmp_path)
    yield root
    for name in [name for name in sys.modules if name.startswith("plugins_under_test")]:
        del sys.modules[name]


def load() -> ModuleType:
    importlib.invalidate_caches()
    return importlib.import_module("plugins_under_test")


def test_each_file_adds_its_plugin(folder: Path) -> None:
    (folder / "two.py").write_text(
        "from plugins_under_test.one import One\n" + HEAD + GOOD.format("Two", "two")
    )
    found = discover(load(), Decoder)  # type: ignore[type-abstract]
    assert {slug: plugin.__name__ for slug, plugin in found.items()} == {"one": "One", "two": "Two"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD, "found 0"),
        (HEAD + "class Two(Decoder):\n    slug = 'two'\n", "found 0"),
        (HEAD + GOOD.format("Two", "two") + GOOD.format("Three", "three"), "found 2"),
        (HEAD + GOOD.format("Two", "one"), "taken by plugins_under_test.one"),
        (HEAD + GOOD.format("Two", ""), "no slug"),
    ],
)
def test_file_that_breaks_the_rule_is_refused(folder: Path, text: str, reason: str) -> None:
    (folder / "two.py").write_text(text)
    with pytest.raises(BadPlugin, match=reason) as refusal:
        discover(load(), Decoder)  # type: ignore[type-abstract]
    assert refusal.value.module == "plugins_under_test.two"
