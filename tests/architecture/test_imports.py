"""What may be imported where: what import-linter's graph of modules cannot tell."""

import subprocess
import sys

import pytest

from tests.architecture.source import ROOT, imported, modules

PLAIN = ("core", "chains", "bridges", "issuers", "mixers", "labels")


@pytest.mark.parametrize("package", PLAIN)
def test_package_loads_without_django(package: str) -> None:
    """Really imported, every module of it: what a library pulls in counts as well."""
    names = [
        ".".join(module.with_suffix("").parts).removesuffix(".__init__")
        for module in modules()
        if module.parts[:2] == ("tracing", package)
    ]
    assert names
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'django', 'celery'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_embedded_services_load_without_django() -> None:
    script = "import sys, config.embedded.stack; print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_web3_lives_in_one_module() -> None:
    users = {
        str(module)
        for module in modules()
        if module.parts[0] != "tests"
        and any(name.split(".")[0] == "web3" for name in imported(module))
    }
    assert len(users) <= 1
    assert all(user.startswith("tracing/chains/evm") for user in users)


def test_services_and_models_import_no_tasks() -> None:
    """They enqueue by name, on commit; a sweeper finds what a dead broker lost."""
    found = {
        str(module): name
        for module in modules()
        if module.parts[0] in ("incidents", "tracing") and module.parts[1:] != ("tasks.py",)
        for name in imported(module)
        if name in ("incidents.tasks", "tracing.tasks")
    }
    assert found == {}


def test_oracle_imports_only_the_standard_library() -> None:
    places = {("drills", "oracle.py"), ("drills", "oracle_policies.py")}
    found = [module for module in modules() if module.parts[-2:] in places]
    assert len(found) == len(places)
    foreign = {
        name
        for module in found
        for name in imported(module)
        if name.split(".")[0] not in sys.stdlib_module_names
    }
    assert {name for name in foreign if not name.startswith("tracing.drills.oracle")} == set()
